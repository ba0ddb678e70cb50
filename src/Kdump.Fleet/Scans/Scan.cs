using System.Collections.Concurrent;
using Kdump.Fleet.Stores;
using Kdump.Formats.Bytes;
using Kdump.Sources.Records;

namespace Kdump.Fleet.Scans;

/// <summary>How far a scan is.</summary>
/// <param name="Units">Taken so far.</param>
/// <param name="Skipped">Judged by this version before, and unchanged.</param>
/// <param name="Reports">Crashes in the inputs judged so far; several may tell of one.</param>
/// <param name="Refused">Inputs of which nothing could be read.</param>
/// <param name="RefusedBefore">How many of these an earlier scan met with the same reason.</param>
public sealed record ScanState(long Units, long Skipped, long Reports, long Refused, long RefusedBefore)
{
    /// <summary>Crashes in the store that it had not before; counted at the end.</summary>
    public long Crashes { get; init; }

    /// <summary>All crashes and machines of the store; counted at the end.</summary>
    public long Stored { get; init; }

    public long Machines { get; init; }

    /// <summary>The first of those that are refused anew, as the store names them.</summary>
    public IReadOnlyList<(string Path, string Reason)> Trouble { get; init; } = [];
}

/// <summary>
/// Judges units by several workers and keeps what they find. It can be interrupted at any time: stored results are skipped the next time.
/// Memory does not grow with the number of units.
/// </summary>
public sealed class Scan(FleetStore store, string version, Func<IJudge> judge, int workers)
{
    /// <summary>So many units lost before the first is judged: it is not the units.</summary>
    private const int MaxLostAtFirst = 16;

    /// <summary>Refused inputs of earlier scans that are remembered, and new ones that are told.</summary>
    private const int MaxRemembered = 200_000, MaxTold = 5;

    /// <summary>Units that are kept together, and those that wait at each end of the workers.</summary>
    private const int Batch = 64, Queue = 256;

    /// <summary>Milliseconds after which what is ready is kept in any case: a scan that is killed loses no more.</summary>
    private const int MaxUnkept = 2000;

    /// <summary>Milliseconds between two looks whether to stop.</summary>
    private const int Patience = 200;

    private const string AllCrashes = "SELECT COUNT(*) FROM crashes";

    /// <summary>The n-th of so many shards of the same sources: each unit is in one of them, by its name.</summary>
    public (int Index, int Of) Shard { get; init; } = (0, 1);

    /// <summary>Rewrites what may tell whose machine it is before it is kept; null: nothing.</summary>
    public Redaction? Redact { get; init; }

    /// <summary>More is to come: a source without a file is no trouble.</summary>
    public bool Waits { get; init; }

    /// <summary>Called now and then from the thread that runs the scan.</summary>
    public Action<ScanState>? Tell { get; init; }

    /// <summary>Asked between two units: true ends the scan in good order.</summary>
    public Func<bool> Stopped { get; init; } = () => false;

    /// <exception cref="InputException">The store cannot be written, holds names of another kind, or no worker comes up.</exception>
    public ScanState Run(IEnumerable<string> sources)
    {
        store.Admit(Redact?.Check ?? FleetStore.PlainNames);
        Dictionary<string, string> refused = store.Refused(MaxRemembered);
        long before = store.Count(AllCrashes);
        using var waiting = new BlockingCollection<string[]>(Queue);
        using var done = new BlockingCollection<Judged>(Queue);
        Thread[] threads = [.. Enumerable.Range(0, workers).Select(_ => new Thread(() => Work(waiting, done)) { IsBackground = true })];
        Array.ForEach(threads, t => t.Start());
        var state = new ScanState(0, 0, 0, 0, 0);
        var trouble = new List<(string Path, string Reason)>();
        var ready = new List<Judged>();
        long open = 0, kept = Environment.TickCount64;
        bool judgedOne = false;
        int lost = 0;
        try
        {
            foreach (ScanUnit unit in ScanUnits.Of(sources, Walked).Where(u => InShard(u) && !IsStore(u) &&
                !(Waits && u.Refusal == ScanUnits.NoFile)))
            {
                if (Stopped())
                    break;
                state = state with { Units = state.Units + 1 };
                if (unit.Refusal is not null)
                {
                    Accept(Lost(unit.Paths, unit.Refusal));
                    continue;
                }
                if (unit.Paths.All(Known))
                {
                    state = state with { Skipped = state.Skipped + 1 };
                    continue;
                }
                while (!waiting.TryAdd(unit.Paths))
                    Take(Timeout.Infinite);
                open++;
                while (Take(0)) { }
            }
            waiting.CompleteAdding();
            while (open > 0)
            {
                // Units that no worker has taken are left for the next scan.
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
            // Release threads that still wait for room in the queue.
            while (done.TryTake(out _)) { }
            Array.ForEach(threads, t => t.Join(5000));
        }
        long stored = store.Count(AllCrashes);
        state = state with { Crashes = Math.Max(0, stored - before), Stored = stored, Trouble = trouble,
            Machines = store.Machines() };
        Tell?.Invoke(state);
        return state;

        bool Take(int patience)
        {
            if (!done.TryTake(out Judged? judged, patience))
                return false;
            open--;
            judgedOne |= judged.Inputs.Any(i => i.State != InputState.Refused);
            Accept(judged);
            if (!judgedOne && judged.Inputs is [{ State: InputState.Refused, Reason: { } reason }, ..] && ++lost >= MaxLostAtFirst)
                throw new InputException(store.Name, "scan", -1,
                    $"no input can be judged: {(Redact is null ? reason : Redaction.Reason(reason))}");
            return true;
        }

        void Accept(Judged judged)
        {
            judged = Redact?.Of(judged) ?? judged;
            foreach (InputRecord input in judged.Inputs.Where(i => i.State == InputState.Refused))
            {
                bool old = refused.GetValueOrDefault(input.Path) == input.Reason;
                state = state with { Refused = state.Refused + 1, RefusedBefore = state.RefusedBefore + (old ? 1 : 0) };
                if (!old && trouble.Count < MaxTold)
                    trouble.Add((input.Path, input.Reason ?? ""));
            }
            state = state with { Reports = state.Reports + judged.Crashes.Count };
            ready.Add(judged);
            if (ready.Count >= Batch || Environment.TickCount64 - kept >= MaxUnkept)
                Keep();
        }

        // A folder that can be read now is no input any more: its files are.
        void Walked(string folder)
        {
            string path = Redact?.Path(folder) ?? folder;
            if (refused.Remove(path))
                store.Forgive(path);
        }

        void Keep()
        {
            store.Save(ready, version);
            ready.Clear();
            kept = Environment.TickCount64;
            Tell?.Invoke(state);
        }
    }

    private bool InShard(ScanUnit unit) => Shard.Of == 1 ||
        (int)(Convert.ToUInt64(ContentHash.OfText(unit.Paths[0]), 16) % (ulong)Shard.Of) == Shard.Index;

    /// <summary>It may lie in the folder that is scanned, and changes with each scan.</summary>
    private bool IsStore(ScanUnit unit) => unit.Paths is [var path] &&
        path.Contains(Path.GetFileName(store.Name), StringComparison.Ordinal) &&
        Path.GetFullPath(path) is var full && Path.GetFullPath(store.Name) is var own &&
        (full == own || full == own + "-wal" || full == own + "-shm" || full == own + "-journal");

    private bool Known(string path)
    {
        try
        {
            using var raw = new RawPaths();
            string file = UnitFile.Of(raw.Openable(path));
            if (!File.Exists(file) || UnitFile.Refusal(file) is not null)
                return false;
            (long bytes, long modified) = UnitFile.Stamp(file);
            return Redact is null ? store.Knows(path, bytes, modified, version)
                : store.Knows(Redact.Path(path), Redact.Stamp(bytes), Redact.Stamp(modified), version);
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
                catch (Exception e) when (e is JudgeException or System.Text.Json.JsonException)
                {
                    done.Add(Lost(unit, e is JudgeException ? e.Message : WorkerProcess.NoAnswer));
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
