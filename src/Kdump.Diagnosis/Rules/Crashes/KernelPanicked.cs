using System.Globalization;
using Kdump.Diagnosis.Crashes;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>
/// The kernel stopped on purpose: because somebody asked, because it could not go on, or because a setting makes a report the end.
/// </summary>
public sealed class KernelPanicked : Rule
{
    private const string Mark = "not syncing: ";

    /// <summary>What a reason means, and what may be behind it.</summary>
    private static readonly (string Reason, string Means, string[] Causes)[] Reasons =
    [
        ("VFS: Unable to mount root fs",
            "The root file system is not there.",
            ["root-not-found"]),
        ("No working init found", "The initramfs or root file system holds no program to start.",
            ["init-not-started", "initramfs-unpack-failed", "initramfs-lost"]),
        ("Requested init ", "The program that init= names could not be started.", ["initramfs-unpack-failed", "cmdline-parameter-harmful"]),
        ("Attempted to kill init", "The first program ended, which it never may: see its exit code and what it printed.",
            ["init-not-started", "root-not-found", "library-missing-in-image", "capture-kernel-oom", "out-of-memory",
                "initramfs-unpack-failed"]),
        ("Fatal machine check", "The hardware reported an error that cannot be survived.", ["mce-fatal"]),
        ("Fatal local machine check", "The hardware reported an error that cannot be survived.", ["mce-fatal"]),
        ("Machine check", "The hardware reported an error that cannot be survived.", ["mce-fatal"]),
        ("Timeout: Not all CPUs entered broadcast exception handler", "A machine check happened and a CPU did not answer.", ["mce-fatal"]),
        ("Fatal hardware error", "Firmware reported an error that cannot be survived (APEI GHES).", ["hardware-error-by-firmware",
            "mce-fatal", "aer-uncorrectable"]),
        ("Asynchronous SError Interrupt",
            "An access to memory or a device failed, and the CPU told so later: the trace may show innocent code.", ["aer-uncorrectable"]),
        ("Out of memory", "The kernel ran out of memory.", ["out-of-memory", "capture-kernel-oom"]),
        ("System is deadlocked on memory", "The kernel ran out of memory, with nothing left to kill.",
            ["out-of-memory", "capture-kernel-oom"]),
        ("softlockup: hung tasks", "kernel.softlockup_panic makes a soft lockup the end.", ["soft-lockup"]),
        ("Hard LOCKUP", "kernel.hardlockup_panic makes a hard lockup the end.", ["hard-lockup"]),
        ("hung_task: blocked tasks", "kernel.hung_task_panic makes a hung task the end.", ["hung-task"]),
        ("RCU Stall", "kernel.panic_on_rcu_stall makes an RCU stall the end.", ["rcu-stall"]),
        ("Fatal exception", "kernel.panic_on_oops, or an oops in an interrupt, makes an oops the end.", []),
        ("panic_on_warn", "kernel.panic_on_warn makes a warning the end.", []),
    ];

    public override string Id => "kernel-panic";

    public override Entry Entry => new("kernel-panic", "the kernel stopped on purpose")
    {
        Area = Area.Crashing,
        Signature = ["Kernel panic - not syncing: …"],
        Cause = "Its reason tells: no root file system, no init, init ended, a machine check, or a setting (panic_on_oops, " +
            "panic_on_warn, hung_task_panic, softlockup_panic, hardlockup_panic, panic_on_rcu_stall) that makes an earlier report the " +
            "end. Somebody may have asked for it (sysrq).",
        Origin = "kernel/panic.c, init/do_mounts.c, init/main.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        var seen = new HashSet<Source>();
        foreach (Crash crash in facts.Of<Crash>())
        {
            // The panic of a capture kernel is another story, with a rule of its own.
            if (crash.Boot?.Capture == true || crash.Panic is not { } line || !seen.Add(line))
                continue;
            yield return Of(crash, line, facts);
        }
    }

    private Finding Of(Crash crash, Source line, Facts facts)
    {
        string reason = line.Plain[(line.Plain.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..].Trim();
        string kernel = CrashFindings.Kernel(crash);
        Crash? asked = facts.Of<Crash>().FirstOrDefault(c => c.Boot == crash.Boot && c.Requested);
        if (asked is not null)
        {
            return new Finding(Id, $"{kernel} was made to panic on request: {reason}", Severity.Info, 0.97,
                "Somebody or something asked for it; that is no fault of the kernel.")
            {
                Evidence = [line],
            };
        }
        (string known, string? means, string[] causes) = Reasons.FirstOrDefault(r => reason.Contains(r.Reason, StringComparison.Ordinal));
        string[] before = CrashFindings.Before(line, crash.Boot, facts);
        if (known == "panic_on_warn")
            before = [.. before, .. facts.Of<Crash>()
                .Where(c => c.Boot == crash.Boot && c.Source.Order <= line.Order && CrashFindings.IdOf(c) == "kernel-warning").Take(1)
                .Select(CrashFindings.KeyOf)];
        return new Finding(Id, $"{kernel} panicked: {reason}", Severity.Critical, 0.97,
            (HowInitEnded(reason) ?? means ?? "The kernel stopped on purpose; the words are its own.") +
            (crash.FirstLine != line.Line ? "" : crash.Function is not null ? " " + CrashFindings.Where(crash)
                : string.Concat(crash.Clues.Select(c => " " + c.Says))))
        {
            CausedBy = [.. before, .. causes ?? []],
            Evidence = [line, .. crash.FirstLine == line.Line ? crash.Clues.Select(c => c.Source).Where(s => s != line) : []],
        };
    }

    /// <summary>The exit code as wait(2) has it: the signal in the low seven bits, the status in the next byte.</summary>
    private static string? HowInitEnded(string reason)
    {
        const string Code = "exitcode=0x";
        int at = reason.IndexOf(Code, StringComparison.Ordinal);
        if (at < 0 || !int.TryParse(reason.AsSpan(at + Code.Length, Math.Min(8, reason.Length - at - Code.Length)),
            NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code))
            return null;
        int signal = code & 0x7f, status = (code >> 8) & 0xff;
        string how = signal != 0
            ? $"it was killed by signal " +
            $"{signal}{(SignalNames.FirstOrDefault(s => s.Number == signal) is { Name: { } name } ? $" ({name})" : "")}"
            : status == 127 ? "it exited with 127: a program or a library that it needs was not found"
            : status == 126 ? "it exited with 126: a program that it needs could not be executed"
            : $"it exited with {status}";
        return $"The first program ended, which it never may: {how}. What it printed before tells more.";
    }

    private static readonly (int Number, string Name)[] SignalNames =
        [(4, "illegal instruction"), (6, "abort"), (7, "bus error"), (9, "kill: the OOM killer, or a fault of the kernel in its name"),
        (11, "segmentation fault"), (15, "terminate")];
}
