using System.CommandLine;
using System.Globalization;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Fleet.Scans;
using Kdump.Fleet.Stores;
using Kdump.Formats.Bytes;

namespace Kdump.FleetCli.Commands;

/// <summary><c>kdt fleet scan</c> and <c>watch</c>: adds the crashes in logs, dumps and collections to a store.</summary>
internal static class FleetScanCommand
{
    private const int DefaultLimit = 300;

    public static Command Build(Context context)
    {
        var sources = new Argument<string[]>("source")
        {
            Description = "Folders, files, archives, patterns; - reads a list of paths from standard input, one per line",
                Arity = ArgumentArity.OneOrMore,
        };
        Option<string> into = Into();
        Option<int?> jobs = Jobs(), limit = Limit();
        var shard = new Option<string?>("--shard") { Description = "Scan only part i of n: 0/8 to 7/8, for jobs that run in parallel",
            HelpName = "I/N" };
        var redact = RedactOptions.OfScan();
        var command = new Command("scan",
            "Add crashes to a store, from logs, dumps, pstore, collections and everything else that kdt explain reads. " +
                "Inputs that this version has judged before and that have not changed are skipped, " +
                "so an interrupted scan can be started again.\n\n" +
                "Examples:\n  kdt fleet scan /var/crash --into fleet.db\n  find /logs -name '*.log' | kdt fleet scan - --into fleet.db\n" +
                "  kdt fleet scan /logs --into postgresql://kdump@db/fleet --shard 3/16") { sources, into, jobs, limit, shard };
        redact.AddTo(command);
        command.SetAction(parsed =>
        {
            (int, int) part = PartOf(parsed.GetValue(shard));
            Redaction? key = redact.Of(parsed);
            using FleetStore store = FleetStore.Open(parsed.GetValue(into)!, create: true);
            using var stop = new StopSignals();
            int code = Run(context, store, parsed.GetValue(sources)!.SelectMany(s => s == "-" ? PathList.Read(context.Input(), stop.Token)
                : [s]),
                parsed.GetValue(jobs),
                parsed.GetValue(limit), part, key, () => stop.Came);
            if (!stop.Came)
                return code;
            context.Error.WriteLine("kdt: stopped; what was judged is kept, and the next scan goes on from there");
            return ExitCode.Failed;
        });
        return command;
    }

    /// <summary>Watches the folder of a crash server: a file that arrives is scanned as soon as it stops changing.</summary>
    public static Command Watch(Context context)
    {
        var folder = new Argument<string>("folder") { Description = "The folder in which dumps and logs arrive" };
        Option<string> into = Into();
        Option<int?> jobs = Jobs(), limit = Limit();
        var redact = RedactOptions.OfScan();
        var metrics = new Option<string?>("--metrics") { Description =
            "Also write counts to this file, for the textfile collector of Prometheus' node_exporter",
            HelpName = "FILE.prom" };
        Option<int?> rounds = Numbers.Whole("--rounds", "Stop after this many rounds (default: never)", least: 1);
        var command = new Command("watch",
            "Scan whatever arrives in a folder, until it is stopped.\n\nExample: kdt fleet watch /var/crash --into fleet.db") {
            folder, into, jobs, limit, metrics, rounds };
        redact.AddTo(command);
        command.SetAction(parsed =>
        {
            string place = parsed.GetValue(folder)!;
            if (!Directory.Exists(place))
                throw new InputException(place, "folder", -1, "does not exist or is not a folder");
            Redaction? key = redact.Of(parsed);
            using FleetStore store = FleetStore.Open(parsed.GetValue(into)!, create: true);
            return FleetWatch.Run(context, store, place, parsed.GetValue(rounds), parsed.GetValue(metrics), (round, stopped) =>
                Run(context, store, [place], parsed.GetValue(jobs), parsed.GetValue(limit), (0, 1), key, stopped, round));
        });
        return command;
    }

    private static Option<string> Into() => new("--into") { Description = "The store: a file, or postgresql://user@host/name",
        Required = true, HelpName = "STORE" };

    private static Option<int?> Jobs() => Numbers.Whole("--jobs", "Number of worker processes (default: one per CPU)", least: 1,
        most: 1024);

    private static Option<int?> Limit() => Numbers.Whole("--timeout", $"Time limit in seconds for one input (default {DefaultLimit})",
        least: 1);

    /// <param name="round">Of a watch, from 0; null: a scan by itself.</param>
    private static int Run(Context context, FleetStore store, IEnumerable<string> sources, int? jobs, int? limit, (int, int) shard,
        Redaction? redact, Func<bool> stopped, int? round = null)
    {
        (string[] worker, string version) = Judges.Find();
        var judgeLimit = TimeSpan.FromSeconds(limit ?? DefaultLimit);
        int workers = jobs ?? Environment.ProcessorCount;
        // All workers together may use no more memory than one kdt process.
        long memory = Math.Max(512L << 20, (8L << 30) / workers);
        var scan = new Scan(store, version, () => new WorkerProcess(worker, judgeLimit, memory), workers)
        {
            Shard = shard, Redact = redact, Stopped = stopped, Waits = round is not null,
            Tell = state => Tell(context, state),
        };
        ScanState end = scan.Run(sources);
        if (context.Terminal.Progress)
            context.Error.Write("\r\x1b[K");
        // A round of a watch without new crashes prints nothing.
        if (round is > 0 && end.Units - end.Skipped - end.RefusedBefore <= 0)
            return ExitCode.Fine;
        if (round is not null && end.Units == 0)
        {
            context.Output.WriteLine("nothing has arrived yet");
            return ExitCode.Fine;
        }
        context.Output.WriteLine($"{Counted.Of(end.Units, "input")} ({end.Skipped} unchanged): {Counted.Of(end.Crashes, "new crash")}; " +
            $"the store has {Counted.Of(end.Stored, "crash")} of {Counted.Of(end.Machines, "machine")}; {end.Refused} could not be read" +
            (end.RefusedBefore > 0 ? $" ({end.RefusedBefore} as before)" : ""));
        if (end.Units == 0 && stopped())
            return ExitCode.Failed;
        if (end.Units == 0)
        {
            context.Error.WriteLine(shard.Item2 > 1 ? "kdt: no file of the sources is in this shard" : "kdt: no file was found");
            return ExitCode.Failed;
        }
        foreach ((string path, string reason) in end.Trouble)
            context.Error.WriteLine($"kdt: {Printable.Escape(path)}: {Printable.Escape(reason)}");
        long trouble = end.Refused - end.RefusedBefore;
        if (trouble > end.Trouble.Count)
            context.Error.WriteLine($"kdt: and {trouble - end.Trouble.Count} more; " +
                $"kdt fleet inputs {Printable.Escape(ShellWord.Path(store.Name))} --state refused lists all of them");
        if (trouble > 0 && redact is not null)
            context.Error.WriteLine("kdt: which file a number stands for: " +
                $"kdt fleet inputs {Printable.Escape(ShellWord.Path(store.Name))} FILE… --redact-key KEYFILE");
        // What an earlier scan told is no news; a scan that looked at nothing has failed all the same. A watch looks again.
        return trouble > 0 || (end.Refused >= end.Units && round is null) ? ExitCode.Failed : ExitCode.Fine;
    }

    private static void Tell(Context context, ScanState state)
    {
        if (context.Terminal.Progress)
            context.Error.Write(string.Create(CultureInfo.InvariantCulture,
                $"\r{Counted.Of(state.Units, "input")}, {Counted.Of(state.Reports, "report")} of crashes\x1b[K"));
    }

    private static (int, int) PartOf(string? shard)
    {
        if (shard is null)
            return (0, 1);
        string[] parts = shard.Split('/');
        return parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int i) &&
            int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int n) && i < n ? (i, n)
            : throw new InputException("--shard", Printable.Escape(shard), -1,
                "is not of the form I/N with I from 0 to N-1, for example 0/8");
    }
}
