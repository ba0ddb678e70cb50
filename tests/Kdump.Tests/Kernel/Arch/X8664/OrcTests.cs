using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;
using Kdump.Kernel.Arch.X8664;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Kernel.Arch.X8664;

public sealed class OrcTests
{
    private readonly MemoryBuilder memory = new();

    // sp_reg sp, bp_reg prev_sp, offsets 24 and -16, a call; then the two ends.
    [Theory]
    [InlineData(OrcVersion.One, 0x0015, 0x0400, 0x0000)]
    [InlineData(OrcVersion.Two, 0x0015, 0x0800, 0x0000)]
    [InlineData(OrcVersion.Three, 0x0215, 0x0100, 0x0000)]
    [InlineData(OrcVersion.Four, 0x0283, 0x0100, 0x0000)]
    public void The_same_frame_decodes_alike_in_every_version(OrcVersion version, ushort call, ushort end, ushort undefined)
    {
        Assert.Equal(new OrcEntry(24, -16, OrcRegister.Sp, OrcRegister.PreviousSp, OrcType.Call, false),
            OrcVersions.Decode(Entry(24, -16, call), version));
        Assert.Equal(OrcType.EndOfStack, OrcVersions.Decode(Entry(0, 0, end), version).Type);
        Assert.Equal(OrcType.Undefined, OrcVersions.Decode(Entry(0, 0, undefined), version).Type);
    }

    [Theory]
    [InlineData(OrcVersion.One, 0x0005, 0x0105)]
    [InlineData(OrcVersion.Two, 0x0005, 0x0505)]
    [InlineData(OrcVersion.Three, 0x0205, 0x0B05)]
    [InlineData(OrcVersion.Four, 0x0203, 0x0B03)]
    public void Contents_tell_the_versions_apart_without_BTF(OrcVersion version, ushort call, ushort regs)
    {
        List<byte> entries = [];
        for (int i = 0; i < 500; i++)
            entries.AddRange(Entry((short)(8 * (i % 10)), 0, i % 50 == 0 ? regs : call));
        entries.AddRange(Entry(0, 0, version == OrcVersion.Two ? (ushort)0x800 : version == OrcVersion.One ? (ushort)0x400
            : (ushort)0x100));
        Assert.Equal(version, OrcVersions.Detect([.. entries], null));
        Assert.Equal(OrcType.Regs, OrcVersions.Decode(Entry(0, 0, regs), version).Type);
    }

    [Theory]
    [InlineData(OrcVersion.One, false, true)]
    [InlineData(OrcVersion.Two, true, true)]
    [InlineData(OrcVersion.Three, true, false)]
    public void BTF_tells_them_apart_by_the_members(OrcVersion version, bool signal, bool end)
    {
        BtfBuilder types = new();
        int u16 = types.Int("short", 2);
        List<(string, int, int, int)> members = [("type", u16, 40, version == OrcVersion.Three ? 3 : 2)];
        if (signal)
            members.Add(("signal", u16, 43, 1));
        if (end)
            members.Add(("end", u16, 44, 1));
        types.Bitfields("orc_entry", 6, [.. members]);
        Assert.Equal(version, OrcVersions.Detect(Entry(8, 0, 0x0205), Btf.Parse(types.Bytes(), "btf")));
    }

    [Fact]
    public void A_table_out_of_order_is_sorted_and_a_terminator_gives_way()
    {
        // Two entries at +0x20: the undefined one belongs to the code before.
        Orc orc = Table([(0x40, 32), (0x00, 8), (0x20, 16), (0x20, 0)]);
        Assert.True(orc.Resorted);
        Assert.Equal(8, orc.Find(new VirtualAddress(MemoryBuilder.ImageStart + 0x1F))!.Value.SpOffset);
        Assert.Equal(16, orc.Find(new VirtualAddress(MemoryBuilder.ImageStart + 0x20))!.Value.SpOffset);
        Assert.Equal(32, orc.Find(new VirtualAddress(MemoryBuilder.ImageStart + 0x4000))!.Value.SpOffset);
        Assert.Null(orc.Find(new VirtualAddress(MemoryBuilder.ImageStart - 1)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void A_count_that_no_kernel_has_is_refused(int count) =>
        Assert.Contains("num_orcs", Assert.Throws<InputException>(
            () => Orc.Read(memory, memory.Allocate(64), memory.Allocate(64), count, null)).Message);

    [Fact]
    public void A_table_longer_than_its_memory_is_refused() =>
        Assert.Contains("orc_unwind_ip",
            Assert.Throws<InputException>(() => Orc.Read(memory, memory.Allocate(64), memory.Allocate(64), 1_000_000, null)).Message);

    private Orc Table((int Offset, short Sp)[] entries)
    {
        VirtualAddress ips = new(MemoryBuilder.ImageStart + 0x10_0000), table = new(MemoryBuilder.ImageStart + 0x11_0000);
        for (int i = 0; i < entries.Length; i++)
        {
            long relative = entries[i].Offset - (long)((ips + 4 * i).Value - MemoryBuilder.ImageStart);
            memory.U32(ips + 4 * i, unchecked((uint)relative))
                .Write(table + 6 * i, Entry(entries[i].Sp, 0, entries[i].Sp == 0 ? (ushort)0 : (ushort)0x0205));
        }
        return Orc.Read(memory, ips, table, entries.Length, null);
    }

    private static byte[] Entry(short sp, short bp, ushort flags)
    {
        byte[] raw = new byte[6];
        BinaryPrimitives.WriteInt16LittleEndian(raw, sp);
        BinaryPrimitives.WriteInt16LittleEndian(raw.AsSpan(2), bp);
        BinaryPrimitives.WriteUInt16LittleEndian(raw.AsSpan(4), flags);
        return raw;
    }
}
