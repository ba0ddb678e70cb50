using System.Collections.Concurrent;
using Kdump.Diagnosis.Model;
using Kdump.Fleet.Stores;
using Kdump.Formats.Bytes;
using Kdump.Sources.Records;

namespace Kdump.Fleet.Scans;

/// <summary>How far a scan is.</summary>
/// <param name="Units">Taken so far.</param>
/// <param name="Skipped">Judged by this version before, and unchanged.</param>
public sealed record ScanState(long Units, long Skipped, long Crashes, long Machines, long Refused);

/// <summary>
/// Judges units by several workers and keeps what they find. It can be interrupted at any time: stored results are skipped the next time.
/// Memory does not grow with the number of units.
/// </summary>
public sealed class Scan(FleetStore store, string version, Func<IJudge> judge, int workers)
{
    /// <summary>So many units lost before the first is judged: it is not the units.</summary>
    private const int MaxLostAtFirst = 16;

    /// <summary>Machines that the state counts one by one.</summary>
    private const int MaxCounted = 1_000_000;

    /// <summary>Units that are kept together, and those that wait at each end of the workers.</summary>
    private const int Batch = 64, Queue = 256;

    /// <summary>Milliseconds between two looks whether to stop.</summary>
    private const int Patience = 200;

    /// <summary>The n-th of so many shards of the same sources: each unit is in one of them, by its name.</summary>
    public (int Index, int Of) Shard { get; init; } = (0, 1);

    /// <summary>Rewrites what may tell whose machine it is before it is kept; null: nothing.</summary>
    public Redaction? Redact { get; init; }

    /// <summary>Called now and then from the thread that runs the scan.</summary>
    public Action<ScanState>? Tell { get; init; }

    /// <summary>Asked between two units: true ends the scan in good order.</summary>
    public Func<bool> Stopped { get; init; } = () => false;

    /// <exception cref="InputException">The store cannot be written, or no worker comes up.</exception>
    public ScanState Run(IEnumerable<string[]> units)
    {
        using var waiting = new BlockingCollection<string[]>(Queue);
        using var done = new BlockingCollection<Judged>(Queue);
        Thread[] threads = [.. Enumerable.Range(0, workers).Select(_ => new Thread(() => Work(waiting, done)) { IsBackground = true })];
        Array.ForEach(threads, t => t.Start());
        var state = new ScanState(0, 0, 0, 0, 0);
        var machines = new HashSet<string>(StringComparer.Ordinal);
        var ready = new List<Judged>();
        long open = 0;
        bool judgedOne = false;
        try
        {
            foreach (string[] unit in units.Where(InShard))
            {
                if (Stopped())
                    break;
                state = state with { Units = state.Units + 1 };
                if (unit.All(Known))
                {
                    state = state with { Skipped = state.Skipped + 1 };
                    continue;
                }
                while (!waiting.TryAdd(unit))
                    Take(Timeout.Infinite);
                open++;
                while (Take(0)) { }
            }
            waiting.CompleteAdding();
            while (open > 0)
            {
                // What no worker has taken is for the next scan.
                for (; Stopped() && waiting.TryTake(out _); open--)
                    state = state with { Units = state.Units - 1 };
                Take(Patience);
            }
            Keep();
            store.Settle();
        }
        finally
        {
            waiting.CompleteAdding();
            while (waiting.TryTake(out _)) { }
            // Whoever still waits for room is let go.
            while (done.TryTake(out _)) { }
            Array.ForEach(threads, t => t.Join(5000));
        }
        Tell?.Invoke(state);
        return state;

        bool Take(int patience)
        {
            if (!done.TryTake(out Judged? judged, patience))
                return false;
            open--;
            judgedOne |= judged.Inputs.Any(i => i.State != InputState.Refused);
            if (!judgedOne && state.Refused >= MaxLostAtFirst)
                throw new InputException(store.Name, "scan", -1, $"no input can be judged: {judged.Inputs[0].Reason}");
            if (machines.Count < MaxCounted)
                machines.UnionWith(judged.Machines.Select(m => m.Key));
            state = state with { Crashes = state.Crashes + judged.Crashes.Count, Machines = machines.Count,
                Refused = state.Refused + judged.Inputs.Count(i => i.State == InputState.Refused) };
            ready.Add(Redact?.Of(judged) ?? judged);
            if (ready.Count >= Batch)
                Keep();
            return true;
        }

        void Keep()
        {
            store.Save(ready, version);
            ready.Clear();
            Tell?.Invoke(state);
        }
    }

    private bool InShard(string[] unit) => Shard.Of == 1 ||
        (int)(Convert.ToUInt64(ContentHash.OfText(unit[0]), 16) % (ulong)Shard.Of) == Shard.Index;

    private bool Known(string path)
    {
        try
        {
            FileInfo file = UnitFile.Of(path);
            return file.Exists && store.Knows(Redact?.Path(path) ?? path, file.Length, UnitFile.Modified(file), version);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private void Work(BlockingCollection<string[]> waiting, BlockingCollection<Judged> done)
    {
        IJudge? own = null;
        try
        {
            foreach (string[] unit in waiting.GetConsumingEnumerable())
            {
                try
                {
                    own ??= judge();
                    done.Add(JudgedJson.Read(own.Judge(unit)));
                }
                catch (Exception e) when (e is JudgeException or System.Text.Json.JsonException or System.ComponentModel.Win32Exception)
                {
                    done.Add(Lost(unit, e.Message));
                    own?.Dispose();
                    own = null;
                }
            }
        }
        finally
        {
            own?.Dispose();
        }
    }

    /// <summary>No input is lost in silence: what could not be judged is kept with the reason, and tried again by the next scan.</summary>
    private static Judged Lost(string[] unit, string reason) => new([.. unit.Select(p => RecordMaker.Refused(p, reason))], [], []);
}
