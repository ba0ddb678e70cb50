using System.Globalization;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Fleet.Questions;
using Kdump.Fleet.Statistics;
using Kdump.Fleet.Stores;
using Kdump.Sources.Records;

namespace Kdump.FleetCli.Reports;

/// <summary>Answers of kdt fleet for people.</summary>
internal static class FleetText
{
    private static readonly Table<ClusterRow> ClusterTable = new(
        new("", "CLUSTER", r => r.Id),
        new("", "MACHINES", r => r.Machines) { Right = true },
        new("", "CRASHES", r => r.Crashes) { Right = true },
        new("", "FIRST", r => Day(r.FirstSeen)),
        new("", "LAST", r => Day(r.LastSeen)),
        new("", "12 WEEKS", r => Bars(r.Trend)),
        new("", "TITLE", r => r.Title));

    private static readonly Table<FleetCrash> CrashTable = new(
        new("", "TIME", c => Moment(c.Moment, c.MomentFrom)),
        new("", "MACHINE", c => c.Machine),
        new("", "RELEASE", c => c.Release),
        new("", "CLUSTER", c => c.Cluster),
        new("", "DUMP", c => JudgedJson.NameOf(c.Outcome)),
        new("", "TITLE", c => c.Title + (c.Requested ? " (requested)" : "")));

    public static void Clusters(Context context, FleetStore store, IReadOnlyList<ClusterRow> rows)
    {
        if (rows.Count > 0)
            ClusterTable.Text(context.Output, rows);
        long crashes = store.Count("SELECT COUNT(*) FROM crashes"), machines = store.Machines(),
            unnamed = store.Count("SELECT COUNT(*) FROM machines WHERE named = 0 AND same_as IS NULL"),
                kinds = store.Count("SELECT COUNT(DISTINCT cluster) FROM signatures");
        if (rows.Count > 0)
            context.Output.WriteLine();
        Line(context, $"{rows.Count} of {Counted.Of(kinds, "kind")}; in total {Counted.Of(crashes, "crash")}, " +
            Counted.Of(machines, "machine") +
            (unnamed > 0 ? $", {unnamed} of them without a name (each such log counts as one machine)" : ""));
        if (store.Count("SELECT COUNT(*) FROM machines WHERE named = 0 AND same_as IS NOT NULL") is > 0 and long known)
            Line(context, $"{Counted.Of(known, "log")} without a name told by the same crash: " +
                $"no machine of {(known == 1 ? "its" : "their")} own");
        var names = ShortNames.In(store);
        if (names.Proven > 0)
            Line(context, $"{Counted.Of(names.Proven, "machine")} told with and without the domain: " +
                "one by machine id, serial number or boot");
        if (names.Taken > 0)
            Line(context, $"{Counted.Of(names.Taken, "machine")} told with and without the domain: " +
                "taken for one because one full name only begins so, which nothing proves");
        if (names.Apart > 0)
            Line(context, $"{Counted.Of(names.Apart, "machine")} known by a name without its domain, " +
                "which machines with a domain have, too: which of them it is is not known, and they count apart");
    }

    public static void Cluster(Context context, ClusterRow row, IReadOnlyList<FleetCrash> crashes)
    {
        Line(context, $"{row.Title}  [{row.Id}]");
        Line(context, $"  {Counted.Of(row.Crashes, "crash")} of {Counted.Of(row.Machines, "machine")}, " +
            $"{row.Fatal} of them stopped the kernel; {Day(row.FirstSeen)} to {Day(row.LastSeen)}");
        Line(context, $"  signature {row.Signature}" + (row.Signatures > 1 ? $", and {row.Signatures - 1} similar" : ""));
        if (row.Releases.Count > 0)
            Line(context, $"  releases: {string.Join(", ", row.Releases)}");
        if (row.Models.Count > 0)
            Line(context, $"  models: {string.Join("; ", row.Models)}");
        if (!row.Placed)
            Line(context, "  its reports do not tell where they crashed: they have one title, and are several bugs most likely");
        else if (crashes.FirstOrDefault(c => c.Fix is not null) is { } mended)
        {
            foreach (string fix in mended.Fixes.DefaultIfEmpty(mended.Fix!))
                Line(context, $"  fix: {fix}");
        }
        Line(context, $"  example: {row.Example}");
        context.Output.WriteLine();
        CrashTable.Text(context.Output, crashes);
        if (row.Crashes > crashes.Count)
            Line(context, $"only the newest {crashes.Count} are shown; kdt fleet export prints all");
    }

    public static void Machine(Context context, FleetStore store, string machine, IReadOnlyList<FleetCrash> crashes)
    {
        Line(context, machine);
        foreach ((string name, string by) in store.OtherNames(machine))
            Line(context, $"  also told as: {name} ({(by == FleetStore.JoinedByName
                ? "taken for the same: no other full name begins so" : $"the same {by}")})");
        foreach (Row r in store.Rows("SELECT name, value FROM traits WHERE machine = @m AND lent < 2 AND name NOT IN ('module', " +
            "'parameter') ORDER " +
            "BY name, value",
            ("m", machine)))
            Line(context, $"  {r.Text(0)}: {r.Text(1)}");
        (string[] modules, string[] parameters) = (Traits(store, machine, "module"), Traits(store, machine, "parameter"));
        if (parameters.Length > 0)
            Line(context, $"  parameters: {string.Join(' ', parameters)}");
        if (modules.Length > 0)
            Line(context, $"  {Counted.Of(modules.Length, "module")}: {string.Join(' ', modules)}");
        string[] releases = [.. store.Rows("SELECT release FROM releases WHERE machine = @m AND lent < 2 ORDER BY release",
            ("m", machine)).Select(r =>
            r.Text(0))];
        if (releases.Length > 0)
            Line(context, $"  releases: {string.Join(", ", releases)}");
        context.Output.WriteLine();
        if (crashes.Count > 0)
            CrashTable.Text(context.Output, crashes);
        else
            Line(context, "the store has no crash of this machine");
        foreach (FleetCrash crash in crashes.Where(c => c.Hardware is not null))
            Line(context, $"{Moment(crash.Moment, crash.MomentFrom)}: hardware involved: {crash.Hardware}");
    }

    private static string[] Traits(FleetStore store, string machine, string name) => [.. store.Rows(
        "SELECT value FROM traits WHERE machine = @m AND name = @name AND lent < 2 ORDER BY value", ("m", machine), ("name", name))
        .Select(r => r.Text(0))];

    public static void Diff(Context context, string earlier, string later, ReleaseDiff diff)
    {
        var table = new Table<ReleaseChange>(
            new("", "CLUSTER", c => c.Cluster),
            new("", "", c => c.Word),
            new("", earlier, c => Share(c.Earlier)),
            new("", later, c => Share(c.Later)),
            new("", "DIFFERENCE", c =>
                string.Create(CultureInfo.InvariantCulture, $"{c.Low * 100:f1} to {c.High * 100:f1} %")),
            new("", "TITLE", c => c.Title));
        if (diff.Changes.Count > 0)
            table.Text(context.Output, diff.Changes);
        else
            Line(context, "the store has no crash of either release");
        context.Output.WriteLine();
        Line(context, $"shares of the machines seen with each release ({diff.Earlier} and {diff.Later}), 95 % bounds; " +
            "\"no proof\": the difference may be chance (Fisher's test, corrected for all kinds, above 0.05). " +
            "The shares do not account for how long each machine ran.");
    }

    public static void Suspects(Context context, Suspects suspects)
    {
        var table = new Table<Suspect>(
            new("", "TRAIT", s => s.Name),
            new("", "VALUE", s => s.Value),
            new("", "HIT", s => Share(s.Hit)),
            new("", "OTHERS", s => Share(s.Others)),
            new("", "ODDS", s => s.OddsRatio.ToString("f1", CultureInfo.InvariantCulture)) { Right = true },
            new("", "FALSE", s => s.Corrected.ToString("g2", CultureInfo.InvariantCulture)) { Right = true });
        if (suspects.Found.Count > 0)
            table.Text(context.Output, suspects.Found);
        foreach (Suspect s in suspects.Found.Where(s => s.Together.Count > 0))
            Line(context, $"the same machines as {s.Name} {s.Value} have: {string.Join("; ", s.Together.Take(8))}" +
                (s.Together.Count > 8 ? $" and {s.Together.Count - 8} more" : ""));
        if (suspects.Found.Count > 0)
            context.Output.WriteLine();
        Line(context, suspects.Found.Count > 0
            ? $"{Counted.Of(suspects.Machines, "machine")} hit, {suspects.Others} not; {Counted.Of(suspects.Tried, "trait")} compared. " +
                "FALSE: the expected share of chance results among all that are at least as good. " +
                "What machines have in common does not prove a cause: change it on a few machines and compare."
            : $"no trait distinguishes the {Counted.Of(suspects.Machines, "machine")} hit from {Counted.Of(suspects.Others, "other")} " +
                $"({Counted.Of(suspects.Tried, "trait")} compared). " +
                (suspects.Others == 0 ? "To find out: also scan logs of machines without this crash." : ""));
    }

    public static void LostDumps(Context context, LostDumps lost)
    {
        Line(context, $"of {Counted.Of(lost.Told, "crash")} whose dump outcome is known: {lost.Saved} saved, " +
            $"{lost.Incomplete} incomplete, {lost.Lost} lost (not known for {Counted.Of(lost.NotTold, "fatal crash")})");
        foreach (LostDump reason in lost.Reasons)
        {
            context.Output.WriteLine();
            Line(context, $"{reason.Crashes} lost on {Counted.Of(reason.Machines, "machine")}: " +
                $"{reason.Reason}{(reason.Id.Length > 0 ? $"  [{reason.Id}]" : "")}");
            if (reason.Fix is not null)
                Line(context, $"   fix: {reason.Fix}");
            Line(context, $"   example: {reason.Example}");
        }
    }

    public static void Inputs(Context context, IEnumerable<Row> rows)
    {
        foreach (Row r in rows)
            Line(context, $"{r.Text(0)}: " +
                $"{r.Text(1)}{(r.Text(2).Length > 0 ? $", {r.Text(2)}" : "")}{(r.Text(3).Length > 0 ? $" ({r.Text(3)})" : "")}");
    }

    /// <summary><c>14/20 70 % (48..85)</c></summary>
    private static string Share(Proportion p) => string.Create(CultureInfo.InvariantCulture,
        $"{p.Hits}/{p.Of} {p.Share * 100:f0} % ({p.Low * 100:f0}..{p.High * 100:f0})");

    public static string Day(long? time) => Written(time, "yyyy-MM-dd");

    public static string Moment(long? time, string? from) => Written(time, "yyyy-MM-dd HH:mm") +
        (time is not null && from is "path" or CrashRecord.Seen ? "~" : "");

    /// <summary>A store may hold any number; a date has four digits for its year.</summary>
    private static string Written(long? time, string form) => time is long t && t >= 0 && t <= CrashRecord.LastTime
        ? DateTime.UnixEpoch.AddSeconds(t).ToString(form, CultureInfo.InvariantCulture) : "-";

    /// <summary>One bar per week, scaled to the week with most crashes.</summary>
    private static string Bars(IReadOnlyList<int> weeks)
    {
        const string levels = " ▁▂▃▄▅▆▇█";
        int most = Math.Max(1, weeks.Max());
        return string.Concat(weeks.Select(w => levels[w == 0 ? 0 : Math.Max(1, (int)((long)w * 8 / most))]));
    }

    private static void Line(Context context, string text) => context.Output.WriteLine(Printable.Escape(text));
}
