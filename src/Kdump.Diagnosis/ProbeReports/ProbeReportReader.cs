using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.ProbeReports;

/// <summary>Finds the lines of <see cref="ProbeReport"/> in any log: a console, dmesg, /sys/fs/pstore, a saved file.</summary>
public sealed class ProbeReportReader : LineParser
{
    /// <summary>
    /// Different lines that are remembered, so that a report seen twice (written to the log, then shown by dmesg) counts once.
    /// </summary>
    private const int MaxSeen = 65536;

    private readonly HashSet<string> seen = new(StringComparer.Ordinal);

    public override string Kind => "report of kdump-probe";

    public override IReadOnlyList<string> Signs => [ProbeMark.Prefix];

    public override bool Line(in TextLine line, Facts facts)
    {
        int at = line.Text.IndexOf(ProbeMark.Prefix, StringComparison.Ordinal);
        if (at < 0)
            return false;
        string text = line.Text[at..].TrimEnd().ToString();
        if (seen.Count < MaxSeen && !seen.Add(text))
            return true;
        if (ProbeReport.Read(text) is not { } fact)
            return false;
        if (fact is KernelState kernel)
            StartBoot(line, kernel, facts);
        facts.Add(fact);
        return true;
    }

    /// <summary>The probe reports which kernel it ran in; a log whose beginning is missing does not show it.</summary>
    private static void StartBoot(in TextLine line, KernelState kernel, Facts facts)
    {
        if (facts.Boot is { } boot && boot.Input == line.Input && (boot.Release is null || boot.Release == kernel.Release))
        {
            boot.Release ??= kernel.Release;
            boot.CommandLine ??= kernel.CommandLine;
            Know(boot, kernel, line);
            return;
        }
        facts.Boot = new Boot(line.Input, facts.Boot is { } b && b.Input == line.Input ? b.Index + 1 : 0)
        {
            Release = kernel.Release,
            CommandLine = kernel.CommandLine,
        };
        Know(facts.Boot, kernel, line);
    }

    private static void Know(Boot boot, KernelState kernel, in TextLine line)
    {
        if (kernel.Capture is bool capture)
            boot.Decide(new BootSign(capture, Proof.Certain,
                capture ? "kdump-probe found /proc/vmcore" : "kdump-probe found no /proc/vmcore", line.ToSource()));
    }
}
