using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dumps;

/// <summary>
/// Reads and decompresses every page that a dump should contain. Several threads share the work; each takes the next stretch of frames.
/// </summary>
public sealed class Verification
{
    /// <summary>
    /// Frames per stretch: enough to make use of reading ahead, but few enough to share the work evenly and to show progress.
    /// </summary>
    private const ulong LongestStretch = 2048, ShortestStretch = 128;

    /// <summary>Number of stretches per thread: enough that no thread waits long for the last stretch of another.</summary>
    private const int StretchesEach = 256;

    /// <summary>Maximum number of damaged ranges to list; further ones are only counted.</summary>
    private const int MaxRanges = 10_000;

    private readonly Dump dump;
    private readonly CancellationToken cancel;
    private readonly Action<long>? progress;
    private readonly ulong stretch;
    private readonly Lock gate = new();
    private readonly List<DamagedRange> ranges = [];
    private Pfn next;
    private long read;
    private long damaged;
    private long dropped;
    private Exception? failure;

    private Verification(Dump dump, int threads, Action<long>? progress, CancellationToken cancel)
    {
        stretch = Math.Clamp(dump.MaxPfn.Value / (ulong)(threads * StretchesEach), ShortestStretch, LongestStretch);
        this.dump = dump;
        this.progress = progress;
        this.cancel = cancel;
    }

    /// <param name="threads">Number of threads, limited to the number of cores.</param>
    /// <param name="progress">Called from time to time, from any thread, with the number of pages checked so far, out of those that
    /// <see cref="Dump.Count"/> counts as present or damaged.</param>
    /// <exception cref="InputException">No page can be read at all: a library is missing, or reading the file fails.</exception>
    /// <exception cref="OperationCanceledException">The verification was cancelled.</exception>
    public static VerificationResult Run(Dump dump, int threads, Action<long>? progress = null, CancellationToken cancel = default)
    {
        threads = Math.Clamp(threads, 1, Environment.ProcessorCount);
        Verification verification = new(dump, threads, progress, cancel);
        Thread[] others = new Thread[threads - 1];
        for (int i = 0; i < others.Length; i++)
        {
            others[i] = new Thread(verification.Work) { IsBackground = true, Name = "verify" };
            others[i].Start();
        }
        verification.Work();
        foreach (Thread other in others)
            other.Join();
        if (verification.failure is InputException e)
            throw new InputException(e.Input, e.Field, e.Offset, e.Reason, e);
        cancel.ThrowIfCancellationRequested();
        return verification.Result();
    }

    private void Work()
    {
        try
        {
            PageReader reader = dump.NewReader();
            byte[] page = new byte[dump.PageSize];
            while (Take() is { } run)
                Read(run, reader, page);
        }
        catch (InputException e)
        {
            failure = e;
        }
    }

    private PageRun? Take()
    {
        lock (gate)
        {
            if (failure is not null || cancel.IsCancellationRequested || dump.NextRun(next) is not { } run)
                return null;
            if (run.State == PageState.Present && run.End.Value - run.First.Value > stretch)
                run = run with { End = new Pfn(run.First.Value + stretch) };
            // Combine short runs, with the gaps between them, into one stretch.
            else if (run.State == PageState.Present)
                run = run with { End = new Pfn(Math.Max(run.End.Value, Math.Min(run.First.Value + stretch, dump.MaxPfn.Value))) };
            next = run.End;
            return run;
        }
    }

    private void Read(PageRun run, PageReader reader, byte[] page)
    {
        List<DamagedRange> found = [];
        long good = 0, bad = 0;
        if (run.State == PageState.Damaged)
        {
            bad = run.Count;
            reader.Read(run.First, page, out Damage? why);
            found.Add(new DamagedRange(run.First, run.End, why ?? new Damage(dump.Name, "pages", -1, "lost")));
        }
        else
        {
            for (Pfn at = run.First; dump.NextRun(at) is { } kept && kept.First < run.End; at = kept.End)
            {
                for (Pfn pfn = kept.First; pfn < kept.End && pfn < run.End; pfn = new Pfn(pfn.Value + 1))
                {
                    switch (reader.Check(pfn, page, out Damage? why))
                    {
                        case PageState.Present:
                            good++;
                            break;
                        case PageState.Damaged:
                            bad++;
                            Add(found, new DamagedRange(pfn, new Pfn(pfn.Value + 1), why ?? new Damage(dump.Name, "page", -1, "lost")));
                            break;
                    }
                }
            }
        }
        lock (gate)
        {
            read += good;
            damaged += bad;
            int room = Math.Min(found.Count, MaxRanges - ranges.Count);
            ranges.AddRange(found.GetRange(0, room));
            dropped += found.Count - room;
        }
        progress?.Invoke(Volatile.Read(ref read) + Volatile.Read(ref damaged));
    }

    private static void Add(List<DamagedRange> ranges, DamagedRange range)
    {
        if (ranges.Count > 0 && ranges[^1].End == range.First && ranges[^1].Why.Reason == range.Why.Reason)
            ranges[^1] = ranges[^1] with { End = range.End };
        else
            ranges.Add(range);
    }

    private VerificationResult Result()
    {
        List<DamagedRange> merged = [];
        foreach (DamagedRange range in ranges.OrderBy(r => r.First))
            Add(merged, range);
        PageCounts maps = dump.Count();
        return new(maps with { Present = read, Damaged = damaged }, merged, dropped);
    }
}
