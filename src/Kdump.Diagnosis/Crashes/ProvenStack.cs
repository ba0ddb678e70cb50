using Kdump.Diagnosis.Evidence.Dumps;

namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// Reports joined with what the dump's own memory proves: where no frame of a printed stack could be confirmed (a call through a
/// bad pointer leaves the kernel's unwinder without a start), the dump's stack of that CPU names the function.
/// </summary>
public static class ProvenStack
{
    private const string Nobody = " in corrupted";

    /// <summary>Replaces the last oops of the CPU that crashed by one that holds what the dump proves.</summary>
    public static void Join(Facts facts)
    {
        foreach (DumpCrash dump in facts.Of<DumpCrash>().ToArray())
        {
            Crash? crash = facts.Of<Crash>().LastOrDefault(c => c.Boot == dump.Boot && CrashFindings.IdOf(c) == "kernel-oops" &&
                (c.Context.Cpu is not { } cpu || cpu == dump.Cpu) && (c.Context.Pid is not { } pid || dump.Pid < 0 || pid == dump.Pid));
            if (crash is null || dump.CalledPanic || (crash.Function is not null && crash.Frames.Any(f => f.Reliable)) ||
                Named(crash, dump) is not { } named)
                continue;
            facts.Replace(crash, named);
            foreach (Crash other in facts.Of<Crash>().Where(c => c.ConsequenceOf == crash))
                other.ConsequenceOf = named;
        }
    }

    private static Crash? Named(Crash crash, DumpCrash dump)
    {
        if (dump.Frames.FirstOrDefault(f => !NeverGuilty.Names.Fits(FrameLine.Bare(f.Name))) is not { } frame)
            return null;
        string function = FunctionNames.Shortest(FunctionNames.Demangled(FrameLine.Bare(frame.Name)));
        string title = crash.Title.EndsWith(Nobody, StringComparison.Ordinal) ? crash.Title[..^Nobody.Length] : crash.Title;
        return crash with
        {
            Title = title.Contains(" in ", StringComparison.Ordinal) || title.EndsWith($" at {function}", StringComparison.Ordinal)
                ? title : $"{title} in {function}",
            Function = function,
            Module = frame.Module,
            Frames = [.. dump.Frames.Select(f => new StackFrame(f.Name, (long)f.Offset, (long)f.Size, f.Module, true))],
            FromDump = true,
            Torn = null,
            Doubts = [.. crash.Doubts.Where(d => !d.StartsWith(ReportReading.Unconfirmed, StringComparison.Ordinal) &&
                !d.StartsWith(ReportReading.NotComplete, StringComparison.Ordinal))],
            Confidence = Math.Max(crash.Confidence, 0.9),
        };
    }
}
