using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Formats.Elf;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Views;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Kernel.Views;

public sealed class PrintkBufferTests
{
    private readonly MemoryBuilder memory = new();
    private readonly VirtualAddress variables, buffer;

    public PrintkBufferTests()
    {
        variables = memory.Allocate(64);
        buffer = memory.Allocate(256, 4096);
        memory.U64(variables, buffer.Value).U32(variables + 8, 256);
    }

    [Fact]
    public void Records_go_on_at_the_start_behind_one_of_length_zero()
    {
        Record(64, 48, 2_000_000_000, "second");
        Record(112, 32, 3_000_000_000, "third");
        memory.U16(buffer + 144 + 8, 0);
        Record(0, 40, 4_000_000_000, "fourth");
        Bounds(64, 40);
        PrintkLog log = Records();
        Assert.Equal("[    2.000000] second\n[    3.000000] third\n[    4.000000] fourth\n", log.Text());
        Assert.Equal(("records", 4), (log.Form, log.Records[0].Level));
    }

    [Fact]
    public void A_record_shorter_than_its_text_ends_the_walk_with_its_place()
    {
        Record(0, 32, 1, "fine");
        Record(32, 20, 2, "text that does not fit in");
        Bounds(0, 200);
        PrintkLog log = Records();
        Assert.Equal("fine", Assert.Single(log.Records).Text);
        Assert.Contains("20 at 20 does not hold", Assert.Single(log.Damages).Reason);
    }

    [Fact]
    public void A_walk_that_never_meets_its_end_is_cut()
    {
        Record(0, 128, 1, "a");
        Record(128, 128, 1, "b");
        memory.U16(buffer + 8, 128);
        Bounds(0, 77);
        PrintkLog log = Records();
        Assert.InRange(log.Records.Count, 1, 3);
        Assert.NotEmpty(log.Damages);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(uint.MaxValue)]
    public void A_buffer_of_impossible_length_is_refused(uint length)
    {
        memory.U32(variables + 8, length);
        Assert.Contains("log_buf_len", Assert.Throws<InputException>(Records).Message);
    }

    [Fact]
    public void Plain_text_begins_where_the_oldest_character_is()
    {
        memory.Write(buffer, "tail\n"u8).Write(buffer + 250, "<6>he "u8).U32(variables + 12, 256 + 5).U32(variables + 16, 11);
        PrintkLog log = PrintkLog.Read(memory,
            Keys($"SYMBOL(log_buf)={variables}\nSYMBOL(log_buf_len)={variables + 8}\nSYMBOL(log_end)=" +
                $"{variables + 12}\nSYMBOL(logged_chars)={variables + 16}"));
        Assert.Equal("<6>he tail\n", log.Text());
    }

    private void Bounds(uint first, uint next) => memory.U32(variables + 12, first).U32(variables + 16, next);

    private void Record(int at, int length, ulong time, string text) => memory.U64(buffer + at, time).U16(buffer + at + 8, (ushort)length)
        .U16(buffer + at + 10, (ushort)text.Length).Write(buffer + at + 14, [0, 4 << 5])
            .Write(buffer + at + 16, Encoding.ASCII.GetBytes(text));

    private static Keys Keys(string text) => new(VmcoreInfo.Parse(Encoding.ASCII.GetBytes(text)));

    private PrintkLog Records() => PrintkLog.Read(memory, Keys($"""
        SYMBOL(log_buf)={variables}
        SYMBOL(log_buf_len)={variables + 8}
        SYMBOL(log_first_idx)={variables + 12}
        SYMBOL(log_next_idx)={variables + 16}
        SIZE(printk_log)=16
        OFFSET(printk_log.ts_nsec)=0
        OFFSET(printk_log.len)=8
        OFFSET(printk_log.text_len)=10
        """));
}
