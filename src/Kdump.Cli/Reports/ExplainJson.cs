using System.Text.Json;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Diagnosis.Times;
using Kdump.Sources.Cases;

namespace Kdump.Cli.Reports;

/// <summary><c>kdt explain --json</c>.</summary>
internal static class ExplainJson
{
    public static void Write(TextWriter output, Case evidence, Verdict verdict) => JsonText.Write(output, "kdt.explain/1", json =>
    {
        json.WriteStartArray("inputs");
        foreach (CaseInput input in evidence.Inputs)
        {
            json.WriteStartObject();
            json.WriteString("path", input.Path);
            json.WriteString("kind", input.Kind);
            if (input.Note is not null)
                json.WriteString("note", input.Note);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        VerdictJson.Write(json, "verdict", verdict);
        TimelineText.Write(json, Timeline.Of(evidence.Facts, verdict));
    });
}
