using System.Text.Json;
using Kdump.Cli.Reports;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Fleet.Questions;
using Kdump.Fleet.Statistics;
using Kdump.Fleet.Stores;
using Kdump.Sources.Records;

namespace Kdump.FleetCli.Reports;

/// <summary>Answers of kdt fleet for programs.</summary>
internal static class FleetJson
{
    private static readonly Table<ClusterRow> ClusterTable = new(
        new("id", null, r => r.Id),
        new("signature", null, r => r.Signature),
        new("title", null, r => r.Title),
        new("kind", null, r => r.Kind),
        new("placed", null, r => r.Placed),
        new("machines", null, r => r.Machines),
        new("crashes", null, r => r.Crashes),
        new("fatal", null, r => r.Fatal),
        new("firstSeen", null, r => r.FirstSeen),
        new("lastSeen", null, r => r.LastSeen),
        new("releases", null, r => r.Releases),
        new("models", null, r => r.Models),
        new("signatures", null, r => r.Signatures),
        new("weeks", null, r => (IReadOnlyList<long>)[.. r.Trend.Select(t => (long)t)]),
        new("example", null, r => r.Example));

    public static readonly Table<FleetCrash> CrashTable = new(
        new("id", null, c => c.Id),
        new("machine", null, c => c.Machine),
        new("release", null, c => c.Release),
        new("time", null, c => c.Time),
        new("timeFrom", null, c => c.TimeFrom),
        new("seen", null, c => c.Seen),
        new("cluster", null, c => c.Cluster),
        new("title", null, c => c.Title),
        new("fatal", null, c => c.Fatal),
        new("requested", null, c => c.Requested),
        new("headline", null, c => c.Headline),
        new("fix", null, c => c.Fix),
        new("dump", null, c => JudgedJson.NameOf(c.Outcome)),
        new("dumpReason", null, c => c.OutcomeReason),
        new("evidence", null, c => c.Evidence),
        new("input", null, c => c.Input),
        new("hardware", null, c => c.Hardware),
        new("fixes", null, c => c.Fixes));

    private static readonly Table<LostDump> ReasonTable = new(new("id", null, r => r.Id), new("reason", null, r => r.Reason),
        new("machines", null, r => r.Machines), new("crashes", null, r => r.Crashes), new("fix", null, r => r.Fix),
        new("example", null, r => r.Example));

    private static readonly Table<Row> InputTable = new(new("path", null, r => r.Text(0)), new("state", null, r => r.Text(1)),
        new("kind", null, r => r.Text(2)), new("reason", null, r => r.TextOrNull(3)));

    public static void Clusters(TextWriter output, string schema, IReadOnlyList<ClusterRow> rows) =>
        JsonText.Write(output, schema, json => ClusterTable.Json(json, "clusters", rows));

    public static void Cluster(TextWriter output, ClusterRow row, IReadOnlyList<FleetCrash> crashes) =>
        JsonText.Write(output, "kdt.fleet.show/1", json =>
        {
            ClusterTable.Members(json, row);
            CrashTable.Json(json, "list", crashes);
        });

    public static void Machine(TextWriter output, FleetStore store, string machine, IReadOnlyList<FleetCrash> crashes) =>
        JsonText.Write(output, "kdt.fleet.machine/1", json =>
        {
            json.WriteString("machine", machine);
            json.WriteStartArray("alsoToldAs");
            foreach ((string name, string by) in store.OtherNames(machine))
            {
                json.WriteStartObject();
                json.WriteString("name", name);
                json.WriteString("by", by);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("releases");
            foreach (Row r in store.Rows("SELECT release FROM releases WHERE machine = @m AND lent < 2 ORDER BY release", ("m", machine)))
                json.WriteStringValue(r.Text(0));
            json.WriteEndArray();
            json.WriteStartArray("traits");
            foreach (Row r in store.Rows("SELECT name, value FROM traits WHERE machine = @m AND lent < 2 ORDER BY name, value",
                ("m", machine)))
            {
                json.WriteStartObject();
                json.WriteString("name", r.Text(0));
                json.WriteString("value", r.Text(1));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            CrashTable.Json(json, "crashes", crashes);
        });

    public static void Diff(TextWriter output, string earlier, string later, ReleaseDiff diff) =>
        JsonText.Write(output, "kdt.fleet.diff/1", json =>
    {
        json.WriteString("earlier", earlier);
        json.WriteNumber("earlierMachines", diff.Earlier);
        json.WriteString("later", later);
        json.WriteNumber("laterMachines", diff.Later);
        json.WriteStartArray("changes");
        foreach (ReleaseChange c in diff.Changes)
        {
            json.WriteStartObject();
            json.WriteString("cluster", c.Cluster);
            json.WriteString("title", c.Title);
            json.WriteString("change", c.Word);
            Share(json, "earlier", c.Earlier);
            Share(json, "later", c.Later);
            json.WriteNumber("differenceLow", c.Low);
            json.WriteNumber("differenceHigh", c.High);
            json.WriteNumber("falseShare", c.Corrected);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    public static void Suspects(TextWriter output, string cluster, Suspects suspects) =>
        JsonText.Write(output, "kdt.fleet.suspects/1", json =>
    {
        json.WriteString("cluster", cluster);
        json.WriteNumber("machines", suspects.Machines);
        json.WriteNumber("others", suspects.Others);
        json.WriteNumber("tried", suspects.Tried);
        json.WriteStartArray("suspects");
        foreach (Suspect s in suspects.Found)
        {
            json.WriteStartObject();
            json.WriteString("name", s.Name);
            json.WriteString("value", s.Value);
            Share(json, "hit", s.Hit);
            Share(json, "others", s.Others);
            json.WriteNumber("oddsRatio", s.OddsRatio);
            json.WriteNumber("chance", s.Chance);
            json.WriteNumber("falseShare", s.Corrected);
            json.WriteStartArray("together");
            foreach (string other in s.Together)
                json.WriteStringValue(other);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    public static void LostDumps(TextWriter output, LostDumps lost) => JsonText.Write(output, "kdt.fleet.lost-dumps/1", json =>
    {
        json.WriteNumber("saved", lost.Saved);
        json.WriteNumber("incomplete", lost.Incomplete);
        json.WriteNumber("lost", lost.Lost);
        json.WriteNumber("notTold", lost.NotTold);
        ReasonTable.Json(json, "reasons", lost.Reasons);
    });

    public static void Inputs(TextWriter output, IEnumerable<Row> rows) =>
        JsonText.Write(output, "kdt.fleet.inputs/1", json => InputTable.Json(json, "inputs", rows));

    private static void Share(Utf8JsonWriter json, string name, Proportion p)
    {
        json.WriteStartObject(name);
        json.WriteNumber("hits", p.Hits);
        json.WriteNumber("of", p.Of);
        json.WriteNumber("share", p.Share);
        json.WriteNumber("low", p.Low);
        json.WriteNumber("high", p.High);
        json.WriteEndObject();
    }
}
