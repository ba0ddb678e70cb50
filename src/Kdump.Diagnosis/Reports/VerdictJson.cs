using System.Text.Json;

namespace Kdump.Diagnosis.Reports;

/// <summary>A verdict as the JSON that scripts read; field names are our public interface.</summary>
public static class VerdictJson
{
    public static void Write(Utf8JsonWriter json, string name, Verdict verdict)
    {
        json.WriteStartObject(name);
        json.WriteString("headline", verdict.Headline);
        WriteFindings(json, "rootCauses", verdict.RootCauses);
        WriteFindings(json, "findings", verdict.Findings);
        json.WriteStartArray("unknowns");
        foreach (Unknown unknown in verdict.Unknowns)
        {
            json.WriteStartObject();
            json.WriteString("question", unknown.Question);
            json.WriteString("settle", unknown.Settle);
            json.WriteStartArray("evidence");
            foreach (Source source in unknown.Evidence)
            {
                json.WriteStartObject();
                Write(json, source);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (verdict.Faults.Count > 0)
            WriteFaults(json, verdict.Faults);
        json.WriteEndObject();
    }

    /// <summary>Written only where there are faults, which a program without bugs never has.</summary>
    private static void WriteFaults(Utf8JsonWriter json, IReadOnlyList<Fault> faults)
    {
        json.WriteStartArray("faults");
        foreach (Fault fault in faults)
        {
            json.WriteStartObject();
            json.WriteString("where", fault.Where);
            Write(json, fault.Source);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteFindings(Utf8JsonWriter json, string name, IReadOnlyList<Finding> findings)
    {
        json.WriteStartArray(name);
        foreach (Finding finding in findings)
            Write(json, finding);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, Finding finding)
    {
        json.WriteStartObject();
        json.WriteString("id", finding.Id);
        if (finding.Subject is not null)
            json.WriteString("subject", finding.Subject);
        json.WriteString("title", finding.Title);
        json.WriteString("severity", NameOf(finding.Severity));
        json.WriteNumber("confidence", finding.Confidence);
        json.WriteString("why", finding.Why);
        WriteReckoning(json, finding.Reckoning);
        if (finding.Impact is not null)
            json.WriteString("impact", finding.Impact);
        json.WriteStartArray("fixes");
        foreach (Fix fix in finding.Fixes)
        {
            json.WriteStartObject();
            json.WriteString("text", fix.Text);
            if (fix.Command is not null)
                json.WriteString("command", fix.Command);
            if (fix.For != KdumpTools.None)
                json.WriteString("for", VerdictText.Whose(fix.For));
            if (fix.Risk is not null)
                json.WriteString("risk", fix.Risk);
            if (fix.Undo is not null)
                json.WriteString("undo", fix.Undo);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (finding.Memory is { } memory)
            Write(json, memory);
        json.WriteStartArray("evidence");
        foreach (Source source in finding.Evidence)
        {
            json.WriteStartObject();
            Write(json, source);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("causedBy");
        foreach (string id in finding.CausedBy.Select(cause => cause.Id).Distinct())
            json.WriteStringValue(id);
        json.WriteEndArray();
        // With several findings of one id, ids alone do not tell which one explains this.
        json.WriteStartArray("causedByKeys");
        foreach (FindingRef cause in finding.CausedBy)
            json.WriteStringValue(cause.ToString());
        json.WriteEndArray();
        json.WriteString("key", finding.Key);
        json.WriteEndObject();
    }

    private static void WriteReckoning(Utf8JsonWriter json, IReadOnlyList<Reckoned> rows)
    {
        if (rows.Count == 0)
            return;
        json.WriteStartArray("reckoning");
        foreach (Reckoned row in rows)
        {
            json.WriteStartObject();
            json.WriteString("what", row.What);
            json.WriteNumber("amount", row.Amount);
            json.WriteString("unit", row.Unit == ReckonedUnit.Bytes ? "bytes" : "count");
            if (row.Note is not null)
                json.WriteString("note", row.Note);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, MemoryPlace memory)
    {
        json.WriteStartObject("memory");
        json.WriteString("place", memory.Place);
        json.WriteNumber("corrected", memory.Corrected);
        json.WriteNumber("uncorrected", memory.Uncorrected);
        json.WriteNumber("reports", memory.Reports);
        json.WriteString("first", memory.First);
        json.WriteString("last", memory.Last);
        json.WriteNumber("rows", memory.Rows);
        json.WriteNumber("chips", memory.Chips);
        json.WriteNumber("pages", memory.Pages);
        json.WriteEndObject();
    }

    internal static void Write(Utf8JsonWriter json, Source source)
    {
        json.WriteString("source", source.Input);
        if (source.Line > 0)
            json.WriteNumber("line", source.Line);
        if (source.Offset >= 0)
            json.WriteNumber("offset", source.Offset);
        json.WriteString("text", source.Text);
    }

    /// <summary>Not <c>Enum.ToString</c>: that needs reflection data the probe does not carry.</summary>
    public static string NameOf(Severity severity) => severity switch
    {
        Severity.Info => "info",
        Severity.Warning => "warning",
        Severity.Error => "error",
        _ => "critical",
    };
}
