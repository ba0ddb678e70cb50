using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Arch.X8664;

/// <summary>
/// One ORC table: .orc_unwind_ip, s32 offsets relative to their own addresses, and .orc_unwind, six bytes per entry. A kernel's table has
/// five megabytes, of which a stack needs a few pages, so entries are read only where a search needs them. The kernel's table is sorted
/// at build time since 5.6, before that at boot; a module's is sorted when it is loaded. A module's table is checked here nevertheless,
/// and sorted if necessary, so that a search finds the nearest entry.
/// </summary>
public sealed class Orc
{
    /// <summary>Maximum number of entries; the largest kernels have 1.5 million.</summary>
    public const int MaxEntries = 8_000_000;

    /// <summary>Maximum number of entries of a table whose order is checked.</summary>
    private const int CheckedEntries = 100_000;

    private const int EntryBytes = 6;
    private const int SamplePages = 32;

    private readonly KernelMemory memory;
    private readonly VirtualAddress ips;
    private readonly VirtualAddress entries;
    private readonly int[]? order;

    private Orc(KernelMemory memory, VirtualAddress ips, VirtualAddress entries, int count, OrcVersion version)
    {
        this.memory = memory;
        this.ips = ips;
        this.entries = entries;
        Count = count;
        Version = version;
        order = count <= CheckedEntries ? Sorted() : null;
    }

    public int Count { get; }

    public OrcVersion Version { get; }

    /// <summary>True if the table in memory was not sorted.</summary>
    public bool Resorted => order is not null;

    /// <exception cref="InputException">The count is invalid, or the table's memory is missing.</exception>
    public static Orc Read(KernelMemory memory, VirtualAddress ip, VirtualAddress entries, int count, Btf? btf, OrcVersion? version = null)
    {
        if (count is <= 0 or > MaxEntries)
            throw new InputException(memory.Name, "num_orcs", -1, $"{count} is not a valid number of entries (at most {MaxEntries})");
        memory.U32(ip, "orc_unwind_ip");
        memory.U32(ip + 4L * (count - 1), "orc_unwind_ip");
        return new Orc(memory, ip, entries, count, version ?? OrcVersions.Detect(Sample(memory, entries, count, whole: btf is null), btf));
    }

    /// <summary>The table of the kernel's own image.</summary>
    /// <exception cref="InputException">The symbols of the table are missing, or its memory is.</exception>
    public static Orc OfImage(CrashedKernel kernel)
    {
        VirtualAddress ip = kernel.Symbol("__start_orc_unwind_ip"), ipEnd = kernel.Symbol("__stop_orc_unwind_ip"),
            entries = kernel.Symbol("__start_orc_unwind");
        long bytes = unchecked((long)(ipEnd.Value - ip.Value));
        if (bytes is <= 0 or > 4L * MaxEntries)
            throw new InputException(kernel.Dump.Name, "__stop_orc_unwind_ip", -1, $"{bytes} bytes is not a valid length of an ORC table");
        return Read(kernel.Memory, ip, entries, (int)(bytes / 4), kernel.Btf.Value);
    }

    /// <summary>The entry that covers an address; null if the table has none, or its page is missing.</summary>
    public OrcEntry? Find(VirtualAddress address)
    {
        int low = 0, high = Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (Ip(Slot(middle)) is not { } ip)
                return null;
            if (ip <= address.Value)
                low = middle + 1;
            else
                high = middle;
        }
        return low == 0 ? null : Entry(Slot(low - 1));
    }

    /// <summary>Samples of entries from the whole table. Without BTF rare flags decide, so the whole table is read.</summary>
    private static byte[] Sample(KernelMemory memory, VirtualAddress entries, int count, bool whole)
    {
        int page = KernelMemory.BlockPage / EntryBytes;
        if (whole || count <= SamplePages * page)
            return memory.ReadBlock(entries, EntryBytes * count).Bytes.ToArray();
        byte[] sample = new byte[SamplePages * page * EntryBytes];
        int got = 0;
        for (int i = 0; i < SamplePages; i++)
        {
            long first = (long)i * (count - page) / (SamplePages - 1);
            if (memory.TryRead(entries + first * EntryBytes, sample.AsSpan(got, page * EntryBytes)))
                got += page * EntryBytes;
        }
        return got > 0 ? sample[..got]
            : throw new InputException(memory.Name, "orc_unwind", -1, $"its entries at {entries} are missing from the dump");
    }

    private int Slot(int i) => order is null ? i : order[i];

    private ulong? Ip(int slot)
    {
        VirtualAddress at = ips + 4L * slot;
        return memory.TryU32(at, out uint offset) ? (at + unchecked((int)offset)).Value : null;
    }

    private OrcEntry? Entry(int slot)
    {
        Span<byte> raw = stackalloc byte[EntryBytes];
        return memory.TryRead(entries + (long)EntryBytes * slot, raw) ? OrcVersions.Decode(raw, Version) : null;
    }

    /// <summary>The sorted order of a table that is not sorted; null if it is sorted.</summary>
    private int[]? Sorted()
    {
        MemoryBlock block = memory.ReadBlock(ips, 4 * Count);
        ReadOnlySpan<byte> raw = block.Bytes;
        ulong[] places = new ulong[Count];
        bool sorted = true;
        for (int i = 0; i < places.Length; i++)
        {
            places[i] = (ips + (4L * i + BinaryPrimitives.ReadInt32LittleEndian(raw[(4 * i)..]))).Value;
            sorted &= i == 0 || places[i - 1] <= places[i];
        }
        if (sorted || !block.Whole)
            return null;
        int[] slots = new int[Count];
        for (int i = 0; i < slots.Length; i++)
            slots[i] = i;
        // Of entries with the same address, a terminator belongs to the code before it. Put the other entry last, where the search finds
        // it.
        Array.Sort(slots, (a, b) =>
        {
            int by = places[a].CompareTo(places[b]);
            return by != 0 ? by : (Entry(b) is { Type: OrcType.Undefined }).CompareTo(Entry(a) is { Type: OrcType.Undefined });
        });
        return slots;
    }
}
