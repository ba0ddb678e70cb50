using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dumps;

/// <summary>
/// Result of reading a sample of a dump's pages. The bitmaps of a kdump-compressed dump only show which pages the writer intended to
/// write; they stay intact if the file is cut, or if its end is zero after a power loss. Pages are written in the order of their frames,
/// so the last pages of the sample detect a cut, and the others detect holes.
/// </summary>
/// <param name="Looked">Number of pages that the dump should contain and that were tried.</param>
/// <param name="Unreadable">How many of them cannot be read.</param>
public readonly record struct PageSample(int Looked, int Unreadable)
{
    private const int Places = 256, Last = 16;

    /// <summary>The first of them that cannot be read; null if all can.</summary>
    public Pfn? First { get; private init; }

    /// <summary>Maximum number of runs to look at when the last pages are searched.</summary>
    private const int MaxRuns = 4096;

    public static PageSample Of(Dump dump)
    {
        ulong frames = dump.MaxPfn.Value;
        var chosen = new SortedSet<ulong>();
        for (ulong i = 0; i < Places && frames > 0; i++)
        {
            if (dump.NextRun(new Pfn((ulong)(frames * (decimal)i / Places))) is { } run)
                chosen.Add(run.First.Value);
        }
        foreach (ulong frame in Ending(dump, frames))
            chosen.Add(frame);
        byte[] page = new byte[dump.PageSize];
        ulong[] unreadable = [.. chosen.Where(frame => dump.ReadPage(new Pfn(frame), page) == PageState.Damaged)];
        return new(chosen.Count, unreadable.Length) { First = unreadable.Length > 0 ? new Pfn(unreadable[0]) : null };
    }

    /// <summary>The last pages that the dump should contain.</summary>
    private static Queue<ulong> Ending(Dump dump, ulong frames)
    {
        for (ulong back = Last; ; back *= 4)
        {
            ulong from = back < frames ? frames - back : 0;
            var found = new Queue<ulong>();
            int runs = 0;
            for (PageRun? run = dump.NextRun(new Pfn(from)); run is { } r && runs < MaxRuns; run = dump.NextRun(r.End), runs++)
            {
                ulong length = r.End.Value - r.First.Value;
                for (ulong n = Math.Min(length, Last); n > 0; n--)
                    found.Enqueue(r.End.Value - n);
                while (found.Count > Last)
                    found.Dequeue();
            }
            if (found.Count > 0 || from == 0)
                return found;
        }
    }
}
