using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Unwind;

/// <summary>
/// One ORC table: .orc_unwind_ip, s32 offsets from their own places, and .orc_unwind, six bytes an entry. The kernel's is sorted at build
/// time since 5.6, modules' when they load; what is not sorted is sorted here, so that a search always ends at the nearest entry.
/// </summary>
public sealed class Orc
{
    /// <summary>The largest kernels have 1.5 million entries.</summary>
    public const int MaxEntries = 8_000_000;

    private readonly MemoryBlock ips;
    private readonly MemoryBlock entries;
    private readonly int[]? order;

    private Orc(MemoryBlock ips, MemoryBlock entries, int count, OrcVersion version)
    {
        this.ips = ips;
        this.entries = entries;
        Count = count;
        Version = version;
        order = Sorted() ? null : Sort();
    }

    public int Count { get; }

    public OrcVersion Version { get; }

    /// <summary>The kernel's table was not sorted as it lay in memory.</summary>
    public bool Resorted => order is not null;

    public static Orc Read(KernelMemory memory, VirtualAddress ip, VirtualAddress entries, int count, Btf? btf, OrcVersion? version = null)
    {
        if (count is < 0 or > MaxEntries)
            throw new InputException(memory.Name, "num_orcs", -1, $"{count} is larger than {MaxEntries}");
        MemoryBlock ips = memory.ReadBlock(ip, 4 * count);
        MemoryBlock table = memory.ReadBlock(entries, 6 * count);
        if (!ips.Whole)
            throw new InputException(memory.Name, "orc_unwind_ip", -1, $"part of the {4 * count} bytes at {ip} is missing from the dump");
        return new Orc(ips, table, count, version ?? OrcVersions.Detect(table.Bytes, btf));
    }

    /// <summary>The entry that covers an address; null where the table has none or its page is missing.</summary>
    public OrcEntry? Find(VirtualAddress address)
    {
        int low = 0, high = Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (Ip(Slot(middle)) <= address.Value)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == 0)
            return null;
        int slot = Slot(low - 1);
        return entries.TrySlice(6 * slot, 6, out ReadOnlySpan<byte> entry) ? OrcVersions.Decode(entry, Version) : null;
    }

    private int Slot(int i) => order is null ? i : order[i];

    private ulong Ip(int slot) =>
        unchecked(ips.Address.Value + 4 * (ulong)slot + (ulong)(long)BinaryPrimitives.ReadInt32LittleEndian(ips.Bytes[(4 * slot)..]));

    private bool Sorted()
    {
        ulong last = 0;
        for (int i = 0; i < Count; i++)
        {
            ulong ip = Ip(i);
            if (ip < last)
                return false;
            last = ip;
        }
        return true;
    }

    private int[] Sort()
    {
        int[] slots = new int[Count];
        for (int i = 0; i < slots.Length; i++)
            slots[i] = i;
        // At one address the entry that ends nothing goes last, where the search looks: a terminator belongs to the code before.
        Array.Sort(slots, (a, b) =>
        {
            int by = Ip(a).CompareTo(Ip(b));
            return by != 0 ? by : Terminator(b).CompareTo(Terminator(a));
        });
        return slots;
    }

    private bool Terminator(int slot) =>
        entries.TrySlice(6 * slot, 6, out ReadOnlySpan<byte> entry) && OrcVersions.Decode(entry, Version).Type is OrcType.Undefined;
}
