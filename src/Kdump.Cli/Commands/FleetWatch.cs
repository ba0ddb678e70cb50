using System.Globalization;
using Kdump.Cli.Terminals;
using Kdump.Fleet.Questions;
using Kdump.Fleet.Stores;
using static System.Runtime.InteropServices.PosixSignal;
using static System.Runtime.InteropServices.PosixSignalRegistration;

namespace Kdump.Cli.Commands;

/// <summary>Looks into a folder whenever something changed there, and once a minute in any case: a notice may be lost.</summary>
internal static class FleetWatch
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2), Round = TimeSpan.FromMinutes(1);

    /// <param name="scan">One scan; it asks its argument whether to stop.</param>
    public static int Run(Context context, FleetStore store, string folder, int? rounds, string? metrics, Func<Func<bool>, int> scan)
    {
        using var changed = new AutoResetEvent(true);
        using var stop = new CancellationTokenSource();
        using var onTerm = Create(SIGTERM, End);
        using var onInt = Create(SIGINT, End);
        using var watcher = new FileSystemWatcher(folder) { IncludeSubdirectories = true };
        watcher.Changed += (_, _) => changed.Set();
        watcher.Created += (_, _) => changed.Set();
        watcher.Renamed += (_, _) => changed.Set();
        watcher.EnableRaisingEvents = true;
        int worst = ExitCode.Fine;
        for (int round = 0; (rounds is null || round < rounds) && !stop.IsCancellationRequested; round++)
        {
            WaitHandle.WaitAny([changed, stop.Token.WaitHandle], Round);
            // A dump that is being written changes all the time: until it rests, it is no dump.
            while (!stop.IsCancellationRequested && changed.WaitOne(Quiet)) { }
            if (stop.IsCancellationRequested)
                break;
            worst = Math.Max(worst, scan(() => stop.IsCancellationRequested));
            if (metrics is not null)
                Metrics(store, metrics);
            context.Output.Flush();
        }
        return worst;

        void End(System.Runtime.InteropServices.PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    /// <summary>node_exporter's textfile collector reads whole files: written beside, then renamed.</summary>
    private static void Metrics(FleetStore store, string file)
    {
        LostDumps lost = LostDumps.Of(store);
        string text = string.Create(CultureInfo.InvariantCulture, $"""
            # HELP kdump_fleet_crashes Crashes in the store.
            # TYPE kdump_fleet_crashes gauge
            kdump_fleet_crashes {store.Count("SELECT COUNT(*) FROM crashes")}
            # HELP kdump_fleet_machines Machines of which an input speaks.
            # TYPE kdump_fleet_machines gauge
            kdump_fleet_machines {store.Count("SELECT COUNT(*) FROM machines")}
            # HELP kdump_fleet_dumps Crashes by what became of the dump.
            # TYPE kdump_fleet_dumps gauge
            kdump_fleet_dumps{OpenBrace}outcome="saved"{CloseBrace} {lost.Saved}
            kdump_fleet_dumps{OpenBrace}outcome="incomplete"{CloseBrace} {lost.Incomplete}
            kdump_fleet_dumps{OpenBrace}outcome="lost"{CloseBrace} {lost.Lost}
            kdump_fleet_dumps{OpenBrace}outcome="not_told"{CloseBrace} {lost.NotTold}

            """);
        File.WriteAllText(file + ".new", text);
        File.Move(file + ".new", file, overwrite: true);
    }

    private const string OpenBrace = "{", CloseBrace = "}";
}
