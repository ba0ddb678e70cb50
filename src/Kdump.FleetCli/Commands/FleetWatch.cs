using System.Globalization;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Fleet.Questions;
using Kdump.Fleet.Stores;

namespace Kdump.FleetCli.Commands;

/// <summary>Looks into a folder whenever something changed there, and once a minute in any case: a notice may be lost.</summary>
internal static class FleetWatch
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2), Round = TimeSpan.FromMinutes(1);

    /// <param name="scan">One scan; it asks its argument whether to stop.</param>
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

    /// <summary>node_exporter's textfile collector reads whole files: written beside, then renamed.</summary>
    private static void Metrics(FleetStore store, string file)
    {
        using (var text = new StreamWriter(file + ".new") { NewLine = "\n" })
        {
            MetricsText.Gauge(text, "kdump_fleet_crashes", "Crashes in the store.", store.Count("SELECT COUNT(*) FROM crashes"));
            MetricsText.Gauge(text, "kdump_fleet_machines", "Machines of which an input speaks.",
                store.Count("SELECT COUNT(*) FROM machines"));
            LostDumps lost = LostDumps.Of(store);
            MetricsText.Head(text, "kdump_fleet_dumps", "Crashes by what became of the dump.");
            foreach ((string outcome, long count) in new[] { ("saved", lost.Saved), ("incomplete", lost.Incomplete), ("lost", lost.Lost),
                ("not_told", lost.NotTold) })
                text.WriteLine($"kdump_fleet_dumps{{outcome=\"{outcome}\"}} {count.ToString(CultureInfo.InvariantCulture)}");
        }
        File.Move(file + ".new", file, overwrite: true);
    }
}
