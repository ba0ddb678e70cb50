using System.CommandLine;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Fleet.Questions;
using Kdump.Fleet.Scans;
using Kdump.Fleet.Stores;
using Kdump.FleetCli.Reports;
using Kdump.Formats.Bytes;

namespace Kdump.FleetCli.Commands;

/// <summary>The commands that query a store.</summary>
internal static class FleetQuestionCommands
{
    private const int Most = 25;

    public static Command Top(Context context)
    {
        Argument<string> place = FleetCommand.Store();
        Option<int?> most = Numbers.Whole("--most", $"Number of kinds to print (default {Most})", least: 1, most: 100_000);
        Option<long?> since = FleetCommand.Since("--since", "Only crashes since then");
        Option<bool> json = FleetCommand.Json();
        var page = new Option<string?>("--output", "-o") { Description = "Also write the fleet as one HTML page to this file",
            HelpName = "fleet.html" };
        var command = new Command("top", "Which kinds of crash hit most machines.\n\nExample: kdt fleet top fleet.db --since 30d") {
            place, most, since, json, page };
        command.SetAction(parsed => Ask(context, parsed.GetValue(place)!, store =>
        {
            IReadOnlyList<ClusterRow> rows = TopClusters.Of(store, parsed.GetValue(most) ?? Most, parsed.GetValue(since));
            if (parsed.GetValue(page) is { } file)
                FleetHtml.WriteFile(file, store);
            if (parsed.GetValue(json))
                FleetJson.Clusters(context.Output, "kdt.fleet.top/1", rows);
            else
                FleetText.Clusters(context, store, rows);
        }));
        return command;
    }

    public static Command New(Context context)
    {
        Argument<string> place = FleetCommand.Store();
        Option<long?> since = FleetCommand.Since("--since", "Kinds that were first seen after this time");
        since.Required = true;
        Option<bool> json = FleetCommand.Json();
        var command = new Command("new", "Kinds of crash that are new.\n\nExample: kdt fleet new fleet.db --since 7d") { place, since,
            json };
        command.SetAction(parsed => Ask(context, parsed.GetValue(place)!, store =>
        {
            IReadOnlyList<ClusterRow> rows = TopClusters.New(store, 1000, parsed.GetValue(since) ?? 0);
            if (parsed.GetValue(json))
                FleetJson.Clusters(context.Output, "kdt.fleet.new/1", rows);
            else
                FleetText.Clusters(context, store, rows);
        }));
        return command;
    }

    public static Command Show(Context context)
    {
        Argument<string> place = FleetCommand.Store(),
            id = new("cluster") { Description = "Its id (see kdt fleet top), or the beginning of it" };
        Option<bool> json = FleetCommand.Json();
        var command = new Command("show",
            "One kind of crash: its machines, releases and crashes.\n\nExample: kdt fleet show fleet.db 4c1f09ab") {
            place, id, json };
        command.SetAction(parsed => Ask(context, parsed.GetValue(place)!, store =>
        {
            string cluster = FleetCommand.Cluster(store, parsed.GetValue(id)!);
            ClusterRow row = TopClusters.Of(store, 1, wanted: cluster) is [var only] ? only
                : throw new InputException(store.Name, $"cluster {cluster}", -1, "has no crash any more");
            IReadOnlyList<FleetCrash> crashes = FleetCrash.OfCluster(store, cluster, 100);
            if (parsed.GetValue(json))
                FleetJson.Cluster(context.Output, row, crashes);
            else
                FleetText.Cluster(context, row, crashes);
        }));
        return command;
    }

    public static Command Machine(Context context)
    {
        Argument<string> place = FleetCommand.Store(), host = new("host") { Description = "Its name" };
        Option<bool> json = FleetCommand.Json();
        var redact = RedactOptions.OfQuestion();
        var command = new Command("machine",
            "The crashes of one machine, and what is known of it.\n\nExample: kdt fleet machine fleet.db web-17") {
            place, host, json };
        redact.AddTo(command);
        command.SetAction(parsed => Ask(context, parsed.GetValue(place)!, store =>
        {
            // Names are kept in small letters.
            string given = parsed.GetValue(host)!.ToLowerInvariant(), asked = redact.Of(parsed, store)?.Machine(given) ?? given;
            string[] full = store.MachineOf(asked) is null ? FullNames(store, asked) : [];
            string name = store.MachineOf(asked) ?? store.MachineOf(given) ?? (full is [var only] ? only : null) ??
                throw new InputException(store.Name, $"machine {Diagnosis.Model.Printable.Escape(given)}", -1,
                    $"no input mentions it{(full.Length == 0 ? "" : $" by this name alone; there are {string.Join(", ", full)}")}");
            IReadOnlyList<FleetCrash> crashes = FleetCrash.OfMachine(store, name);
            if (parsed.GetValue(json))
                FleetJson.Machine(context.Output, store, name, crashes);
            else
                FleetText.Machine(context, store, name, crashes);
        }));
        return command;
    }

    public static Command Diff(Context context)
    {
        Argument<string> place = FleetCommand.Store();
        var releases = new Option<string[]>("--release")
        {
            Description = "Two releases, or their beginnings: --release 6.1 6.12", Required = true, Arity = new ArgumentArity(2, 2),
            AllowMultipleArgumentsPerToken = true, HelpName = "A B",
        };
        Option<bool> json = FleetCommand.Json();
        var command = new Command("diff",
            "Compare two kernel releases: the share of machines that crashed under each, with confidence bounds.\n\n" +
            "Example: kdt fleet diff fleet.db --release 6.1.0-31 6.1.0-32") { place, releases, json };
        command.SetAction(parsed => Ask(context, parsed.GetValue(place)!, store =>
        {
            string[] two = parsed.GetValue(releases)!;
            ReleaseDiff diff = ReleaseDiff.Of(store, two[0], two[1]);
            foreach ((string release, long seen) in new[] { (two[0], diff.Earlier), (two[1], diff.Later) })
            {
                if (seen == 0)
                    throw new InputException(store.Name, $"release {Diagnosis.Model.Printable.Escape(release)}", -1,
                        "no machine in the store ran it");
            }
            if (parsed.GetValue(json))
                FleetJson.Diff(context.Output, two[0], two[1], diff);
            else
                FleetText.Diff(context, two[0], two[1], diff);
        }));
        return command;
    }

    public static Command Suspects(Context context)
    {
        Argument<string> place = FleetCommand.Store(),
            id = new("cluster") { Description = "Its id (see kdt fleet top), or the beginning of it" };
        Option<bool> json = FleetCommand.Json();
        var command = new Command("suspects",
            "What the machines with one kind of crash have in common and the others do not: firmware, microcode, modules, parameters, " +
                "cards, disks.\n\nExample: kdt fleet suspects fleet.db 4c1f09ab") { place, id, json };
        command.SetAction(parsed => Ask(context, parsed.GetValue(place)!, store =>
        {
            string cluster = FleetCommand.Cluster(store, parsed.GetValue(id)!);
            Suspects suspects = Fleet.Questions.Suspects.Of(store, cluster);
            if (parsed.GetValue(json))
                FleetJson.Suspects(context.Output, cluster, suspects);
            else
                FleetText.Suspects(context, suspects);
        }));
        return command;
    }

    public static Command LostDumps(Context context)
    {
        Argument<string> place = FleetCommand.Store();
        Option<bool> json = FleetCommand.Json();
        var command = new Command("lost-dumps",
            "Why dumps were lost, and which change would save the most.\n\nExample: kdt fleet lost-dumps fleet.db") {
            place, json };
        command.SetAction(parsed => Ask(context, parsed.GetValue(place)!, store =>
        {
            LostDumps lost = Fleet.Questions.LostDumps.Of(store);
            if (parsed.GetValue(json))
                FleetJson.LostDumps(context.Output, lost);
            else
                FleetText.LostDumps(context, lost);
        }));
        return command;
    }

    public static Command Inputs(Context context)
    {
        Argument<string> place = FleetCommand.Store();
        var state = new Option<string?>("--state") { Description = "judged, partly, nothing or refused", HelpName = "STATE" };
        state.AcceptOnlyFromAmong("judged", "partly", "nothing", "refused");
        Option<bool> json = FleetCommand.Json();
        var files = new Argument<string[]>("path") { Description = "Only these inputs, as the scan was given them",
            Arity = ArgumentArity.ZeroOrMore };
        var redact = RedactOptions.OfQuestion();
        var command = new Command("inputs",
            "List the inputs that were scanned, with the reason for those that could not be read.\n\nExamples:\n" +
                "  kdt fleet inputs fleet.db --state refused\n  kdt fleet inputs fleet.db /logs/web-17.log --redact-key key.txt") {
            place, files, state, json };
        redact.AddTo(command);
        command.SetAction(parsed => Ask(context, parsed.GetValue(place)!, store =>
        {
            string? wanted = parsed.GetValue(state);
            Redaction? key = redact.Of(parsed, store);
            const string select = "SELECT path, state, kind, reason FROM inputs WHERE ";
            IEnumerable<Row> rows;
            if (parsed.GetValue(files) is { Length: > 0 } named)
                rows = named.SelectMany(f => Named(store, f, key, select)).Where(r => wanted is null || r.Text(1) == wanted);
            else if (wanted is null)
                rows = store.Stream(select + "1 = 1 ORDER BY path");
            else
                rows = store.Stream(select + "state = @state ORDER BY path", ("state", wanted));
            if (parsed.GetValue(json))
                FleetJson.Inputs(context.Output, rows);
            else
                FleetText.Inputs(context, rows);
        }));
        return command;
    }

    private static IReadOnlyList<Row> Named(FleetStore store, string file, Redaction? key, string select)
    {
        if (store.Rows(select + "path = @path", ("path", key?.Path(file) ?? file)) is { Count: > 0 } found)
            return found;
        if (store.Rows(select + "path = @path", ("path", file)) is { Count: > 0 } number)
            return number;
        throw new InputException(store.Name, $"input {Diagnosis.Model.Printable.Escape(file)}", -1, "no scan was given it");
    }

    /// <summary>Machines of that name in one domain or another.</summary>
    private static string[] FullNames(FleetStore store, string name) => [.. store.Rows(
        "SELECT machine FROM machines WHERE machine LIKE @like ORDER BY machine LIMIT 5", ("like", name + ".%"))
        .Select(r => r.Text(0)).Where(m => m.StartsWith(name + ".", StringComparison.Ordinal))];

    private static int Ask(Context context, string place, Action<FleetStore> answer)
    {
        using FleetStore store = FleetStore.Open(place, create: false);
        if (store.Unsettled() is > 0 and long open)
            context.Error.WriteLine(
                $"kdt: {Diagnosis.Model.Printable.Escape(store.Name)}: {Counted.Of(open, "report")} of crashes not counted yet: " +
                "a scan is at work, or was broken off (the next one counts them)");
        if (store.OldOnes() is > 0 and long old)
            context.Error.WriteLine($"kdt: {Diagnosis.Model.Printable.Escape(store.Name)}: {Counted.Of(old, "crash")} of an older kdt: " +
                "names of one machine with and without its domain count apart until their files are scanned again");
        answer(store);
        return ExitCode.Fine;
    }
}
