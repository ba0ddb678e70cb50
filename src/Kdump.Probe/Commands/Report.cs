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

/// <summary>Gathers, judges, tells: what the program does without arguments.</summary>
internal static class Report
{
    /// <summary>
    /// The rules that can be judged from inside a kernel, by name: reaching a table of all would pull in what the probe cannot carry.
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
    ];

    public static int Run(Options options)
    {
        using var root = new Root(options.Root);
        (Facts facts, Verdict verdict) = Gather(root, CheckTable.All);
        // The screen last: it is what should stay in sight.
        if (!root.IsLive && verdict.Findings.Count == 0 && !facts.Of<KernelState>().Any())
        {
            Output.Error($"{options.Root}: nothing in it tells of a kernel (no /proc/cmdline, no /proc/vmcore): nothing was looked at");
            return options.Hook ? 0 : 2;
        }
        // Without --kmsg only in a crash kernel, where the report may be lost otherwise: on a healthy machine a command that reads must
        // not write into the log.
        if (root.IsLive && (options.Kmsg ?? (!options.Json && facts.Of<KernelState>().Any(k => k.Capture == true))))
            KernelLogs.Write(facts, verdict);
        if (options.Json)
            Json(facts, verdict);
        else
            Output.Write(Screen.Of(facts, verdict));
        foreach (Fault fault in verdict.Faults)
            Output.Error($"could not judge: {fault.Where} (bug of kdump-probe {BuildFacts.Full}: {fault.Source.Text}); please report this line");
        if (options.Hook)
            return 0;
        return verdict.Faults.Count > 0 ? 2 : verdict.Bad ? 1 : !root.IsLive && facts.Of<CheckFailed>().Count > 0 ? 2 : 0;
    }

    public static (Facts Facts, Verdict Verdict) Gather(Root root, IEnumerable<Check> checks)
    {
        Facts facts = CheckTable.Run(root, checks);
        foreach (InterruptTable table in facts.Of<InterruptTable>())
            facts.Add(VectorSummary.Of(table));
        // What could not be looked at must not end in an all-clear.
        if (facts.Of<CheckFailed>() is [var failed, ..])
            facts.Add(new PartlyRead(new Source(failed.Source.Input, $"{failed.Check}: {failed.Reason}")));
        return (facts, Verdict.From(facts, Rules));
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
