using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Views;

/// <summary>
/// The used part of an array in memory, read at once and addressed with the offsets of the whole array; of a ring buffer it may consist
/// of two pieces.
/// </summary>
internal readonly struct PrintkWindow
{
    private readonly MemoryBlock block;
    private readonly MemoryBlock? wrapped;
    private readonly int start;

    public PrintkWindow(KernelMemory memory, VirtualAddress array, int start, int end)
    {
        this.start = start;
        block = memory.ReadBlock(array + start, end - start);
    }

    private PrintkWindow(KernelMemory memory, VirtualAddress array, int start, int end, int wrappedEnd)
        : this(memory, array, start, end) => wrapped = memory.ReadBlock(array, wrappedEnd);

    /// <summary>
    /// A window over a ring of equal elements: <paramref name="used"/> of them, from element <paramref name="first"/> on. The first id of
    /// a log uses the last element, so every log crosses the end of its ring.
    /// </summary>
    public static PrintkWindow OfRing(KernelMemory memory, VirtualAddress array, int size, int count, int first, int used) =>
        first + used <= count ? new(memory, array, first * size, (first + used) * size)
            : new(memory, array, first * size, count * size, (first + used - count) * size);

    public ReadOnlySpan<byte> Slice(int offset, int count, string field) => Memory(offset, count, field).Span;

    /// <summary>Like the other method, but as memory that may be kept.</summary>
    public ReadOnlyMemory<byte> Memory(int offset, int count, string field) =>
        wrapped is not null && offset < start ? wrapped.Memory(offset, count, field) : block.Memory(offset - start, count, field);
}
