using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Diagnosis.Rules.Hosts;
using Kdump.Diagnosis.Text;
using Kdump.Sources.Trees;

namespace Kdump.Cli.Reports;

/// <summary>The head of <c>kdt host check</c>: what was checked, so that a reader can judge what "no findings" means.</summary>
internal static class HostCheckText
{
    public static void Write(TextWriter output, MachineTree root, Facts facts, Verdict verdict, Words words)
    {
        foreach ((string name, string? value) in Rows(root, facts, verdict, words))
            output.WriteLine($"{name}{new string(' ', Math.Max(1, 9 - Columns.Of(name)))}{Printable.Escape(value!)}");
        output.WriteLine();
    }

    public static IEnumerable<(string Name, string? Value)> Rows(MachineTree root, Facts facts, Verdict verdict, Words words)
    {
        KdumpSetup? setup = facts.Of<KdumpSetup>() is [var found, ..] ? found : null;
        string tools = setup?.Tools switch { KdumpTools.RedHat => "kdump-utils", KdumpTools.Debian => "kdump-tools",
            KdumpTools.Suse => "SUSE kdump", _ => "no kdump tools" };
        yield return (words.Of("machine"),
            $"{root.Name}, {words.Of("kernel")} {(facts.Of<MachineKernel>() is [var k, ..] ? k.Release : words.Of("unknown"))}, " +
            $"{words.Of(tools)}");
        yield return (words.Of("reserved"), facts.Of<CrashReservation>() is [var r, ..] ? $"{(r.Bytes + (1 << 19)) >> 20} MB{Asked(facts)}"
            : words.Of("unknown"));
        yield return (words.Of("loaded"), facts.Of<KexecLoaded>() is [var l, ..] ? words.Of(l.Loaded ? "yes" : "no") : words.Of("unknown"));
        yield return (words.Of("image"), facts.Of<ImageSummary>() switch
        {
            [var s, ..] => $"{s.Source.Input}, {(s.Bytes + (1 << 19)) >> 20} MB",
            _ when facts.Of<ExpectedImage>() is [var e, ..] => $"{e.Path} ({words.Of(Word(e.State))})",
            _ => words.Of("unknown"),
        });
        if (facts.Of<TargetDriver>() is [var t, ..])
            yield return (words.Of("target"),
                words.Of($"{t.Target} through {string.Join(", ", facts.Of<TargetDriver>().Select(d => d.Module).Distinct().Take(8))}"));
        if (facts.Any<CaptureParameter>())
            yield return (words.Of("options"), string.Join(' ',
                facts.Of<CaptureParameter>().Select(p => p.Value is null ? p.Name : $"{p.Name}={p.Value}")));
        yield return (words.Of("dumps on"), DumpsOn(facts, verdict, words));
        if (facts.Of<DumpTime>() is [var time, ..])
            yield return (words.Of("takes"),
                words.Of($"{HostDumpOutlasts.Words(time.LowSeconds)} to {HostDumpOutlasts.Words(time.HighSeconds)}, " +
                    "an estimate: ") + words.Of(time.Assumed));
        if (facts.Any<HistorySeen>())
            yield return (words.Of("tested"), words.Of(HostHistoryReport.Tested(facts)));
        if (root.Name != "/")
            yield return (words.Of("fixes"), words.Of("are for the machine itself: run their commands there, not on this host"));
    }

    /// <summary>
    /// Lists the events that lead to a dump; only facts that were read are used. A critical finding of this check says that no dump
    /// will be written: then none of them does.
    /// </summary>
    private static string DumpsOn(Facts facts, Verdict verdict, Words words) => facts.Of<KexecLoaded>() switch
    {
        [{ Loaded: true }, ..] when verdict.Findings.FirstOrDefault(f => f.Severity == Severity.Critical) is { } fatal =>
            words.Of("nothing, as it is: ") + fatal.Title,
        [{ Loaded: true }, ..] => words.Of(string.Join(", ",
            HostQuietEvents.All(facts).Where(e => e.Dumps).Select(e => e.Event).Prepend("a panic"))),
        [{ Loaded: false }, ..] => words.Of("nothing: no crash kernel is loaded"),
        _ when facts.Any<KexecAbsent>() => words.Of("nothing: the kernel has no support for crash kernels"),
        _ => words.Of("not known: no input says whether a crash kernel is loaded"),
    };

    private static string Word(ExpectedImageState state) => state switch
    {
        ExpectedImageState.Absent => "absent",
        ExpectedImageState.Unreadable => "permission denied",
        ExpectedImageState.NotCollected => "not in the collection",
        ExpectedImageState.Unknown => "unknown",
        _ => "could not be read",
    };

    private static string Asked(Facts facts) =>
        facts.Of<KernelCommandLine>() is [var line, ..] && CrashkernelRequest.Of(line.Text).Text is { Length: > 0 } asked
            ? $" (crashkernel={asked})" : "";
}
