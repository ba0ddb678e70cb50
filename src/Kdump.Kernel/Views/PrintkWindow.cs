using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Views;

/// <summary>The part of an array in memory that is in use, read at once and addressed as in the whole array.</summary>
internal readonly struct PrintkWindow
{
    private readonly MemoryBlock block;
    private readonly int start;

    public PrintkWindow(KernelMemory memory, VirtualAddress array, int start, int end)
    {
        this.start = start;
        block = memory.ReadBlock(array + start, end - start);
    }

    /// <summary>Of a ring of equal elements, so many from one on; all of it where they go past its end.</summary>
    public static PrintkWindow OfRing(KernelMemory memory, VirtualAddress array, int size, int count, int first, int used) =>
        first + used <= count ? new(memory, array, first * size, (first + used) * size) : new(memory, array, 0, count * size);

    public ReadOnlySpan<byte> Slice(int offset, int count, string field) => block.Slice(offset - start, count, field);

    /// <summary>The same, to keep.</summary>
    public ReadOnlyMemory<byte> Memory(int offset, int count, string field) => block.Memory(offset - start, count, field);
}
