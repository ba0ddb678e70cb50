using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Memory;

/// <summary>A copied range of memory, of which some pages may be missing.</summary>
public sealed class MemoryBlock
{
    private readonly byte[] data;
    private readonly int first;
    private readonly MemoryState[]? holes;

    internal MemoryBlock(string name, VirtualAddress address, byte[] data, int first, MemoryState[]? holes)
    {
        Name = name;
        Address = address;
        this.data = data;
        this.first = first;
        this.holes = holes;
    }

    public string Name { get; }

    public VirtualAddress Address { get; }

    public int Length => data.Length;

    /// <summary>True if no page is missing.</summary>
    public bool Whole => holes is null;

    /// <summary>All bytes, with zeros for missing pages; only for searches that cannot match zeros.</summary>
    public ReadOnlySpan<byte> Bytes => data;

    public MemoryState State(int offset, int count)
    {
        if (offset < 0 || count < 0 || offset > data.Length - count)
            return MemoryState.Unmapped;
        if (holes is null || count == 0)
            return MemoryState.Present;
        int last = (first + offset + count - 1) / KernelMemory.BlockPage;
        for (int page = (first + offset) / KernelMemory.BlockPage; page <= last; page++)
            if (holes[page] != MemoryState.Present)
                return holes[page];
        return MemoryState.Present;
    }

    /// <summary>True if neither the first nor the last byte is mapped: a search has reached the end of the mapped area.</summary>
    public bool Outside => data.Length == 0 || (State(0, 1) == MemoryState.Unmapped && State(data.Length - 1, 1) == MemoryState.Unmapped);

    public bool TrySlice(int offset, int count, out ReadOnlySpan<byte> bytes)
    {
        bool there = State(offset, count) == MemoryState.Present;
        bytes = there ? data.AsSpan(offset, count) : default;
        return there;
    }

    public ReadOnlySpan<byte> Slice(int offset, int count, string field) => Memory(offset, count, field).Span;

    public ReadOnlyMemory<byte> Memory(int offset, int count, string field)
    {
        MemoryState state = State(offset, count);
        return state == MemoryState.Present
            ? data.AsMemory(offset, count)
            : throw MissingMemory.At(Name, field, Address + offset, state);
    }
}
