using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Views;

/// <summary>Random access to the memory of a process, for a debugger; pages are cached. A missing page ends a read.</summary>
public sealed class ProcessReader(ProcessPages pages)
{
    /// <summary>Number of pages to cache: 64 MB.</summary>
    private const int MaxPages = 1 << 14;

    private readonly Dictionary<ulong, byte[]?> known = [];
    private readonly ProcessArea[] areas = [.. pages.Memory.Areas.OrderBy(a => a.Area.Start.Value)];

    /// <summary>Number of pages that were read but are missing, by reason.</summary>
    public CorePages Missing { get; } = new();

    /// <summary>Fills a buffer from an address; returns the number of bytes before the first missing page.</summary>
    public int Read(ulong address, Span<byte> buffer)
    {
        int done = 0;
        while (done < buffer.Length && address <= ulong.MaxValue - (ulong)buffer.Length)
        {
            ulong at = address + (ulong)done;
            if (Page(at & ~(ulong)(pages.Size - 1)) is not { } page)
                break;
            int within = (int)(at & (ulong)(pages.Size - 1)), n = Math.Min(buffer.Length - done, pages.Size - within);
            page.AsSpan(within, n).CopyTo(buffer[done..]);
            done += n;
        }
        return done;
    }

    private byte[]? Page(ulong at)
    {
        if (known.TryGetValue(at, out byte[]? page))
            return page;
        if (known.Count >= MaxPages)
            known.Clear();
        return known[at] = Load(at);
    }

    private byte[]? Load(ulong at)
    {
        int low = 0, high = areas.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (areas[middle].Area.Start.Value <= at)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == 0 || at >= areas[low - 1].Area.End.Value || pages.Memory.Pages is not { } tables)
            return null;
        byte[] page = new byte[pages.Size];
        ProcessPageSource source = pages.Load(areas[low - 1], tables.At(new VirtualAddress(at)), at, page);
        if (source <= ProcessPageSource.Zero)
            return page;
        Missing.Add(source, 1);
        return null;
    }
}
