using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Views;

/// <summary>
/// The lockless ring buffer of kernel/printk/printk_ringbuffer.c, Linux commit 896fbe20b4e2 ("printk: use the lockless ringbuffer")
/// (v5.10). Descriptors from tail to head; the text of each is a data block {id, text} at a logical position. A block that does not fit
/// before the end of the ring begins at index 0 of the next wrap. Since Linux commit 67e1b0052f6b ("printk_ringbuffer: don't needlessly
/// wrap data blocks around") a block may end exactly at the end of the ring, so a block has wrapped only if its first and its last byte
/// are in different wraps. Readers that compare the positions modulo the size treat such a block as wrapped and print wrong text.
/// </summary>
internal static class PrintkRing
{
    /// <summary>
    /// Maximum size, as a power of two: LOG_BUF_SHIFT is at most 25 and log_buf_len= at most 2 GiB; there is one descriptor for 32 bytes
    /// of text.
    /// </summary>
    private const int MaxSizeBits = 30;
    private const int MaxCountBits = 24;
    private const int MaxDamages = 100;
    private const ulong IdMask = ~(3UL << 62);

    public static PrintkLog Read(KernelMemory memory, Keys keys, VirtualAddress prb)
    {
        int Offset(string name) => keys.Offset(name)
            ?? throw new InputException(memory.Name, $"OFFSET({name})", -1, "missing in VMCOREINFO");
        int Size(string name) => keys.Size(name) is { } size and > 0 ? size
            : throw new InputException(memory.Name, $"SIZE({name})", -1, "missing in VMCOREINFO");

        VirtualAddress ring = memory.Pointer(prb, "prb");
        VirtualAddress descriptors = ring + Offset("printk_ringbuffer.desc_ring");
        VirtualAddress texts = ring + Offset("printk_ringbuffer.text_data_ring");
        int counter = keys.Offset("atomic_long_t.counter") ?? 0;

        uint countBits = memory.U32(descriptors + Offset("prb_desc_ring.count_bits"), "prb_desc_ring.count_bits");
        uint sizeBits = memory.U32(texts + Offset("prb_data_ring.size_bits"), "prb_data_ring.size_bits");
        if (countBits > MaxCountBits)
            throw new InputException(memory.Name, "prb_desc_ring.count_bits", -1, $"{countBits} is larger than {MaxCountBits}");
        if (sizeBits > MaxSizeBits)
            throw new InputException(memory.Name, "prb_data_ring.size_bits", -1, $"{sizeBits} is larger than {MaxSizeBits}");
        int count = 1 << (int)countBits;
        int descSize = Size("prb_desc"), infoSize = Size("printk_info");
        if ((long)count * Math.Max(descSize, infoSize) > 1 << 30)
            throw new InputException(memory.Name, "prb_desc_ring.count_bits", -1,
                $"{count} descriptors of {infoSize} bytes are more than a log has");

        ulong head = memory.U64(descriptors + Offset("prb_desc_ring.head_id") + counter, "prb_desc_ring.head_id") & IdMask;
        ulong tail = memory.U64(descriptors + Offset("prb_desc_ring.tail_id") + counter, "prb_desc_ring.tail_id") & IdMask;

        int stateAt = Offset("prb_desc.state_var") + counter;
        int beginAt = Offset("prb_desc.text_blk_lpos") + Offset("prb_data_blk_lpos.begin");
        int nextAt = Offset("prb_desc.text_blk_lpos") + Offset("prb_data_blk_lpos.next");
        int timeAt = Offset("printk_info.ts_nsec"), lengthAt = Offset("printk_info.text_len");
        int sequenceAt = keys.Offset("printk_info.seq") ?? -1, callerAt = keys.Offset("printk_info.caller_id") ?? -1;
        PrintkDevice? device = PrintkDevice.Of(keys);

        List<PrintkRecord> records = [];
        List<Damage> damages = [];
        void Skip(Exception e, string structure)
        {
            if (damages.Count < MaxDamages)
                damages.Add(e is InputException input ? Damage.From(input)
                    : new Damage(memory.Name, structure, -1, "fields lie outside of the structure"));
        }

        ulong lap = unchecked(head - tail) & IdMask;
        if (lap >= (ulong)count)
            damages.Add(new Damage(memory.Name, "prb_desc_ring.tail_id", -1,
                $"head id {head:x} is not within {count} descriptors of tail id {tail:x}: one lap is read"));
        int used = (int)Math.Min(lap + 1, (ulong)count);
        int first = (int)(tail & (ulong)(count - 1));

        // A log that has not wrapped yet uses only a part of its ring; read only that part.
        PrintkWindow desc = PrintkWindow.OfRing(memory, memory.Pointer(descriptors + Offset("prb_desc_ring.descs"), "prb_desc_ring.descs"),
            descSize, count, first, used);
        List<(ulong Id, int Slot, DataBlock? Text)> found = new(used);
        int low = int.MaxValue, high = 0;
        for (int i = 0; i < used; i++)
        {
            ulong id = unchecked(tail + (ulong)i) & IdMask;
            int slot = (int)(id & (ulong)(count - 1));
            try
            {
                ReadOnlySpan<byte> d = desc.Slice(slot * descSize, descSize, "prb_desc");
                ulong state = BinaryPrimitives.ReadUInt64LittleEndian(d[stateAt..]);
                // 1 committed, 2 finalized; reserved and reusable descriptors have no data, and another id belongs to another wrap.
                if ((state & IdMask) != id || (state >> 62) is not (1 or 2))
                    continue;
                DataBlock? block = BlockOf(memory.Name, id, BinaryPrimitives.ReadUInt64LittleEndian(d[beginAt..]),
                    BinaryPrimitives.ReadUInt64LittleEndian(d[nextAt..]), (int)sizeBits);
                found.Add((id, slot, block));
                low = Math.Min(low, block?.At ?? low);
                high = Math.Max(high, block?.End ?? high);
            }
            catch (Exception e) when (e is InputException or ArgumentOutOfRangeException)
            {
                Skip(e, "prb_desc");
            }
        }

        PrintkWindow info = PrintkWindow.OfRing(memory, memory.Pointer(descriptors + Offset("prb_desc_ring.infos"), "prb_desc_ring.infos"),
            infoSize, count, first, used);
        PrintkWindow text = new(memory, memory.Pointer(texts + Offset("prb_data_ring.data"), "prb_data_ring.data"), Math.Min(low, high),
            high);
        foreach ((ulong id, int slot, DataBlock? block) in found)
        {
            if (block is not { } data)
                continue;
            try
            {
                ReadOnlySpan<byte> f = info.Slice(slot * infoSize, infoSize, "printk_info");
                ulong owner = BinaryPrimitives.ReadUInt64LittleEndian(text.Slice(data.At, 8, "prb_data_block.id"));
                if (owner != id)
                    throw new InputException(memory.Name, "prb_data_block.id", -1, $"record {id:x}: its block belongs to {owner:x}");
                int length = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(f[lengthAt..]), data.End - data.At - 8);
                // In every version text_len is followed by facility (u8) and flags:5, level:3.
                records.Add(new PrintkRecord(
                    sequenceAt < 0 ? (ulong)records.Count : BinaryPrimitives.ReadUInt64LittleEndian(f[sequenceAt..]),
                    BinaryPrimitives.ReadUInt64LittleEndian(f[timeAt..]), f[lengthAt + 2], f[lengthAt + 3] >> 5,
                    callerAt < 0 ? null : BinaryPrimitives.ReadUInt32LittleEndian(f[callerAt..]),
                    device?.Read(f), text.Memory(data.At + 8, length, "prb_data_block.data")));
            }
            catch (Exception e) when (e is InputException or ArgumentOutOfRangeException)
            {
                Skip(e, "printk_info");
            }
        }
        return new PrintkLog(records, damages, "ring buffer");
    }

    /// <summary>Place of a record's data block in the ring; null for a record without text.</summary>
    private static DataBlock? BlockOf(string input, ulong id, ulong begin, ulong next, int sizeBits)
    {
        // FAILED_LPOS 1 and EMPTY_LINE_LPOS 3: these are never positions of a block, because positions are aligned.
        if ((begin & next & 1) != 0)
            return null;
        ulong size = 1UL << sizeBits;
        ulong mask = size - 1;
        if ((begin & 7) != 0 || (next & 7) != 0 || unchecked(next - begin - 1) >= 2 * size)
            throw new InputException(input, "prb_desc.text_blk_lpos", -1, $"record {id:x}: no data block lies at {begin:x}..{next:x}");
        bool wrapped = begin >> sizeBits != unchecked(next - 1) >> sizeBits;
        if (wrapped && unchecked(begin + size) >> sizeBits != unchecked(next - 1) >> sizeBits)
            throw new InputException(input, "prb_desc.text_blk_lpos", -1, $"record {id:x}: no data block lies at {begin:x}..{next:x}");
        int at = wrapped ? 0 : (int)(begin & mask);
        int room = (int)unchecked(wrapped ? ((next - 1) & mask) + 1 : next - begin);
        if (room < 8)
            throw new InputException(input, "prb_desc.text_blk_lpos", -1, $"record {id:x}: a block of {room} bytes has no room for its id");
        return new DataBlock(at, at + room);
    }

    /// <summary>Bytes [At, End) of the text ring: an id, then the text.</summary>
    private readonly record struct DataBlock(int At, int End);
}
