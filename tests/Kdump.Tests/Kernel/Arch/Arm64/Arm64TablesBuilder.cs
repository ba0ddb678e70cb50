using System.Buffers.Binary;

namespace Kdump.Tests.Kernel.Arch.Arm64;

/// <summary>arm64 page tables as the Arm ARM lays them out, in frames of 4 KiB.</summary>
internal sealed class Arm64TablesBuilder(int pageShift, int addressBits, bool lpa2 = false)
{
    private const ulong FirstTable = 0x100_0000;
    private ulong next = FirstTable + 0x1_0000;

    public Dictionary<ulong, byte[]> Frames { get; } = [];

    public ulong Root => FirstTable;

    /// <summary>Physical addresses of the tables by level, the root first.</summary>
    public List<ulong> Tables { get; } = [FirstTable];

    /// <summary>Maps one page, or a block at a higher level (0 is the lowest).</summary>
    public void Map(ulong virtualAddress, ulong physical, int level = 0, ulong flags = 0x703)
    {
        int bits = pageShift - 3, levels = (addressBits - pageShift + bits - 1) / bits;
        ulong table = Root;
        for (int at = levels - 1; ; at--)
        {
            int shift = pageShift + at * bits, width = at == levels - 1 ? addressBits - shift : bits;
            ulong entry = table + (virtualAddress >> shift & ((1UL << width) - 1)) * 8;
            if (at == level)
            {
                Write(entry, Encode(physical) | (level > 0 ? flags & ~2UL : flags));
                return;
            }
            ulong below = Read(entry);
            if (below == 0)
            {
                below = next;
                next += 1UL << pageShift;
                Tables.Add(below);
                Write(entry, Encode(below) | 3);
            }
            else
            {
                below &= 0x0000_FFFF_FFFF_F000 & ~0UL << pageShift;
            }
            table = below;
        }
    }

    public void Write(ulong physical, ulong value) =>
        BinaryPrimitives.WriteUInt64LittleEndian(Frame(physical).AsSpan((int)(physical & 0xFFF)), value);

    private ulong Read(ulong physical) => BinaryPrimitives.ReadUInt64LittleEndian(Frame(physical).AsSpan((int)(physical & 0xFFF)));

    private byte[] Frame(ulong physical)
    {
        // A whole table is there once a part of it is.
        for (ulong at = physical & ~0UL << pageShift; at < (physical & ~0UL << pageShift) + (1UL << pageShift); at += 4096)
            Frames.TryAdd(at >> 12, new byte[4096]);
        return Frames[physical >> 12];
    }

    /// <summary>LPA2: bits 51:50 stand in 9:8. LPA with pages of 64 KiB: bits 51:48 stand in 15:12.</summary>
    private ulong Encode(ulong physical) => lpa2 ? (physical & 0x3_FFFF_FFFF_FFFF) | physical >> 50 << 8
        : pageShift == 16 ? (physical & 0xFFFF_FFFF_FFFF) | physical >> 48 << 12 : physical;
}
