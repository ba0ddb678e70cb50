using System.Numerics;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Speakers;

/// <summary>
/// Words of failure, grouped by meaning: a description, their weight, and words that cancel them (<c>0 failed</c>, <c>without error</c>,
/// <c>errors=remount-ro</c>).
/// </summary>
internal static class TroubleWords
{
    /// <param name="Tells">The group in words, for "reported …".</param>
    /// <param name="Words">Each begins at a letter's edge, unless it begins with a blank or a sign.</param>
    private sealed record Group(string Tells, Gravity Gravity, params string[] Words);

    private static readonly Group[] Groups =
    [
        new("read or write errors", Gravity.Grave, "I/O error", "IO error", "i/o error", "I/O Error", "IO failure", "Medium Error",
            "medium error",
            "Unrecovered read", "media error", "Media error", "bad sector", "read error", "write error", "Read error", "Write error",
            "Input/output error", "pending sectors", "Bus error", "metadata IO", "Buffer I/O", "lost page write",
            "lost async page write", "Read-error", "Write-error", "all Fs", "all F's",
            "page discard on"),
        new("uncorrected errors", Gravity.Grave, "uncorrect", "Uncorrect", "UNCORRECT", "unrecoverable", "Unrecoverable",
            "irrecoverable", 
            "hardware error", "Hardware error", "hw attention", "HW attention", "poison", "SError", "parity error",
            "Parity error", "ECC error"),
        new("damaged data", Gravity.Grave, "corrupt", "Corrupt", "CORRUPT", "checksum error", "checksum verify", "checksum mismatch",
            "csum failed", "bad tree block", "bad magic", "bad superblock", "Bad magic", "inconsistent state",
            "Structure needs cleaning", "Metadata CRC", "data loss", "loss of data", "bad inode", "Bad inode"),
        new("a hang", Gravity.Grave, "hung_queue", "hang", "Hang", "HANG", "hung", "Hung", "stuck", "Stuck", "lockup", "Lockup", "LOCKUP",
            "stalled", "stall on", "wedged", "starved",
            "blocked for more", "deadlock", "live lock", "livelock"),
        new("a stop", Gravity.Grave, "not operational", "non-operational", "inoperable", "inoperative", "not functional", "malfunction",
            "has stopped", "stopped working", "stopped responding", "heartbeat stop", "missed heartbeat", "halted",
            "out of service", "not working", "Disabling the board", "disabling adapter", "Disabling adapter",
            "disabling controller", "Disabling controller", "Rx/Tx is disabled", "will not be initialized", "has been shut down",
            "will be shutdown",
            "will be shut down", "Detaching the device", "controller unavailable"),
        new("no answer", Gravity.Grave, "not respond", "no response", "No response", "unresponsive", "did not respond", "no answer",
            "not answer",
            "didn't respond", "non-responsive", "non-responding", "no reply",
            "not alive", "not come back", "not accepting address", "unable to enumerate", "Not responding"),
        new("a time-out", Gravity.Plain, "timeout", "Timeout", "TIMEOUT", "timed out", "Timed out", "timed-out", "time out", "Time out",
            "time-out", "timedout", "ETIMEDOUT",
            "error -110", "(-110)", "TIMED_OUT", "TimedOut", "tx_timeout"),
        new("a loss", Gravity.Plain, "lost", "Lost", "went away", "has gone", "is gone", "are gone", "device gone", "Device gone",
            "link gone", "gone bad", "disappeared",
            "vanished", "fell off", "fallen off",
            "removed during", "closed socket", "not accessible", "inaccessible", "surprise removal", "surprise down", "Surprise Down",
            "unexpected removal", "disconnected"),
        new("that it is offline", Gravity.Grave, "offlined", "taken offline", "set offline", "is offline", "going offline",
            "offline device", "rejecting I/O",
            "setting offline", "port offline", "channel offline", "OFFLINE", "is down; ", "device offline", "Shutting down filesystem"),
        new("unreachable", Gravity.Plain, "unreachable", "Unreachable", "no route", "No route", "Connection refused",
            "connection refused",
            "Connection reset", "Name or service not known", "name resolution", "host is down", "Host is down", "EHOSTDOWN"),
        new("a crash", Gravity.Grave, "panic", "Oops", "BUG:", "segfault", "Segmentation fault", "SEGV", "core dump", "dumped core",
            "Aborted", "crashed",
            "assertion", "Assertion", "ASSERT", "general protection", "invalid opcode", "unhandled signal", "bad frame", "double free",
            "invalid pointer", "terminated abnormally", "Bus error", "Illegal instruction", "stack smashing", "signal 11", "signal 6",
            "signal 7",
            "fatal signal", "Attempted to kill", "Call Trace:", "Call trace:", "Backtrace:"),
        new("a fatal error", Gravity.Grave, "fatal", "Fatal", "FATAL", "critical error", "catastroph", "Catastroph", "giving up",
            "Giving up", "Giving Up", "gave up", "give up",
            "BTRFS critical", "BTRFS emergency", "will not boot", "never delivered",
            "died", " dead", "Dead", "fencing this", "unusable", "irreparab", "cannot continue", "can't continue", "Cannot continue"),
        new("a failure to recover", Gravity.Grave, "failed to recover", "attempting to recover", "trying to recover",
            "error recovery", "recovery process", "cannot reset", "can't reset",
            "recovery failed", "Recovery failed", "reset failed",
            "Reset failed", "failed to reset",
            "unable to recover", "not recovered", "will reset", "Reset adapter", "Resetting controller", "resetting adapter",
            "Resetting adapter", "reset adapter",
            "controller reset", "adapter reset", "GPU reset", "Fault State", "fault state", "Fault Event", "in fault", "fault_state"),
        new("an emergency shell", Gravity.Grave, "emergency mode", "emergency shell", "Emergency Shell", "Emergency Mode",
            "dracut-emergency", "maintenance shell",
            "Dropping to", "dropping to", "Entering emergency", "sulogin"),
        new("a lack of space or memory", Gravity.Grave, "out of memory", "Out of memory", "out of space", "No space left",
            "no space left", "not enough memory",
            "Cannot allocate memory", "cannot allocate memory", "allocation failure", "oom-kill", "insufficient memory",
            "Not enough memory", "ran out of", "Ran out of", "run out of", "running out of", "no memory for", "No memory for",
            "no vector available",
            "Insufficient memory", "ENOSPC", "ENOMEM",
            "table full", "limit exceeded", "limit reached", "quota exceeded", "exhausted", "rejected by pids", "out of resources",
            "no free"),
        new("a read-only file system", Gravity.Grave, "filesystem read-only", "file system read-only", "forced readonly",
            "Read-only file system"),
        new("heat", Gravity.Grave, "critical temperature", "overheat", "Overheat", "over temperature", "thermal shutdown",
            "Thermal shutdown", "over-temperature", "over current", "over-current",
            "temperature too high", "Temperature too high", "temperature exceed", "Temperature exceed", "Temperature Threshold",
            "Overtemperature", "exceeds maximum allowed", "HARDWARE PROTECTION", "missing power", "power fault", "Power fault",
            "undervoltage", "Under-voltage", "power loss", "overcurrent"),
        new("a failed member", Gravity.Grave, "Disk failure", "disk failure", "drive failure", "degraded", "Degraded", "kicking",
            "failing", "Failing", "predictive",
            "SMART error", "SMART Error", "SMART self-check", "SMART failure", "SMART Failure", "SMART health", "FAILED SMART",
            "Failed SMART", "SMART status", "SMART overall", "SMART fail", "faulty", "Faulty", "not enough operational",
            "missing device", "Remaining active paths", "Failing path",
            "been suspended", "is suspended", "are suspended", "pool suspended", "I/O suspended", "suspended state"),
        new("failures", Gravity.Plain, "fail", "Fail", "FAIL", "unsuccessful", "Unsuccessful", "aborted", "aborting", "Aborting",
            // How systemd names the end of a process: status=1/FAILURE.
            "/FAILURE", "/INVALIDARGUMENT", "/NOTIMPLEMENTED", "/NOPERMISSION", "/NOTINSTALLED", "/NOTCONFIGURED", "/EXCEPTION",
            "code=dumped",
            "abort ", "ABORT", "Abort "),
        new("errors", Gravity.Plain, "error", "Error", "ERROR", "err ", "Err ",
            // A negative number is an error number of the kernel: rc=-22, (ret -5), returned -12.
            "error=-", "errno=-", "err=-", "err:-", "ret=-", "rc=-", "rc:-", "rc -", "rc: -", "rc = -", "ret -", "ret: -", "ret:-",
            "ret = -", "err = -", "err: -", "returned -", "returned: -", "returned=-", "returns -", "status=-", "status -", "status: -",
            "retval=-", "retval -", "retval = -"),
        new("faults", Gravity.Plain, "unstable", "is broken", "did not stop", "wrong fs type", "No key available", "fault", "Fault",
            "FAULT", "violation", "Violation", "illegal", "Illegal",
            "unhandled", "Unhandled", "exception", "BUG!", "leaked", "leaking", "Leaked", "leak start", "leak: ", "count leak", "malformed",
            "Malformed", "out of bounds", "truncated",
            "Truncated"),
        new("that it cannot do something", Gravity.Plain, "cannot", "Cannot", "can't", "Can't", "can not ", "could not", "Could not",
            "couldn't", "Couldn't",
            "did not complete", "did not load", "did not finish", "did not start", "did not become", "did not come", "did not clear",
            "did not accept", "did not return", "did not get", "did not reach", "didn't complete", "didn't load", "didn't finish",
            "didn't start", "didn't clear", "not completed", "never completed", "not allocated", "only able to allocate", "no way to ",
            "not enough ", "Not enough ", "is full", "ring full", "reboot server", "Please reboot",
            "unable", "Unable", "not possible", "impossible", "incorrect", "Incorrect", "not correct", "out of order"),
        new("a refusal", Gravity.Plain, "disagrees about version", "version magic", "refused", "Refused", "refusing", "Refusing",
            "rejected", "Rejected",
            "has to run as root", "must be run as root", "must be root", "need to be root", "requires root", "are you root?",
            "root privileges",
            "denied", "Denied", "not permitted", "not allowed", "prohibited"),
        new("a kill", Gravity.Plain, "killed", "Killed", "Killing", "killing", "terminated by"),
        new("what is not valid", Gravity.Weak, "invalid", "Invalid", "INVALID", "bad ", "Bad ", "mismatch", "wrong", "broken",
            "inconsistent", "Inconsistent", "unexpected",
            "Unexpected", "Mismatch", "Wrong", "Bogus", "bad checksum", "not valid", "illegal", "bogus", "out of range", "overlap",
            "overwritten"),
        new("what is missing", Gravity.Weak, "not supported", "unsupported", "not found", "Not found", "No such", "missing", "Missing",
            "does not exist",
            "doesn't exist", "not available",
            "nonexistent", "No init", "no such", "no crashkernel", "Not ready", "not ready"),
        new("warnings", Gravity.Weak, "WARNING:", "Warning:", "warning:", "WARNING"),
        new("resets", Gravity.Weak, "reset", "Reset", "RESET", "restart", "retry", "retries", "dropp", "Dropp", "overflow", "overrun",
            "underrun", "exceed",
            "Exceed", "blocked", "stopped", "throttl", "degrad"),
    ];

    /// <summary>Resets and restarts: a single one means nothing, many do.</summary>
    public static ulong Repeating { get; } = 1UL << Array.FindIndex(Groups, g => g.Tells == "resets");

    /// <summary>Invalid, wrong, unexpected: whoever reads what it wrote itself finds it so only where it is damaged.</summary>
    public static ulong NotValid { get; } = 1UL << Array.FindIndex(Groups, g => g.Tells == "what is not valid");

    private static readonly SignTable Texts = new(Groups.SelectMany((g, i) => g.Words.Where(w => w.Length >= 4).Select(w => (i, w))));

    /// <summary>Every line with a problem contains one of these.</summary>
    public static IReadOnlyList<string> Signs { get; } =
        [.. Groups.SelectMany(g => g.Words).Where(w => w.Length >= 4).Distinct(StringComparer.Ordinal)];


    /// <summary>The groups that the text tells of, as bits; the heaviest in <paramref name="gravity"/>.</summary>
    public static ulong In(ReadOnlySpan<char> text, out Gravity gravity)
    {
        ulong all = Texts.ReadersOf(text), real = 0;
        gravity = Gravity.None;
        for (ulong left = all; left != 0; left &= left - 1)
        {
            int i = BitOperations.TrailingZeroCount(left);
            if (!Stands(text, Groups[i]))
                continue;
            real |= 1UL << i;
            gravity = (Gravity)Math.Max((int)gravity, (int)Groups[i].Gravity);
        }
        return real;
    }

    /// <summary>The groups in words, heaviest first: <c>a time-out, failures</c>.</summary>
    public static string Tell(ulong groups)
    {
        var words = new List<string>();
        foreach (Group group in Groups.Where((_, i) => (groups & (1UL << i)) != 0).OrderByDescending(g => g.Gravity).Take(3))
            words.Add(group.Tells);
        return words.Count switch { 0 => "trouble", 1 => words[0], _ => $"{string.Join(", ", words.SkipLast(1))} and {words[^1]}" };
    }

    private static bool Stands(ReadOnlySpan<char> text, Group group)
    {
        foreach (string word in group.Words)
        {
            for (int from = 0; from < text.Length;)
            {
                int at = text[from..].IndexOf(word, StringComparison.Ordinal);
                if (at < 0)
                    break;
                at += from;
                if (Real(text, at, word))
                    return true;
                from = at + word.Length;
            }
        }
        return false;
    }

    /// <summary>Names of states are joined by a line: <c>CTXSW_TIMEOUT</c>, <c>SCHED_ERROR</c>.</summary>
    private static bool IsCode(string word, ReadOnlySpan<char> behind) =>
        word is "TIMEOUT" or "ERROR" or "FAULT" or "HANG" && (behind.IsEmpty || !char.IsAsciiLetter(behind[0]));

    private static bool Real(ReadOnlySpan<char> text, int at, string word)
    {
        char before = at > 0 ? text[at - 1] : ' ';
        if (char.IsAsciiLetter(word[0]) && (char.IsAsciiLetterOrDigit(before) ||
            before is '-' or '.' or '/' or '=' || (before == '_' && !IsCode(word, text[(at + word.Length)..]))))
            return false;
        ReadOnlySpan<char> behind = text[(at + word.Length)..];
        // panic=1, errors=remount-ro, timeout: 30: settings. A path or a longer name is no word either.
        int end = 0;
        while (end < behind.Length && char.IsAsciiLetter(behind[end]))
            end++;
        if (Continued(word, behind[..end]))
            return false;
        ReadOnlySpan<char> next = behind[end..];
        if (next.Length > 0 && (next[0] is '=' or '_' || (next[0] is '-' or '.' or '/' && next.Length > 1 &&
            char.IsAsciiLetter(next[1]) && word[0] is not ('n' or 'I'))))
            return false;
        if (IsHexNumber(text[at..].TrimStart(' ')))
            return false;
        if (IsUnset(next) || CountOfZero(next) || next.StartsWith("(s): 0", StringComparison.Ordinal))
            return false;
        ReadOnlySpan<char> ahead = text[..at];
        foreach (string negation in (ReadOnlySpan<string>)["no ", "No ", "without ", ", 0 ", "(0 ", ": 0 ", "with 0 ", "and 0 ",
            "any ", "ignore ", "non-", "non ",
            "reports ", "zero "])
        {
            if (ahead.EndsWith(negation, StringComparison.Ordinal) || (negation.Length > ahead.Length &&
            ahead.SequenceEqual(negation.AsSpan().Trim())))
                return word.StartsWith("no ", StringComparison.Ordinal);
        }
        return true;
    }

    /// <summary>A field of JSON that says no: <c>"Dead": false</c>, <c>"Error": ""</c>.</summary>
    private static bool IsUnset(ReadOnlySpan<char> next)
    {
        if (!next.StartsWith("\":", StringComparison.Ordinal))
            return false;
        ReadOnlySpan<char> value = next[2..].TrimStart(' ');
        return value.StartsWith("false", StringComparison.Ordinal) || value.StartsWith("null", StringComparison.Ordinal) ||
            value.StartsWith("\"\"", StringComparison.Ordinal);
    }

    /// <summary>Another word that only begins the same: hangout, Hungarian, deadline.</summary>
    private static bool Continued(string word, ReadOnlySpan<char> letters) => word switch
    {
        "hang" or "Hang" or "hung" or "Hung" => letters is not ("" or "s" or "ing" or "ed" or "up" or "ups" or "check"),
        " dead" or "Dead" => letters is not ("" or "lock" or "locked" or "locks"),
        _ => false,
    };

    /// <summary>A register or pointer that begins like a word: <c>dead000000000100</c> (a poisoned list), <c>dead4ead</c>.</summary>
    private static bool IsHexNumber(ReadOnlySpan<char> text)
    {
        int end = 0;
        while (end < text.Length && char.IsAsciiHexDigit(text[end]))
            end++;
        return end >= 8 && (end == text.Length || !char.IsAsciiLetter(text[end]));
    }

    /// <summary><c>: 0</c>, <c>: 0x0</c> and nothing but zero.</summary>
    private static bool CountOfZero(ReadOnlySpan<char> next)
    {
        if (next.Length < 2 || next[0] is not (':' or '=' or ' '))
            return false;
        ReadOnlySpan<char> value = next.TrimStart(": =");
        if (value.IsEmpty || value[0] != '0')
            return false;
        value = value.TrimStart("0x");
        return value.IsEmpty || value[0] is ',' or ';' or ' ' or ')';
    }
}
