using System.CommandLine;
using System.Globalization;
using Kdump.Cli.Terminals;
using Kdump.Fleet.Stores;
using Kdump.FleetCli.Reports;
using Kdump.Formats.Bytes;

namespace Kdump.FleetCli.Commands;

/// <summary>Commands that merge, prune and export stores.</summary>
internal static class FleetStoreCommands
{
    public static Command Merge(Context context)
    {
        Argument<string> place = FleetCommand.Store();
        var others = new Argument<string[]>("other") { Description = "Stores to copy from",
            Arity = ArgumentArity.OneOrMore };
        var command = new Command("merge",
            "Copy the content of other stores into this one, each crash once.\n\nExample: kdt fleet merge fleet.db shard-*.db") { place,
                others };
        command.SetAction(parsed =>
        {
            using FleetStore store = FleetStore.Open(parsed.GetValue(place)!, create: true);
            foreach (string path in parsed.GetValue(others)!)
            {
                if (path == parsed.GetValue(place))
                    throw new InputException(path, "store", -1, "is the store to merge into");
                using FleetStore other = FleetStore.Open(path, create: false);
                store.Merge(other);
            }
            store.Settle();
            context.Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{store.Count("SELECT COUNT(*) FROM crashes")} crashes of {store.Count("SELECT COUNT(*) FROM machines")} machines"));
            return ExitCode.Fine;
        });
        return command;
    }

    public static Command Prune(Context context)
    {
        Argument<string> place = FleetCommand.Store();
        Option<long?> keep = FleetCommand.Since("--keep", "Remove crashes older than this");
        keep.Required = true;
        var command = new Command("prune", "Remove old crashes from a store.\n\nExample: kdt fleet prune fleet.db --keep 365d") { place,
            keep };
        command.SetAction(parsed =>
        {
            using FleetStore store = FleetStore.Open(parsed.GetValue(place)!, create: false);
            context.Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{store.Prune(parsed.GetValue(keep) ?? 0)} crashes removed"));
            return ExitCode.Fine;
        });
        return command;
    }

    public static Command Export(Context context)
    {
        Argument<string> place = FleetCommand.Store();
        var form = new Option<string>("--format") { Description = "ndjson or csv", DefaultValueFactory = _ => "ndjson",
            HelpName = "FORMAT" };
        form.AcceptOnlyFromAmong("ndjson", "csv");
        var command = new Command("export",
            "Print every crash on one line, for other programs (DuckDB, Spark, ClickHouse, a spreadsheet).\n\n" +
            "Example: kdt fleet export fleet.db --format csv > crashes.csv") { place, form };
        command.SetAction(parsed =>
        {
            using FleetStore store = FleetStore.Open(parsed.GetValue(place)!, create: false);
            if (parsed.GetValue(form) == "csv")
                FleetExport.Csv(context.Output, store);
            else
                FleetExport.Lines(context.Output, store);
            return ExitCode.Fine;
        });
        return command;
    }
}
