using System.Text.Json;
using Kdump.Diagnosis.Reports;
using Kdump.Diagnosis.Times;
using Kdump.Sources.Cases;
using Kdump.Sources.Hosts;

namespace Kdump.Cli.Reports;

/// <summary><c>kdt explain --json</c>.</summary>
internal static class ExplainJson
{
    /// <param name="machines">Worst first; the verdict of the first is also written at the top level.</param>
    public static void Write(TextWriter output, IReadOnlyList<CaseInput> inputs, JudgedMachine[] machines, NewestCrash? newest) =>
        JsonText.Write(output, "kdt.explain/1", json =>
    {
        json.WriteStartArray("inputs");
        foreach (CaseInput input in inputs)
        {
            json.WriteStartObject();
            json.WriteString("path", input.Path);
            json.WriteString("kind", input.Kind);
            if (input.Note is not null)
                json.WriteString("note", input.Note);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (newest is not null)
            Write(json, newest);
        VerdictJson.Write(json, "verdict", machines[0].Verdict);
        TimelineText.Write(json, Timeline.Of(machines[0].Machine.Facts, machines[0].Verdict));
        if (machines.Length > 1)
            WriteMachines(json, machines);
    });

    private static void Write(Utf8JsonWriter json, NewestCrash newest)
    {
        json.WriteStartObject("newestCrash");
        json.WriteStartArray("taken");
        foreach (CrashTrace trace in newest.Taken)
        {
            json.WriteStartObject();
            json.WriteString("kind", trace.Kind);
            json.WriteString("place", trace.Place);
            json.WriteNumber("time", trace.Time);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("left");
        foreach (string line in newest.Left)
            json.WriteStringValue(line);
        json.WriteEndArray();
        json.WriteStartArray("looked");
        foreach (string line in newest.Looked)
            json.WriteStringValue(line);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteMachines(Utf8JsonWriter json, JudgedMachine[] machines)
    {
        json.WriteStartArray("machines");
        foreach (JudgedMachine m in machines)
        {
            json.WriteStartObject();
            json.WriteString("id", m.Machine.Name);
            if (m.Machine.Host is { } host)
                json.WriteString("host", host);
            if (m.Machine.Release is { } release)
                json.WriteString("release", release);
            if (m.Machine.Doubt is { } doubt)
                json.WriteString("note", doubt);
            json.WriteStartArray("inputs");
            foreach (CaseInput input in m.Machine.Inputs)
                json.WriteStringValue(input.Path);
            json.WriteEndArray();
            VerdictJson.Write(json, "verdict", m.Verdict);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
