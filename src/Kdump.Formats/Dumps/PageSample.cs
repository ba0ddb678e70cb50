using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dumps;

/// <summary>
/// Some pages of a dump, read: the bitmaps of a kdump-compressed dump say what its writer meant to write, and a file that was cut, or
/// whose end a power loss left as zeros, keeps its bitmaps. Pages are written in the order of their frames, so the last ones tell of a
/// cut, and the others of holes.
/// </summary>
/// <param name="Looked">Pages that the dump should hold and that were read.</param>
/// <param name="Unreadable">Those of them that cannot be had.</param>
public readonly record struct PageSample(int Looked, int Unreadable)
{
    private const int Places = 256, Last = 16;

    /// <summary>Frames looked at behind a place; what lies in between is left out of most dumps.</summary>
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
        int unreadable = chosen.Count(frame => dump.ReadPage(new Pfn(frame), page) == PageState.Damaged);
        return new(chosen.Count, unreadable);
    }

    /// <summary>The last pages that the dump should hold.</summary>
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
