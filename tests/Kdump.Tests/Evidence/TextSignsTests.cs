using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Tests.Evidence;

public sealed class TextSignsTests
{
    [Theory]
    [InlineData("teapot", -1)]
    [InlineData("", -1)]
    [InlineData("abc", -1)]
    [InlineData("xabcdy", 1)]
    [InlineData("abcd", 1)]
    [InlineData("abcdef", 0)]
    [InlineData("wxyz abcdef", 0)]
    [InlineData("at the end wxyz", 2)]
    public void The_first_text_of_the_list_wins_wherever_it_stands(string line, int expected)
    {
        Assert.Equal(expected, new TextSigns("abcdef", "abcd", "wxyz").First(line));
    }

    [Fact]
    public void It_finds_what_a_plain_search_finds()
    {
        string[] signs = ["crashkernel reserved: 0x", "makedumpfile Failed.", "saving vmcore", "kexec_load failed: ", "0000", "    "];
        var random = new Random(7);
        for (int round = 0; round < 2000; round++)
        {
            string line = new string(' ', random.Next(6)) + signs[random.Next(signs.Length)][..random.Next(4)] +
                signs[random.Next(signs.Length)] + new string('0', random.Next(6));
            line = line[..random.Next(line.Length + 1)];
            Assert.Equal(Array.FindIndex(signs, s => line.Contains(s, StringComparison.Ordinal)), new TextSigns(signs).First(line));
        }
    }
}
