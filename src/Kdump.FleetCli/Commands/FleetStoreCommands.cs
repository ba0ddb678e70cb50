using System.CommandLine;
using System.Globalization;
using Kdump.Cli.Reports;
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
        var form = new Option<string>("--format") { Description = "ndjson, csv or parquet", DefaultValueFactory = _ => "ndjson",
            HelpName = "FORMAT" };
        form.AcceptOnlyFromAmong("ndjson", "csv", "parquet");
        var file = new Option<string?>("--output", "-o") { Description = "Write to this new file; parquet needs it", HelpName = "FILE" };
        var command = new Command("export",
            "Print every crash on one line, or write a Parquet file, for other programs (DuckDB, Spark, ClickHouse, a spreadsheet).\n\n" +
            "Example: kdt fleet export fleet.db --format csv > crashes.csv") { place, form, file };
        command.SetAction(async (parsed, _) =>
        {
            string format = parsed.GetValue(form)!;
            if (format == "parquet" && parsed.GetValue(file) is null)
                throw new InputException("parquet", "--format", -1, "is no text: name a file with -o");
            using FleetStore store = FleetStore.Open(parsed.GetValue(place)!, create: false);
            if (parsed.GetValue(file) is { } path)
                await ToNewFile(path, format, store).ConfigureAwait(false);
            else if (format == "csv")
                FleetExport.Csv(context.Output, store);
            else
                FleetExport.Lines(context.Output, store);
            return ExitCode.Fine;
        });
        return command;
    }

    private static async Task ToNewFile(string path, string format, FleetStore store)
    {
        if (Path.Exists(path))
            throw new InputException(path, "-o", -1, "exists: it is not overwritten");
        try
        {
            using WholeFile file = new(Path.GetFullPath(path));
            await Export(file.Stream, format, store).ConfigureAwait(false);
            file.Done(replace: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(path, "-o", -1, FileKind.ReasonOf(e, path), e);
        }
    }

    private static async Task Export(Stream output, string form, FleetStore store)
    {
        if (form == "parquet")
        {
            await FleetParquet.Write(output, store).ConfigureAwait(false);
            return;
        }
        using var text = new StreamWriter(output, leaveOpen: true) { NewLine = "\n" };
        if (form == "csv")
            FleetExport.Csv(text, store);
        else
            FleetExport.Lines(text, store);
    }
}
