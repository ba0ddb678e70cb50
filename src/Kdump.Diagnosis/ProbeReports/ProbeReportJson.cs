using System.Text.Json;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.ProbeReports;

/// <summary>
/// The report of <c>kdump-probe --json</c> back as facts: the same kinds and fields as <see cref="ProbeReport"/> defines them.
/// </summary>
public static class ProbeReportJson
{
    /// <summary>The most facts of one kind that are read; a machine has some thousand PCI functions.</summary>
    private const int MaxOfOneKind = Facts.MaxPerType;

    /// <summary>True when it is such a report; false leaves the facts as they were.</summary>
    public static bool Read(JsonElement report, string input, Facts facts)
    {
        if (report.ValueKind != JsonValueKind.Object || !report.TryGetProperty("schema", out JsonElement schema) ||
            schema.ValueKind != JsonValueKind.String ||
            schema.GetString() != ProbeReport.Schema)
            return false;
        facts.Boot = new Boot(input, 0);
        foreach (ProbeReport.Kind kind in ProbeReport.Kinds)
        {
            if (!report.TryGetProperty(kind.Section, out JsonElement section) || section.ValueKind != JsonValueKind.Object)
                continue;
            bool listed = section.TryGetProperty(kind.Name, out JsonElement list);
            // There is one kernel: its fields stand in the section itself.
            if (!listed && kind.Section == "kernel" && section.TryGetProperty("release", out _))
                Add(kind, section, facts);
            if (!listed || list.ValueKind != JsonValueKind.Array)
                continue;
            int read = 0;
            foreach (JsonElement item in list.EnumerateArray())
            {
                if (item.ValueKind == JsonValueKind.Object && ++read <= MaxOfOneKind)
                    Add(kind, item, facts);
            }
        }
        return true;
    }

    private static void Add(ProbeReport.Kind kind, JsonElement item, Facts facts)
    {
        Fact fact = kind.Read(new Fields(item));
        if (fact is KernelState kernel && facts.Boot is { } boot)
            Know(boot, kernel);
        facts.Add(fact);
    }

    private static void Know(Boot boot, KernelState kernel)
    {
        boot.Release ??= kernel.Release;
        boot.CommandLine ??= kernel.CommandLine;
        if (kernel.Capture is bool capture)
            boot.Decide(capture, kernel.Source);
    }

    /// <summary>Fields out of a JSON object; a member of another type than asked for counts as absent.</summary>
    private sealed class Fields(JsonElement item) : ReportFields
    {
        public override string Text(string key, string? value) =>
            item.TryGetProperty(key, out JsonElement member) && member.ValueKind == JsonValueKind.String ? member.GetString() ?? "" : "";

        public override long? Number(string key, long? value) =>
            item.TryGetProperty(key, out JsonElement member) && member.ValueKind == JsonValueKind.Number && member.TryGetInt64(out long n)
                ? n : null;

        public override bool? Flag(string key, bool? value) =>
            item.TryGetProperty(key, out JsonElement member) && member.ValueKind is JsonValueKind.True or JsonValueKind.False
                ? member.GetBoolean() : base.Flag(key, value);
    }
}
