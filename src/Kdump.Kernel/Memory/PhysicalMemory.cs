using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;

namespace Kdump.Kernel.Memory;

/// <summary>
/// Physical memory, read from a dump's pages. Small reads go through a bounded direct-mapped cache whose entries never change once
/// published, so that any number of threads may read. Whole pages are read directly into the caller's buffer.
/// </summary>
public sealed class PhysicalMemory
{
    private const int CachedPages = 4096;

    private readonly Dump dump;
    private readonly int shift;
    private readonly CachedPage?[] cache = new CachedPage?[CachedPages];

    /// <param name="unread">Records every page that is read but missing; null to record nothing.</param>
    public PhysicalMemory(Dump dump, UnreadMemory? unread = null)
    {
        Unread = unread;
        this.dump = dump;
        PageSize = dump.PageSize;
        if (PageSize < 512 || (PageSize & (PageSize - 1)) != 0)
            throw new InputException(dump.Name, "page size", -1, $"{PageSize} is no page size");
        shift = System.Numerics.BitOperations.Log2((uint)PageSize);
    }

    public int PageSize { get; }

    internal UnreadMemory? Unread { get; }

    public string Name => dump.Name;

    public MemoryState Read(PhysicalAddress address, Span<byte> buffer)
    {
        ulong at = address.Value;
        while (buffer.Length > 0)
        {
            int inPage = (int)(at & (ulong)(PageSize - 1));
            int n = Math.Min(buffer.Length, PageSize - inPage);
            Pfn pfn = new(at >> shift);
            PageState state = n == PageSize ? ReadWhole(pfn, buffer[..n]) : ReadPart(pfn, inPage, buffer[..n]);
            if (state != PageState.Present)
            {
                Unread?.Note(pfn.Value, MemoryStates.Of(state));
                return MemoryStates.Of(state);
            }
            buffer = buffer[n..];
            at = unchecked(at + (ulong)n);
        }
        return MemoryState.Present;
    }

    public bool TryU64(PhysicalAddress address, out ulong value, out MemoryState state)
    {
        Span<byte> b = stackalloc byte[8];
        state = Read(address, b);
        value = state == MemoryState.Present ? System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(b) : 0;
        return state == MemoryState.Present;
    }

    private PageState ReadWhole(Pfn pfn, Span<byte> page)
    {
        CachedPage? hit = Volatile.Read(ref cache[(int)(pfn.Value & (CachedPages - 1))]);
        if (hit is null || hit.Pfn != pfn)
            return dump.ReadPage(pfn, page);
        if (hit.State == PageState.Present)
            hit.Data.CopyTo(page);
        return hit.State;
    }

    private PageState ReadPart(Pfn pfn, int offset, Span<byte> part)
    {
        ref CachedPage? slot = ref cache[(int)(pfn.Value & (CachedPages - 1))];
        CachedPage? page = Volatile.Read(ref slot);
        if (page is null || page.Pfn != pfn)
        {
            PageState state = dump.Page(pfn, out byte[] data);
            page = new CachedPage(pfn, state, data);
            Volatile.Write(ref slot, page);
        }
        if (page.State == PageState.Present)
            page.Data.AsSpan(offset, part.Length).CopyTo(part);
        return page.State;
    }

    private sealed record CachedPage(Pfn Pfn, PageState State, byte[] Data);
}
