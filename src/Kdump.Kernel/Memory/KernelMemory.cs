using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Memory;

/// <summary>
/// The crashed kernel's virtual memory, little-endian and 64-bit. A read either returns all bytes or the reason why not; missing memory
/// is never zero. Methods with a field name throw <see cref="InputException"/>; the Try methods return a result instead.
/// </summary>
public abstract class KernelMemory
{
    /// <summary>Granularity, in bytes, at which parts of a block can be missing.</summary>
    public const int BlockPage = 4096;

    /// <summary>Name of the dump in messages.</summary>
    public abstract string Name { get; }

    /// <summary>The address range of the kernel image, which contains all its symbols.</summary>
    public abstract ImageRoom Image { get; }

    /// <summary>
    /// Translates a virtual into a physical address. For any state except present, the physical address is not known from the dump.
    /// Present does not mean that the dump contains the page.
    /// </summary>
    public abstract MemoryState Translate(VirtualAddress address, out PhysicalAddress result);

    /// <summary>Describes an entry of the lowest page table; empty if not supported.</summary>
    public virtual string EntryInWords(ulong entry) => "";

    /// <summary>The steps of a translation, one per table; empty if not supported.</summary>
    public virtual IReadOnlyList<PageTableStep> Explain(VirtualAddress address) => [];

    /// <summary>
    /// The address space of a process, with only the mappings of its own page tables. Null if the tables cannot be found.
    /// </summary>
    /// <param name="tables">Virtual address of the root of the process's page tables: mm_struct.pgd.</param>
    public virtual KernelMemory? OfProcess(VirtualAddress tables) => null;

    /// <summary>
    /// Frames (PFNs) of the page tables for the kernel's half of the address space, including the root; at most <paramref name="most"/>.
    /// </summary>
    public virtual IReadOnlyCollection<ulong> PageTables(int most) => [];

    /// <summary>
    /// Virtual address of physical address 0 in the direct map, from VMCOREINFO; null if VMCOREINFO does not contain it and kernel
    /// variables must be used.
    /// </summary>
    public virtual ulong? DirectMap => null;

    /// <summary>
    /// Virtual address of the struct page of frame 0, from VMCOREINFO; null if VMCOREINFO does not contain it and kernel variables must
    /// be used.
    /// </summary>
    /// <param name="size">Size of struct page in bytes.</param>
    public virtual ulong? StructPages(int size) => null;

    /// <summary>The page tables of a process; null if not supported for this address space.</summary>
    /// <param name="root">Virtual address of the root: mm_struct.pgd.</param>
    public virtual UserPages? OpenUser(VirtualAddress root) => null;

    /// <summary>
    /// Fills the buffer and returns present; otherwise returns the state of the first missing byte, and the content of the buffer is
    /// undefined.
    /// </summary>
    public abstract MemoryState Read(VirtualAddress address, Span<byte> buffer);

    /// <summary>Like the other overload, for large reads into an array, which an address space may divide among processors.</summary>
    public virtual MemoryState Read(VirtualAddress address, byte[] buffer, int count) => Read(address, buffer.AsSpan(0, count));

    /// <exception cref="InputException">A part of the range is missing.</exception>
    public void ReadTable(VirtualAddress address, byte[] buffer, string field)
    {
        MemoryState state = Read(address, buffer, buffer.Length);
        if (state != MemoryState.Present)
            ThrowMissing(address, state, field);
    }

    public bool TryRead(VirtualAddress address, Span<byte> buffer) => Read(address, buffer) == MemoryState.Present;

    public void Read(VirtualAddress address, Span<byte> buffer, string field)
    {
        MemoryState state = Read(address, buffer);
        if (state != MemoryState.Present)
            ThrowMissing(address, state, field);
    }

    public bool TryU64(VirtualAddress address, out ulong value)
    {
        Span<byte> b = stackalloc byte[8];
        bool there = Read(address, b) == MemoryState.Present;
        value = there ? BinaryPrimitives.ReadUInt64LittleEndian(b) : 0;
        return there;
    }

    public bool TryU32(VirtualAddress address, out uint value)
    {
        Span<byte> b = stackalloc byte[4];
        bool there = Read(address, b) == MemoryState.Present;
        value = there ? BinaryPrimitives.ReadUInt32LittleEndian(b) : 0;
        return there;
    }

    public ulong U64(VirtualAddress address, string field)
    {
        Span<byte> b = stackalloc byte[8];
        Read(address, b, field);
        return BinaryPrimitives.ReadUInt64LittleEndian(b);
    }

    public uint U32(VirtualAddress address, string field)
    {
        Span<byte> b = stackalloc byte[4];
        Read(address, b, field);
        return BinaryPrimitives.ReadUInt32LittleEndian(b);
    }

    public VirtualAddress Pointer(VirtualAddress address, string field) => new(U64(address, field));

    /// <summary>
    /// A NUL-terminated string; null where its memory is missing. One that does not end within <paramref name="limit"/> bytes ends with
    /// "…".
    /// </summary>
    public string? Text(VirtualAddress address, int limit = 256)
    {
        Span<byte> buffer = limit <= 512 ? stackalloc byte[limit] : new byte[limit];
        int done = 0;
        while (done < limit)
        {
            // Do not read beyond the current page: the string may end just before missing memory.
            VirtualAddress at = address + done;
            int n = (int)Math.Min((ulong)(limit - done), BlockPage - (at.Value & (BlockPage - 1)));
            if (!TryRead(at, buffer.Slice(done, n)))
                return null;
            int end = buffer.Slice(done, n).IndexOf((byte)0);
            if (end >= 0)
                return Encoding.UTF8.GetString(buffer[..(done + end)]);
            done += n;
        }
        return Encoding.UTF8.GetString(buffer) + "…";
    }

    /// <summary>Reads a long range page by page; missing pages are marked as missing, all others are read.</summary>
    public MemoryBlock ReadBlock(VirtualAddress address, int length)
    {
        byte[] data = GC.AllocateUninitializedArray<byte>(length);
        int first = (int)(address.Value & (BlockPage - 1));
        MemoryState[]? holes = null;
        if (Read(address, data, length) != MemoryState.Present)
        {
            holes = new MemoryState[(int)(((long)first + length + BlockPage - 1) / BlockPage)];
            int done = 0;
            for (int page = 0; done < length; page++)
            {
                int n = Math.Min(length - done, BlockPage - (page == 0 ? first : 0));
                Span<byte> part = data.AsSpan(done, n);
                holes[page] = Read(address + done, part);
                if (holes[page] != MemoryState.Present)
                    part.Clear();
                done += n;
            }
        }
        return new MemoryBlock(Name, address, data, first, holes);
    }

    [DoesNotReturn]
    private void ThrowMissing(VirtualAddress address, MemoryState state, string field) =>
        throw MissingMemory.At(Name, field, address, state);
}
