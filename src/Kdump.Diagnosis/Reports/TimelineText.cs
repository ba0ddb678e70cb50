using System.Text.Json;
using Kdump.Diagnosis.Times;

namespace Kdump.Diagnosis.Reports;

/// <summary>A timeline for a person, and as JSON.</summary>
public static class TimelineText
{
    public static void Write(TextWriter writer, Timeline timeline, Words words)
    {
        if (timeline.Events.Count == 0 && timeline.Notes.Count == 0)
            return;
        writer.WriteLine();
        writer.WriteLine(words.Of(timeline.Events.Count switch
        {
            0 => "order in time: not known",
            _ when timeline.Utc => "order in time (UTC):",
            _ => "order in time (local time of the machine):",
        }));
        foreach (TimelineEvent e in timeline.Events)
            writer.WriteLine(
                $"  {timeline.Time(e).Replace('T', ' ')}  {Printable.Escape(e.Source.Place)}: {Printable.Escape(e.Source.Text.Trim())}  " +
                $"[{e.Finding}]");
        foreach (Source joint in timeline.Joints)
            writer.WriteLine($"  {words.Of("joined by")} {Printable.Escape(joint.Place)}: {Printable.Escape(joint.Text.Trim())}");
        foreach (string note in timeline.Notes)
            writer.WriteLine($"  {Printable.Escape(note)}");
    }

    public static void Write(Utf8JsonWriter json, Timeline timeline)
    {
        json.WriteStartObject("timeline");
        json.WriteString("clock", (timeline.Utc, timeline.HasYear) switch
        {
            (true, _) => "utc",
            (_, true) => "local",
            _ => "local-without-year",
        });
        json.WriteStartArray("events");
        foreach (TimelineEvent e in timeline.Events)
        {
            json.WriteStartObject();
            json.WriteString("time", timeline.Time(e));
            json.WriteString("finding", e.Finding);
            VerdictJson.Write(json, e.Source);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("joints");
        foreach (Source joint in timeline.Joints)
        {
            json.WriteStartObject();
            VerdictJson.Write(json, joint);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("notes");
        foreach (string note in timeline.Notes)
            json.WriteStringValue(note);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
