namespace Kdump.Formats.Bytes;

/// <summary>A range of an address space that is mapped to a range of a backing (a file).</summary>
/// <param name="Start">First address of the range.</param>
/// <param name="Length">Length of the range in bytes.</param>
/// <param name="Target">Offset of the first byte in the backing. Negative values are codes of the owner and stay the same for the whole
/// range.</param>
/// <param name="Rank">Where ranges overlap, the one with the higher rank wins.</param>
public readonly record struct Extent(long Start, long Length, long Target, long Rank)
{
    public long End => Start + Length;
}

/// <summary>
/// An address space of ranges that may overlap, divided into sorted pieces that do not overlap. Built once; a look-up takes O(log n).
/// Used for the records of a flattened file and the segments of an ELF dump.
/// </summary>
public sealed class Extents
{
    private readonly Piece[] pieces;

    private Extents(Piece[] pieces) => this.pieces = pieces;

    public int Count => pieces.Length;

    public Piece this[int index] => pieces[index];

    /// <summary>The address after the last one; 0 if empty.</summary>
    public long End => pieces.Length == 0 ? 0 : pieces[^1].End;

    /// <summary>
    /// Builds the pieces. Each extent must have a start of at least zero, a positive length, and an end that does not overflow.
    /// </summary>
    public static Extents Build(Extent[] extents)
    {
        Extent[] sorted = (Extent[])extents.Clone();
        Array.Sort(sorted, static (a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : b.Rank.CompareTo(a.Rank));
        List<Piece> pieces = new(sorted.Length);
        // Ranges that contain the current address, highest rank first. Ranges that have ended are removed when they reach the front.
        PriorityQueue<Extent, long> open = new();
        long at = 0;
        for (int next = 0; next < sorted.Length || open.Count > 0;)
        {
            if (open.Count == 0)
                at = sorted[next].Start;
            for (; next < sorted.Length && sorted[next].Start <= at; next++)
                open.Enqueue(sorted[next], -sorted[next].Rank);
            Extent top = open.Peek();
            if (top.End <= at)
            {
                open.Dequeue();
                continue;
            }
            long end = next < sorted.Length ? Math.Min(top.End, sorted[next].Start) : top.End;
            Add(pieces, new Piece(at, end, top.Target < 0 ? top.Target : top.Target + (at - top.Start)));
            at = end;
        }
        return new Extents([.. pieces]);
    }

    /// <summary>Index of the first piece that ends after <paramref name="address"/>, or <see cref="Count"/>.</summary>
    public int At(long address)
    {
        int low = 0, high = pieces.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (pieces[middle].End <= address)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    private static void Add(List<Piece> pieces, Piece piece)
    {
        if (pieces.Count > 0 && pieces[^1] is var last && last.End == piece.Start
            && (piece.Target < 0 ? last.Target == piece.Target : last.Target >= 0 && last.Target + last.Length == piece.Target))
        {
            pieces[^1] = last with { End = piece.End };
            return;
        }
        pieces.Add(piece);
    }

    /// <summary>
    /// A piece [Start, End) that is mapped to the backing from offset <paramref name="Target"/> on, or that has a negative code of the
    /// owner.
    /// </summary>
    public readonly record struct Piece(long Start, long End, long Target)
    {
        public long Length => End - Start;
    }
}
