using System.Globalization;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Fleet.Questions;
using Kdump.Fleet.Stores;
using Kdump.Formats.Bytes;

namespace Kdump.FleetCli.Commands;

/// <summary>Scans a folder whenever something changes in it, and once a minute in any case, because change notices can be lost.</summary>
internal static class FleetWatch
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2), Round = TimeSpan.FromMinutes(1);

    /// <param name="scan">Runs the scan of a round; its second argument returns true when the scan should stop.</param>
    public static int Run(Context context, FleetStore store, string folder, int? rounds, string? metrics, Func<int, Func<bool>, int> scan)
    {
        using var changed = new AutoResetEvent(true);
        using var stop = new StopSignals();
        using FileSystemWatcher? watcher = Watcher(context, folder, changed);
        int worst = ExitCode.Fine;
        for (int round = 0; (rounds is null || round < rounds) && !stop.Came; round++)
        {
            WaitHandle.WaitAny([changed, stop.Handle], Round);
            // A dump that is being written changes all the time: until it rests, it is no dump.
            while (!stop.Came && changed.WaitOne(Quiet)) { }
            if (stop.Came)
                break;
            worst = Math.Max(worst, scan(round, () => stop.Came));
            if (metrics is not null && !Metrics(context, store, metrics))
                worst = ExitCode.Failed;
            context.Output.Flush();
        }
        return worst;
    }

    /// <summary>Null: the kernel grants no more of them, and the folder is looked at once a minute.</summary>
    private static FileSystemWatcher? Watcher(Context context, string folder, AutoResetEvent changed)
    {
        var watcher = new FileSystemWatcher(folder) { IncludeSubdirectories = true };
        try
        {
            watcher.Changed += (_, _) => changed.Set();
            watcher.Created += (_, _) => changed.Set();
            watcher.Renamed += (_, _) => changed.Set();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (IOException)
        {
            watcher.Dispose();
            context.Error.WriteLine($"kdt: {Printable.Escape(folder)}: the kernel grants no more watches (fs.inotify.max_user_watches, " +
                "max_user_instances): it is looked at once a minute");
            return null;
        }
    }

    /// <summary>Whole or not at all, because node_exporter's textfile collector may read at any time.</summary>
    /// <returns>False: it could not be written, which a later round may.</returns>
    private static bool Metrics(Context context, FleetStore store, string file)
    {
        try
        {
            using var whole = new WholeFile(Path.GetFullPath(file));
            using (var text = new StreamWriter(whole.Stream, leaveOpen: true) { NewLine = "\n" })
                Metrics(text, store);
            whole.Done(replace: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            context.Error.WriteLine($"kdt: {Printable.Escape(file)}: metrics: {Printable.Escape(FileKind.ReasonOf(e, file))}");
            return false;
        }
    }

    private static void Metrics(StreamWriter text, FleetStore store)
    {
        MetricsText.Gauge(text, "kdump_fleet_crashes", "Crashes in the store.", store.Count("SELECT COUNT(*) FROM crashes"));
        MetricsText.Gauge(text, "kdump_fleet_machines", "Machines that appear in an input.",
            store.Machines());
        LostDumps lost = LostDumps.Of(store);
        MetricsText.Head(text, "kdump_fleet_dumps", "Crashes by outcome of the dump.");
        foreach ((string outcome, long count) in new[] { ("saved", lost.Saved), ("incomplete", lost.Incomplete), ("lost", lost.Lost),
            ("not_told", lost.NotTold) })
            text.WriteLine($"kdump_fleet_dumps{{outcome=\"{outcome}\"}} {count.ToString(CultureInfo.InvariantCulture)}");
    }
}
