using System.Text;
using System.Text.Json;
using Kdump.Diagnosis.Model;
using Kdump.Fleet.Questions;
using Kdump.Fleet.Stores;
using Kdump.Sources.Records;

namespace Kdump.FleetCli.Reports;

/// <summary>Every crash on one line, as NDJSON or CSV.</summary>
internal static class FleetExport
{
    public static void Lines(TextWriter output, FleetStore store)
    {
        foreach (FleetCrash crash in FleetCrash.All(store))
        {
            using var buffer = new MemoryStream();
            using (var json = new Utf8JsonWriter(buffer))
            {
                json.WriteStartObject();
                FleetJson.CrashTable.Members(json, crash);
                json.WriteEndObject();
            }
            output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
        }
    }

    /// <summary>How each form begins.</summary>
    public const string CsvHead = "id,machine,release,time,time_from,cluster,title,fatal,requested,headline,dump,dump_reason,input," +
        "fix,evidence,hardware,seen", LineHead = "{\"id\":\"", ParquetHead = "PAR1";

    /// <summary>RFC 4180.</summary>
    public static void Csv(TextWriter output, FleetStore store)
    {
        output.WriteLine(CsvHead);
        foreach (FleetCrash c in FleetCrash.All(store))
        {
            string?[] cells = [c.Id, c.Machine, c.Release, c.Time?.ToString(System.Globalization.CultureInfo.InvariantCulture), c.TimeFrom,
                c.Cluster,
                c.Title, c.Fatal ? "1" : "0", c.Requested ? "1" : "0", c.Headline, JudgedJson.NameOf(c.Outcome), c.OutcomeReason, c.Input,
                c.Fix, c.Evidence, c.Hardware,
                c.Seen?.ToString(System.Globalization.CultureInfo.InvariantCulture)];
            output.WriteLine(string.Join(',', cells.Select(Cell)));
        }
    }

    private static string Cell(string? text) => text is null ? "" : Quoted(Printable.Escape(text));

    private static string Quoted(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
}
