using System.Globalization;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Dumps;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>
/// The kernel called panic(): on request, because it could not continue, or because a setting turns a report into a panic.
/// </summary>
public sealed class KernelPanicked : Rule
{
    private const string Mark = "not syncing: ";

    public override string Id => "kernel-panic";

    public override Entry Entry => new("kernel-panic", "the kernel panicked")
    {
        Area = Area.Crashing,
        Signature = ["Kernel panic - not syncing: …"],
        Cause = "The panic message names the reason: no root file system, " +
            "no init, init ended, a machine check, or a setting (panic_on_oops, panic_on_warn, hung_task_panic, softlockup_panic, " +
            "hardlockup_panic, panic_on_rcu_stall) that turns an earlier report into a panic. It may also have been requested (sysrq).",
        Origin = "kernel/panic.c, init/do_mounts.c, init/main.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        var seen = new HashSet<Source>();
        foreach (Crash crash in facts.Of<Crash>())
        {
            // Panics of a capture kernel are handled by CaptureKernelPanic.
            if (crash.Boot?.Capture == true || crash.Panic is not { } line || !seen.Add(line))
                continue;
            // It is the line by which the kernel says that its memory ran out: one event, told by MemoryExhausted.
            if (facts.Of<OutOfMemory>().Any(o => o.Panicked && o.Source == line))
                continue;
            yield return Of(crash, line, facts);
        }
    }

    private Finding Of(Crash crash, Source line, Facts facts)
    {
        string reason = line.Plain[(line.Plain.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..].Trim();
        if (reason.EndsWith("]---", StringComparison.Ordinal))
            reason = reason[..^4].TrimEnd();
        string kernel = CrashFindings.Kernel(crash);
        Crash? asked = facts.Of<Crash>().FirstOrDefault(c => c.Boot == crash.Boot && c.Requested);
        if (asked is not null)
        {
            return new Finding(Id, $"{kernel} was made to panic on request: {reason}", Severity.Info, 0.97,
                "A user or program requested it; this is not a bug of the kernel.")
            {
                Evidence = [line],
            };
        }
        PanicReason? known = PanicReason.Of(reason);
        DumpCrash? dump = facts.Of<DumpCrash>().FirstOrDefault(d => d.Boot == crash.Boot && d is { CalledPanic: true, Function: not null });
        string where;
        if (crash.FirstLine != line.Line)
            where = "";
        else if (crash.Function is not null)
            where = " " + CrashFindings.Where(crash);
        else
            where = Running(crash, known) + string.Concat(crash.Clues.Select(c => " " + c.Says));
        // The victim of a watchdog's panic, where no report of its own stands before.
        string victim = crash.FirstLine == line.Line && crash is { Function: not null, Kind: "hard-lockup" or "soft-lockup" or "rcu-stall" }
            ? $" in {crash.Function}{(crash.Module is null ? "" : $" [{crash.Module}]")}" : "";
        return new Finding(Id, $"{kernel} panicked: {reason}{victim}", Severity.Critical, 0.97,
            (HowInitEnded(reason) ?? known?.Means ?? "The kernel called panic() with this message.") +
            (dump is null ? "" : $" panic() was called by {FunctionNames.Demangled(FrameLine.Bare(dump.Function!))}()" +
                $"{(dump.Module is null ? "" : $" of the module {dump.Module}")}, " +
                "as the stack in the dump shows.") +
            where)
        {
            CausedBy = PanicReason.CausesOf(line, reason, crash.Boot, facts),
            TakesOnly = known?.TakesOnly,
            EndsWithKernel = true,
            NextSteps = NextSteps.Of(crash, Id, facts),
            Evidence = [line, .. new[] { dump?.Source }.Known(),
                .. crash.FirstLine == line.Line ? crash.Clues.Select(c => c.Source).Where(s => s != line) : []],
        };
    }

    /// <summary>Who ran on the CPU that a watchdog found stuck, where the stack of the panic ends before its code.</summary>
    private static string Running(Crash crash, PanicReason? reason)
    {
        if (reason?.Causes is not ["hard-lockup" or "soft-lockup" or "rcu-stall"] || crash.Context.Comm is not { Length: > 0 } task)
            return "";
        string on = crash.Context.Cpu is { } cpu ? $" on CPU {cpu}" : "", pid = crash.Context.Pid is { } number ? $" ({number})" : "";
        return $" {task}{pid} ran{on} then; where in the kernel stands below the frames of the watchdog, and these lines end before it.";
    }

    /// <summary>The exit code in the format of wait(2): the signal in the low seven bits, the status in the next byte.</summary>
    private static string? HowInitEnded(string reason)
    {
        const string Code = "exitcode=0x";
        int at = reason.IndexOf(Code, StringComparison.Ordinal);
        if (at < 0 || !int.TryParse(reason.AsSpan(at + Code.Length, Math.Min(8, reason.Length - at - Code.Length)),
            NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code))
            return null;
        int signal = code & 0x7f, status = (code >> 8) & 0xff;
        string how;
        if (signal != 0)
            how = "it was killed " +
                $"by signal {signal}{(SignalNames.FirstOrDefault(s => s.Number == signal) is { Name: { } name } ? $" ({name})" : "")}";
        else if (status == 127)
            how = "it exited with 127: a program or a library that it needs was not found";
        else if (status == 126)
            how = "it exited with 126: a program that it needs could not be executed";
        else
            how = $"it exited with {status}";
        return $"The first program (init) ended, which it must never do: {how}. Read what it printed before.";
    }

    private static readonly (int Number, string Name)[] SignalNames =
        [(4, "illegal instruction"), (6, "abort"), (7, "bus error"), (9, "kill: the OOM killer, or an oops while it ran in the kernel"),
        (11, "segmentation fault"), (15, "terminate")];
}
