using System.CommandLine;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
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
            string into = parsed.GetValue(place)!;
            // All are looked at before the first row is copied: a refused store must not leave half a merge.
            foreach (string path in parsed.GetValue(others)!)
            {
                if (path == into)
                    throw new InputException(path, "store", -1, "is the store to merge into");
                using FleetStore other = FleetStore.Open(path, create: false);
            }
            using FleetStore store = FleetStore.Open(into, create: true);
            foreach (string path in parsed.GetValue(others)!)
            {
                using FleetStore other = FleetStore.Open(path, create: false);
                store.Admits(other);
            }
            foreach (string path in parsed.GetValue(others)!)
            {
                using FleetStore other = FleetStore.Open(path, create: false);
                store.Merge(other);
            }
            store.Settle();
            context.Output.WriteLine($"{Counted.Of(store.Count("SELECT COUNT(*) FROM crashes"), "crash")} of " +
                Counted.Of(store.Machines(), "machine"));
            return ExitCode.Fine;
        });
        return command;
    }

    public static Command Prune(Context context)
    {
        Argument<string> place = FleetCommand.Store();
        Option<long?> keep = FleetCommand.Since("--keep", "Remove crashes older than this");
        keep.Required = true;
        var command = new Command("prune",
            "Remove old crashes from a store, and machines that were not seen since.\n" +
            "\nExample: kdt fleet prune fleet.db --keep 365d") { place,
            keep };
        command.SetAction(parsed =>
        {
            using FleetStore store = FleetStore.Open(parsed.GetValue(place)!, create: false);
            (long crashes, long machines) = store.Prune(parsed.GetValue(keep) ?? 0);
            context.Output.WriteLine($"{Counted.Of(crashes, "crash")} removed, and {Counted.Of(machines, "machine")} not seen since");
            return ExitCode.Fine;
        });
        return command;
    }

    public static Command Export(Context context)
    {
        Argument<string> place = FleetCommand.Store();
        var form = new Option<string>("--format") { Description = "ndjson, csv or parquet", DefaultValueFactory = _ => "ndjson",
            HelpName = "FORMAT" };
        form.AcceptOnlyFromAmong("ndjson", "csv", "parquet");
        var file = new Option<string?>("--output", "-o") { Description = "Write to this file; parquet needs it", HelpName = "FILE" };
        var command = new Command("export",
            "Print every crash on one line, or write a Parquet file, for other programs (DuckDB, Spark, ClickHouse, a spreadsheet).\n\n" +
            "Example: kdt fleet export fleet.db --format csv > crashes.csv") { place, form, file };
        command.SetAction(parsed =>
        {
            string format = parsed.GetValue(form)!;
            if (format == "parquet" && parsed.GetValue(file) is null)
                throw new InputException("parquet", "--format", -1, "is no text: name a file with -o");
            using FleetStore store = FleetStore.Open(parsed.GetValue(place)!, create: false);
            if (parsed.GetValue(file) is { } path)
                ToFile(path, format, store);
            else if (format == "csv")
                FleetExport.Csv(context.Output, store);
            else
                FleetExport.Lines(context.Output, store);
            return ExitCode.Fine;
        });
        return command;
    }

    private static void ToFile(string path, string format, FleetStore store)
    {
        if (format == "parquet")
        {
            OutputFile.Write(path, FleetExport.ParquetHead, "a Parquet file",
                stream => FleetParquet.Write(stream, store).GetAwaiter().GetResult());
            return;
        }
        OutputFile.Write(path, format == "csv" ? FleetExport.CsvHead[..40] : FleetExport.LineHead, $"an export of kdt fleet as {format}",
            stream =>
        {
            using var text = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
            if (format == "csv")
                FleetExport.Csv(text, store);
            else
                FleetExport.Lines(text, store);
        });
    }
}
