using System.Text;
using Kdump.Diagnosis.Text;

namespace Kdump.Tests.Evidence;

public sealed class LineReaderTests
{
    [Fact]
    public void Every_kind_of_line_end_ends_one_line()
    {
        Assert.Equal(["a", "b", "c", "d"], Lines("a\nb\r\nc\rd"u8.ToArray()));
    }

    [Fact]
    public void Colours_and_cursor_moves_are_taken_out()
    {
        Assert.Equal(["[  OK  ] Started x"], Lines("[\x1b[0;32m  OK  \x1b[0m] Started \x1b[K\x1b[1;39mx"u8.ToArray()));
    }

    [Fact]
    public void An_escape_at_the_very_end_is_survived()
    {
        Assert.Equal(["a", "b"], Lines("a\x1b\nb\x1b["u8.ToArray()));
    }

    [Fact]
    public void Bytes_that_are_no_text_become_replacement_characters_and_cost_no_neighbour()
    {
        Assert.Equal(["a\ufffdb", "c"], Lines([(byte)'a', 0xff, (byte)'b', (byte)'\n', (byte)'c']));
    }

    /// <summary>What a file system leaves where the machine lost power while a log was written.</summary>
    [Theory]
    [InlineData(64)]
    [InlineData(3000)]
    [InlineData(40_000)]
    public void A_block_of_NULs_hides_no_line_behind_it(int nuls) =>
        Assert.Equal(["a", "b", "c"], Lines([.. "a\n"u8, .. new byte[nuls], .. "b\n"u8, .. new byte[nuls], .. "c\n"u8, .. new byte[nuls]]));

    [Fact]
    public void A_few_NULs_stay() => Assert.Equal(["a\0\0b"], Lines("a\0\0b\n"u8.ToArray()));

    [Fact]
    public void A_line_without_end_is_cut_and_the_next_one_is_whole()
    {
        string[] lines = Lines(Encoding.ASCII.GetBytes(new string('x', 100_000) + "\nnext"));
        Assert.Equal(LineReader.MaxLine, lines[0].Length);
        Assert.Equal("next", lines[1]);
    }

    [Fact]
    public void Lines_are_counted_from_one_also_across_buffers()
    {
        var reader = new LineReader("x",
            new MemoryStream(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("0123456789\n", 10_000)))));
        while (reader.Next(out TextLine line))
            Assert.Equal("0123456789", line.Text.ToString());
        Assert.Equal(10_000, reader.Number);
    }

    [Fact]
    public void Empty_lines_that_are_stepped_over_are_counted()
    {
        var reader = new LineReader("x", new MemoryStream(Encoding.ASCII.GetBytes("a\n" + new string('\n', 100_000) + "b\n")));
        Assert.True(reader.Next(out _));
        reader.SkipEmptyLines();
        Assert.True(reader.Next(out TextLine line));
        Assert.Equal(("b", 100_002L), (line.Text.ToString(), line.Number));
        Assert.False(reader.Next(out _));
    }

    [Fact]
    public void A_zero_byte_is_noticed()
    {
        var reader = new LineReader("x", new MemoryStream([(byte)'a', 0, (byte)'\n']));
        Assert.True(reader.Next(out _));
        Assert.True(reader.Binary);
    }

    private static string[] Lines(byte[] bytes)
    {
        var reader = new LineReader("x", new MemoryStream(bytes));
        var lines = new List<string>();
        while (reader.Next(out TextLine line))
            lines.Add(line.Text.ToString());
        return [.. lines];
    }
}
