using System.Text.Json;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Fleet.Questions;
using Kdump.Fleet.Records;
using Kdump.Fleet.Statistics;
using Kdump.Fleet.Stores;

namespace Kdump.Cli.Reports.FleetViews;

/// <summary>Answers of kdt fleet for programs.</summary>
internal static class FleetJson
{
    private static readonly Table<ClusterRow> ClusterTable = new(
        new Column<ClusterRow>("id", null, r => r.Id),
        new Column<ClusterRow>("signature", null, r => r.Signature),
        new Column<ClusterRow>("title", null, r => r.Title),
        new Column<ClusterRow>("kind", null, r => r.Kind),
        new Column<ClusterRow>("machines", null, r => r.Machines),
        new Column<ClusterRow>("crashes", null, r => r.Crashes),
        new Column<ClusterRow>("fatal", null, r => r.Fatal),
        new Column<ClusterRow>("firstSeen", null, r => r.FirstSeen),
        new Column<ClusterRow>("lastSeen", null, r => r.LastSeen),
        new Column<ClusterRow>("releases", null, r => r.Releases),
        new Column<ClusterRow>("models", null, r => r.Models),
        new Column<ClusterRow>("signatures", null, r => r.Signatures),
        new Column<ClusterRow>("weeks", null, r => (IReadOnlyList<long>)[.. r.Trend.Select(t => (long)t)]),
        new Column<ClusterRow>("example", null, r => r.Example));

    public static readonly Table<FleetCrash> CrashTable = new(
        new Column<FleetCrash>("id", null, c => c.Id),
        new Column<FleetCrash>("machine", null, c => c.Machine),
        new Column<FleetCrash>("release", null, c => c.Release),
        new Column<FleetCrash>("time", null, c => c.Time),
        new Column<FleetCrash>("timeFrom", null, c => c.TimeFrom),
        new Column<FleetCrash>("cluster", null, c => c.Cluster),
        new Column<FleetCrash>("title", null, c => c.Title),
        new Column<FleetCrash>("fatal", null, c => c.Fatal),
        new Column<FleetCrash>("requested", null, c => c.Requested),
        new Column<FleetCrash>("headline", null, c => c.Headline),
        new Column<FleetCrash>("fix", null, c => c.Fix),
        new Column<FleetCrash>("dump", null, c => JudgedJson.NameOf(c.Outcome)),
        new Column<FleetCrash>("dumpReason", null, c => c.OutcomeReason),
        new Column<FleetCrash>("evidence", null, c => c.Evidence),
        new Column<FleetCrash>("input", null, c => c.Input));

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
            json.WriteStartArray("releases");
            foreach (Row r in store.Rows("SELECT release FROM releases WHERE machine = @m ORDER BY release", ("m", machine)))
                json.WriteStringValue(r.Text(0));
            json.WriteEndArray();
            json.WriteStartArray("traits");
            foreach (Row r in store.Rows("SELECT name, value FROM traits WHERE machine = @m ORDER BY name, value", ("m", machine)))
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
        json.WriteStartArray("reasons");
        foreach (LostDump r in lost.Reasons)
        {
            json.WriteStartObject();
            json.WriteString("id", r.Id);
            json.WriteString("reason", r.Reason);
            json.WriteNumber("machines", r.Machines);
            json.WriteNumber("crashes", r.Crashes);
            json.WriteString("fix", r.Fix);
            json.WriteString("example", r.Example);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    public static void Inputs(TextWriter output, Row[] rows) => JsonText.Write(output, "kdt.fleet.inputs/1", json =>
    {
        json.WriteStartArray("inputs");
        foreach (Row r in rows)
        {
            json.WriteStartObject();
            json.WriteString("path", r.Text(0));
            json.WriteString("state", r.Text(1));
            json.WriteString("kind", r.Text(2));
            json.WriteString("reason", r.TextOrNull(3));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

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
