using System.Globalization;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Fleet.Questions;
using Kdump.Fleet.Stores;

namespace Kdump.FleetCli.Commands;

/// <summary>Scans a folder whenever something changes in it, and once a minute in any case, because change notices can be lost.</summary>
internal static class FleetWatch
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2), Round = TimeSpan.FromMinutes(1);

    /// <param name="scan">Runs one scan; its argument returns true when the scan should stop.</param>
    public static int Run(Context context, FleetStore store, string folder, int? rounds, string? metrics, Func<Func<bool>, int> scan)
    {
        using var changed = new AutoResetEvent(true);
        using var stop = new StopSignals();
        using var watcher = new FileSystemWatcher(folder) { IncludeSubdirectories = true };
        watcher.Changed += (_, _) => changed.Set();
        watcher.Created += (_, _) => changed.Set();
        watcher.Renamed += (_, _) => changed.Set();
        watcher.EnableRaisingEvents = true;
        int worst = ExitCode.Fine;
        for (int round = 0; (rounds is null || round < rounds) && !stop.Came; round++)
        {
            WaitHandle.WaitAny([changed, stop.Handle], Round);
            // A dump that is being written changes all the time: until it rests, it is no dump.
            while (!stop.Came && changed.WaitOne(Quiet)) { }
            if (stop.Came)
                break;
            worst = Math.Max(worst, scan(() => stop.Came));
            if (metrics is not null)
                Metrics(store, metrics);
            context.Output.Flush();
        }
        return worst;
    }

    /// <summary>Written to a second file that is then renamed, because node_exporter's textfile collector may read at any time.</summary>
    private static void Metrics(FleetStore store, string file)
    {
        using (var text = new StreamWriter(file + ".new") { NewLine = "\n" })
        {
            MetricsText.Gauge(text, "kdump_fleet_crashes", "Crashes in the store.", store.Count("SELECT COUNT(*) FROM crashes"));
            MetricsText.Gauge(text, "kdump_fleet_machines", "Machines that appear in an input.",
                store.Count("SELECT COUNT(*) FROM machines"));
            LostDumps lost = LostDumps.Of(store);
            MetricsText.Head(text, "kdump_fleet_dumps", "Crashes by outcome of the dump.");
            foreach ((string outcome, long count) in new[] { ("saved", lost.Saved), ("incomplete", lost.Incomplete), ("lost", lost.Lost),
                ("not_told", lost.NotTold) })
                text.WriteLine($"kdump_fleet_dumps{{outcome=\"{outcome}\"}} {count.ToString(CultureInfo.InvariantCulture)}");
        }
        File.Move(file + ".new", file, overwrite: true);
    }
}
