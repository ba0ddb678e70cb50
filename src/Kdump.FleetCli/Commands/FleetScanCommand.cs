using System.CommandLine;
using System.Globalization;
using System.Text;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Fleet.Scans;
using Kdump.Fleet.Stores;
using Kdump.Formats.Bytes;

namespace Kdump.FleetCli.Commands;

/// <summary><c>kdt fleet scan</c> and <c>watch</c>: takes logs, dumps and collections into a store.</summary>
internal static class FleetScanCommand
{
    private const int DefaultLimit = 300;

    private const int MaxRefusedShown = 5;

    public static Command Build(Context context)
    {
        var sources = new Argument<string[]>("source")
        {
            Description = "Folders, files, archives, patterns; - reads a list of paths, one in a line", Arity = ArgumentArity.OneOrMore,
        };
        Option<string> into = Into();
        Option<int?> jobs = Jobs(), limit = Limit();
        var shard = new Option<string?>("--shard") { Description = "Only the i-th of n parts: 0/8 to 7/8, for jobs beside each other",
            HelpName = "I/N" };
        Option<string?> redact = Redact();
        var command = new Command("scan",
            "Take crashes into a store: logs, dumps, pstore, collections, whatever kdt explain reads. What was judged before by this " +
                "version and\n" +
            "has not changed is skipped, so a scan can be broken off and begun again.\n\n" +
            "Examples:\n  kdt fleet scan /var/crash --into fleet.db\n  find /logs -name '*.log' | kdt fleet scan - --into fleet.db\n" +
            "  kdt fleet scan /logs --into postgresql://kdump@db/fleet --shard 3/16") { sources, into, jobs, limit, shard, redact };
        command.SetAction(parsed =>
        {
            (int, int) part = PartOf(parsed.GetValue(shard));
            using FleetStore store = FleetStore.Open(parsed.GetValue(into)!, create: true);
            using var stop = new StopSignals();
            int code = Run(context, store, parsed.GetValue(sources)!.SelectMany(s => s == "-" ? Lines(context) : [s]),
                parsed.GetValue(jobs),
                parsed.GetValue(limit), part, parsed.GetValue(redact), () => stop.Came);
            if (!stop.Came)
                return code;
            context.Error.WriteLine("kdt: stopped; what was judged is kept, and the next scan goes on from there");
            return ExitCode.Failed;
        });
        return command;
    }

    /// <summary>A crash server's folder: what arrives there is taken in when it has not changed for a moment.</summary>
    public static Command Watch(Context context)
    {
        var folder = new Argument<string>("folder") { Description = "Where dumps and logs arrive" };
        Option<string> into = Into();
        Option<int?> jobs = Jobs(), limit = Limit();
        Option<string?> redact = Redact();
        var metrics = new Option<string?>("--metrics") { Description = "Also write counts for Prometheus' textfile collector to this file",
            HelpName = "FILE.prom" };
        Option<int?> rounds = Numbers.Whole("--rounds", "End after so many rounds; without it, never", least: 1);
        var command = new Command("watch",
            "Take in whatever arrives in a folder, until it is stopped.\n\nExample: kdt fleet watch /var/crash --into fleet.db") {
            folder, into, jobs, limit, redact, metrics, rounds };
        command.SetAction(parsed =>
        {
            string place = parsed.GetValue(folder)!;
            if (!Directory.Exists(place))
                throw new InputException(place, "folder", -1, "is not there, or is no folder");
            using FleetStore store = FleetStore.Open(parsed.GetValue(into)!, create: true);
            return FleetWatch.Run(context, store, place, parsed.GetValue(rounds), parsed.GetValue(metrics), stopped =>
                Run(context, store, [place],
                parsed.GetValue(jobs), parsed.GetValue(limit), (0, 1), parsed.GetValue(redact), stopped));
        });
        return command;
    }

    private static Option<string> Into() => new("--into") { Description = "The store: a file, or postgresql://user@host/name",
        Required = true, HelpName = "STORE" };

    private static Option<int?> Jobs() => Numbers.Whole("--jobs", "Processes that judge (default: one for each CPU)", least: 1, most: 1024);

    private static Option<int?> Limit() => Numbers.Whole("--timeout", $"Seconds for one input (default {DefaultLimit})", least: 1);

    private static Option<string?> Redact() => new("--redact") {
        Description = "Keep no host names, paths, lines or parameters with names; machines become numbers made with this key",
            HelpName = "KEY" };

    private static int Run(Context context, FleetStore store, IEnumerable<string> sources, int? jobs, int? limit, (int, int) shard,
        string? redact,
        Func<bool> stopped)
    {
        (string[] worker, string version) = Judges.Find();
        var judgeLimit = TimeSpan.FromSeconds(limit ?? DefaultLimit);
        int workers = jobs ?? Environment.ProcessorCount;
        // Together they hold no more than kdt alone may.
        long memory = Math.Max(512L << 20, (8L << 30) / workers);
        var scan = new Scan(store, version, () => new WorkerProcess(worker, judgeLimit, memory), workers)
        {
            Shard = shard, Redact = redact is null ? null : new Redaction(redact), Stopped = stopped,
            Tell = state => Tell(context, state),
        };
        ScanState end = scan.Run(ScanUnits.Of(sources));
        if (context.Terminal.Progress)
            context.Error.Write("\r\x1b[K");
        context.Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{end.Units} inputs ({end.Skipped} known before): {end.Crashes} crashes of {end.Machines} machines; {end.Refused} could " +
                $"not be read"));
        if (end.Units == 0)
        {
            context.Error.WriteLine("kdt: no file is there");
            return ExitCode.Failed;
        }
        if (end.Refused == 0)
            return ExitCode.Fine;
        foreach (Row r in store.Rows("SELECT path, reason FROM inputs WHERE state = 'refused' ORDER BY path LIMIT @most",
            ("most", (long)MaxRefusedShown)))
            context.Error.WriteLine($"kdt: {Printable.Escape(r.Text(0))}: {r.Text(1)}");
        if (end.Refused > MaxRefusedShown)
            context.Error.WriteLine($"kdt: and {end.Refused - MaxRefusedShown} more: kdt fleet inputs {Printable.Escape(store.Name)} " +
                $"--state refused lists all");
        return ExitCode.Failed;
    }

    private static void Tell(Context context, ScanState state)
    {
        if (context.Terminal.Progress)
            context.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r{state.Units} inputs, {state.Crashes} crashes\x1b[K"));
    }

    private static IEnumerable<string> Lines(Context context)
    {
        using var lines = new StreamReader(context.Input(), Encoding.UTF8);
        while (lines.ReadLine() is { } line)
        {
            foreach (string path in line.Split('\0', StringSplitOptions.RemoveEmptyEntries))
                yield return path;
        }
    }

    private static (int, int) PartOf(string? shard)
    {
        if (shard is null)
            return (0, 1);
        string[] parts = shard.Split('/');
        return parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int i) &&
            int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int n) && i < n ? (i, n)
            : throw new InputException("--shard", Printable.Escape(shard), -1, "is not I/N with I from 0 to N-1, such as 0/8");
    }
}
