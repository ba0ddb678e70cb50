using System.Text.Json;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.ProbeReports;
using Kdump.Diagnosis.Reports;
using Kdump.Diagnosis.Rules.Dumps;
using Kdump.Probe.Checks;
using Kdump.Probe.Machine;
using Kdump.Probe.Screens;

namespace Kdump.Probe.Commands;

/// <summary>What the program does without arguments: gathers facts, applies the rules, and prints the report.</summary>
internal static class Report
{
    /// <summary>
    /// The rules that can be judged inside a crash kernel, listed by name: a reference to the table of all rules would link them
    /// all into the probe.
    /// </summary>
    private static readonly Rule[] Rules =
    [
        new InitramfsNotUnpacked(),
        new CaptureKernelOom(),
        new VectorExhaustion(),
        new FirmwareMissingInImage(),
        new DriverProbeFailed(),
        new DriverMissingInImage(),
        new DumpTargetWrongId(),
        new DumpTargetMissing(),
        new NothingSavesDump(),
    ];

    public static int Run(Options options)
    {
        using var root = new Root(options.Root);
        (Facts facts, Verdict verdict) = Gather(root, CheckTable.All);
        // Print the screen last, so that it stays visible.
        if (!root.IsLive && verdict.Findings.Count == 0 && !facts.Of<KernelState>().Any())
        {
            Output.Error($"{options.Root}: contains nothing about a kernel (no /proc/cmdline, no /proc/vmcore): not checked");
            return options.Hook ? 0 : 2;
        }
        // By default write the report to the kernel log only in a crash kernel, where it may be lost otherwise. On a healthy machine a
        // command that only reads must not write to the log.
        if (root.IsLive && (options.Kmsg ?? (!options.Json && facts.Of<KernelState>().Any(k => k.Capture == true))))
            KernelLogs.Write(facts, verdict);
        if (options.Json)
            Json(facts, verdict);
        else
            Output.Write(Screen.Of(facts, verdict));
        foreach (Fault fault in verdict.Faults)
            Output.Error($"could not judge: {fault.Where} (bug of kdump-probe {BuildFacts.Full}: {fault.Source.Text}); " +
                "please report this line");
        if (options.Hook)
            return 0;
        if (verdict.Faults.Count > 0)
            return 2;
        bool blind = !facts.Any<KernelState>() || (!root.IsLive && facts.Any<CheckFailed>());
        if (verdict.Bad)
            return 1;
        return blind ? 2 : 0;
    }

    public static (Facts Facts, Verdict Verdict) Gather(Root root, IEnumerable<Check> checks)
    {
        Facts facts = CheckTable.Run(root, checks);
        foreach (InterruptTable table in facts.Of<InterruptTable>())
            facts.Add(VectorSummary.Of(table));
        // If a check failed, do not report that nothing is wrong.
        if (facts.Of<CheckFailed>() is [var failed, ..])
            facts.Add(new PartlyRead(new Source(failed.Source.Input, $"{failed.Check}: {failed.Reason}")));
        // A root without /proc and /sys was not examined, so do not report that nothing is wrong there either.
        if (!facts.Any<KernelState>())
            facts.Add(new PartlyRead(new Source("this machine", "/proc is not mounted here (mount -t proc proc /proc; " +
                "mount -t sysfs sysfs /sys)")));
        return (facts, Verdict.From(facts, Rules).For(OwnTools.Of(root)));
    }

    private static void Json(Facts facts, Verdict verdict)
    {
        using var stream = new OutputStream();
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("schema", ProbeReport.Schema);
        json.WriteString("version", BuildFacts.Full);
        ProbeReport.WriteJson(json, facts);
        VerdictJson.Write(json, "verdict", verdict);
        json.WriteEndObject();
        json.Flush();
        Output.Write("\n");
    }
}
