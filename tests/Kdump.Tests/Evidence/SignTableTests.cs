using Kdump.Diagnosis.Text;
using Kdump.Sources.Inputs;

namespace Kdump.Tests.Evidence;

public sealed class SignTableTests
{
    [Theory]
    [InlineData("teapot", 0)]
    [InlineData("", 0)]
    [InlineData("abc", 0)]
    [InlineData("abcd", 0b010)]
    [InlineData("xabcd", 0b010)]
    [InlineData("xabcdy", 0b010)]
    [InlineData("xyabcd", 0b010)]
    [InlineData("abcdef", 0b011)]
    [InlineData("wxyzwxy abcdef", 0b111)]
    [InlineData("at the end wxyzwxy", 0b100)]
    [InlineData("near the end wxyzwxy", 0b100)]
    public void Every_reader_with_a_text_in_the_line_is_named(string line, ulong readers)
    {
        Assert.Equal(readers, new SignTable([(0, "abcdef"), (1, "abcd"), (2, "wxyzwxy")]).ReadersOf(line));
    }

    [Fact]
    public void It_finds_what_a_plain_search_finds()
    {
        string[] signs = ["crashkernel reserved: 0x", "makedumpfile Failed.", "saving vmcore", "fail", "BUG:", "0000", "    ", "00001",
            "]---"];
        var table = new SignTable(signs.Select((s, i) => (i, s)));
        var random = new Random(7);
        for (int round = 0; round < 5000; round++)
        {
            string line = new string(' ', random.Next(6)) + signs[random.Next(signs.Length)][..random.Next(4)] +
                signs[random.Next(signs.Length)] + new string('0', random.Next(6)) + signs[random.Next(signs.Length)];
            line = line[random.Next(4)..random.Next(4, line.Length + 1)];
            ulong expected = signs.Select((s, i) => line.Contains(s, StringComparison.Ordinal) ? 1UL << i : 0).Aggregate((a, b) => a | b);
            Assert.True(expected == table.ReadersOf(line), line);
        }
    }

    [Fact]
    public void Thousands_of_texts_are_found_wherever_they_stand()
    {
        string[] signs = [.. Enumerable.Range(0, 8000).Select(i => $"{(i * 7919) % 100_003:x}-{i}:")];
        var table = new SignTable(signs.Select((s, i) => (i, s)));
        var readers = new List<int>();
        for (int i = 0; i < signs.Length; i++)
        {
            table.ReadersOf($"{new string('x', i % 5)}{signs[i]}{new string('y', i % 3)}", readers);
            Assert.Contains(i, readers);
        }
    }

    /// <summary>The search begins at the bracket that ends <c>[   57.333334]</c>: what stands before would not be found.</summary>
    [Fact]
    public void No_parser_waits_for_a_text_that_begins_in_a_stamp()
    {
        foreach (string sign in TextParsers.Create().SelectMany(p => p.Signs ?? []))
        {
            int behind = sign.AsSpan().IndexOfAnyExcept("[]. 0123456789"), bracket = sign.IndexOf(']');
            Assert.True((behind >= 0 || sign.Trim().Contains(' ')) && (bracket <= 0 || bracket > behind || sign[bracket + 1] != ' '), sign);
        }
    }
}
