using System.Buffers;
using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Formats.Elf;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Views;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Kernel.Views;

public sealed class PrintkRingTests
{
    private const int CountBits = 3, SizeBits = 8, DescSize = 24, InfoSize = 88;
    private const ulong Finalized = 2UL << 62, Committed = 1UL << 62;
    private readonly MemoryBuilder memory = new();
    private readonly VirtualAddress prb, ring, descs, infos, text;

    public PrintkRingTests()
    {
        prb = memory.Allocate(8);
        ring = memory.Allocate(88);
        descs = memory.Allocate(DescSize << CountBits);
        infos = memory.Allocate(InfoSize << CountBits);
        text = memory.Allocate(1 << SizeBits, 4096);
        memory.U64(prb, ring.Value).U32(ring, CountBits).U64(ring + 8, descs.Value).U64(ring + 16, infos.Value).U32(ring + 48, SizeBits)
            .U64(ring + 56, text.Value);
    }

    [Fact]
    public void Records_come_from_tail_to_head_with_their_fields()
    {
        Range(1, 2);
        Record(1, 0, 32, "one", 1_500_000);
        Record(2, 32, 64, "two", 12_345_678_901_234);
        PrintkLog log = Read();
        Assert.Equal("[    0.001500] one\n[12345.678901] two\n", log.Text());
        Assert.Equal((1UL, 3, 1, 77u),
            (log.Records[0].Sequence, log.Records[0].Level, log.Records[0].Facility, log.Records[0].CallerId!.Value));
        Assert.Empty(log.Damages);
    }

    [Fact]
    public void A_block_that_wraps_has_its_text_at_the_start_of_the_ring_behind_its_id_again()
    {
        Range(5, 5);
        Record(5, 256 - 16, 256 + 40, "wrapped text", 0, at: 0);
        Assert.Equal("[    0.000000] wrapped text\n", Read().Text());
    }

    [Fact]
    public void A_block_that_ends_exactly_at_the_end_of_the_ring_has_not_wrapped()
    {
        // Modulo the size its end is 0, before its begin: the test of makedumpfile, crash and vmcore-dmesg takes it for wrapped.
        Range(5, 5);
        memory.U64(text, 5).Text(text + 8, "text of another record");
        Record(5, 256 - 32, 256, "at the very end", 0);
        Assert.Equal("[    0.000000] at the very end\n", Read().Text());
    }

    [Theory]
    [InlineData(1UL)]
    [InlineData(3UL)]
    public void A_record_without_text_prints_nothing(ulong lpos)
    {
        Range(1, 2);
        Record(1, lpos, lpos, "", 0);
        Record(2, 32, 64, "two", 0);
        Assert.Equal("[    0.000000] two\n", Read().Text());
    }

    [Fact]
    public void Records_that_are_reserved_reused_or_of_another_lap_are_skipped()
    {
        Range(1, 4);
        Record(1, 0, 32, "reserved", 0, state: 0);
        Record(2, 32, 64, "reusable", 0, state: 3UL << 62);
        Record(3, 64, 96, "committed", 0, state: Committed);
        Record(12, 96, 128, "another lap", 0);
        Assert.Equal("[    0.000000] committed\n", Read().Text());
    }

    [Fact]
    public void A_block_that_belongs_to_another_record_is_damage_not_text()
    {
        Range(1, 2);
        Record(1, 0, 32, "one", 0);
        Record(2, 32, 64, "two", 0);
        memory.U64(text, 9);
        PrintkLog log = Read();
        Assert.Equal("[    0.000000] two\n", log.Text());
        Assert.Equal("memory: prb_data_block.id: record 1: its block belongs to 9", Assert.Single(log.Damages).ToString());
    }

    [Theory]
    [InlineData(0UL, 4096UL)]
    [InlineData(64UL, 32UL)]
    [InlineData(4UL, 32UL)]
    [InlineData(0UL, 0UL)]
    [InlineData(0xFFFF_FFFF_FFFF_FFF8UL, 0x18UL)]
    public void Positions_that_are_no_block_cost_only_their_record(ulong begin, ulong next)
    {
        Range(1, 2);
        Record(2, 32, 64, "two", 0);
        Record(1, begin, next, "", 0, at: -1);
        PrintkLog log = Read();
        Assert.EndsWith("two\n", log.Text(), StringComparison.Ordinal);
        Assert.True(log.Records.Count + log.Damages.Count == 2);
    }

    [Fact]
    public void A_text_longer_than_its_block_is_cut_to_the_block()
    {
        Range(1, 1);
        Record(1, 0, 16, "12345678", 0, length: 60000);
        Assert.Equal("[    0.000000] 12345678\n", Read().Text());
    }

    [Fact]
    public void A_head_out_of_reach_ends_after_one_lap()
    {
        Range(1, 1UL << 50);
        for (ulong id = 1; id <= 8; id++)
            Record(id, 32 * (id - 1), 32 * id, $"n{id}", 0);
        PrintkLog log = Read();
        Assert.Equal(8, log.Records.Count);
        Assert.Contains("not within 8 descriptors", Assert.Single(log.Damages).Reason);
    }

    [Theory]
    [InlineData(63u, 8u, "count_bits")]
    [InlineData(3u, 63u, "size_bits")]
    [InlineData(24u, 8u, "count_bits")]
    public void A_ring_of_impossible_size_is_refused_by_name(uint countBits, uint sizeBits, string field)
    {
        memory.U32(ring, countBits).U32(ring + 48, sizeBits);
        Assert.Contains(field, Assert.Throws<InputException>(Read).Message);
    }

    [Fact]
    public void A_page_of_text_that_was_left_out_costs_its_records()
    {
        Range(1, 2);
        Record(1, 0, 32, "one", 0);
        Record(2, 32, 64, "two", 0);
        memory.Take(text, MemoryState.Excluded);
        PrintkLog log = Read();
        Assert.Empty(log.Records);
        Assert.Contains("excluded from the dump", log.Damages[0].Reason);
    }

    [Fact]
    public void Lines_are_indented_and_what_does_not_print_is_shown_in_hex()
    {
        PrintkRecord record = new(1, 61_000_002_000, 0, 6, null, null, Encoding.UTF8.GetBytes("a\nb\tc\u0001é"));
        ArrayBufferWriter<byte> output = new();
        record.Print(output);
        Assert.Equal("[   61.000002] a\n               b\tc\\x01\\xc3\\xa9\n", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Theory]
    [InlineData(1u, "[   61.000002] [      T1] a\n                          b\n")]
    [InlineData(0x8000_0003u, "[   61.000002] [      C3] a\n                          b\n")]
    [InlineData(12345678u, "[   61.000002] [T12345678] a\n                           b\n")]
    [InlineData(null, "[   61.000002] a\n               b\n")]
    public void The_caller_has_a_column_of_its_own_as_makedumpfile_1_7_8_prints_it(uint? caller, string line)
    {
        ArrayBufferWriter<byte> output = new();
        new PrintkRecord(1, 61_000_002_000, 0, 6, caller, null, "a\nb"u8.ToArray()).Print(output, caller: true);
        Assert.Equal(line, Encoding.UTF8.GetString(output.WrittenSpan));
    }

    private void Range(ulong tail, ulong head) => memory.U64(ring + 24, head).U64(ring + 32, tail);

    private void Record(ulong id, ulong begin, ulong next, string message, ulong time, ulong state = Finalized, int at = -2,
        int? length = null)
    {
        int slot = (int)(id & 7);
        memory.U64(descs + slot * DescSize, state | id).U64(descs + slot * DescSize + 8, begin).U64(descs + slot * DescSize + 16, next);
        VirtualAddress info = infos + slot * InfoSize;
        memory.U64(info, id).U64(info + 8, time).U16(info + 16, (ushort)(length ?? message.Length)).Write(info + 18, [1, 3 << 5])
            .U32(info + 20, 77);
        if (at == -1 || (begin & 1) != 0)
            return;
        VirtualAddress block = text + (at >= 0 ? at : (long)(begin % 256));
        memory.U64(block, id).Write(block + 8, Encoding.UTF8.GetBytes(message));
    }

    private PrintkLog Read() => PrintkLog.Read(memory, new Keys(VmcoreInfo.Parse(Encoding.ASCII.GetBytes($"""
        SYMBOL(prb)={prb}
        SIZE(prb_desc)={DescSize}
        SIZE(printk_info)={InfoSize}
        OFFSET(printk_ringbuffer.desc_ring)=0
        OFFSET(printk_ringbuffer.text_data_ring)=48
        OFFSET(prb_desc_ring.count_bits)=0
        OFFSET(prb_desc_ring.descs)=8
        OFFSET(prb_desc_ring.infos)=16
        OFFSET(prb_desc_ring.head_id)=24
        OFFSET(prb_desc_ring.tail_id)=32
        OFFSET(prb_desc.state_var)=0
        OFFSET(prb_desc.text_blk_lpos)=8
        OFFSET(prb_data_blk_lpos.begin)=0
        OFFSET(prb_data_blk_lpos.next)=8
        OFFSET(printk_info.seq)=0
        OFFSET(printk_info.ts_nsec)=8
        OFFSET(printk_info.text_len)=16
        OFFSET(printk_info.caller_id)=20
        OFFSET(prb_data_ring.size_bits)=0
        OFFSET(prb_data_ring.data)=8
        """))));
}
