using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;

namespace Kdump.Tests.Diagnosis;

/// <summary>As many parsers as there are: their number has no limit.</summary>
public sealed class LineParsersTests
{
    private const int Many = 200;

    private readonly List<int> called = [];
    private readonly LineParsers parsers;

    public LineParsersTests() => parsers = new(Enumerable.Range(0, Many).Select(i => new One(i, called)));

    [Fact]
    public void Each_is_given_the_lines_with_its_sign_in_their_order()
    {
        for (int i = 0; i < Many; i++)
        {
            Give($"a line with sign-{i:000}: in it");
            Assert.Equal([i], called);
        }
        Give("sign-199: sign-128: sign-127: sign-064: sign-063: sign-000:");
        Assert.Equal([0, 63, 64, 127, 128, 199], called);
        Assert.Equal(2, parsers.Taken[199]);
        Assert.Equal(1, parsers.Taken[1]);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(70)]
    [InlineData(199)]
    public void One_inside_a_record_is_given_the_next_line_too(int number)
    {
        Give($"sign-{number:000}: begins");
        Give("nobody's line");
        Assert.Equal([number], called);
        Give($"sign-{number:000}: ends");
        Give("nobody's line");
        Assert.Empty(called);
    }

    [Fact]
    public void Those_that_see_all_lines_see_them()
    {
        var seen = new List<int>();
        var all = new LineParsers([.. Enumerable.Range(0, Many).Select(i => new One(i, called)), new SeesAll(seen)]);
        all.Line(new TextLine("console.log", 7, "nobody's line"), new Facts());
        Assert.Equal([7], seen);
        Assert.Empty(called);
    }

    private void Give(string text)
    {
        called.Clear();
        parsers.Line(new TextLine("console.log", 1, text), new Facts());
    }

    private sealed class One(int number, List<int> called) : LineParser
    {
        private bool inside;

        public override string Kind => "a form";

        public override IReadOnlyList<string> Signs { get; } = [$"sign-{number:000}:"];

        public override bool Busy => inside;

        public override bool Line(in TextLine line, Facts facts)
        {
            called.Add(number);
            if (line.Text.Contains(" begins", StringComparison.Ordinal))
                inside = true;
            else if (line.Text.Contains(" ends", StringComparison.Ordinal))
                inside = false;
            return true;
        }
    }

    private sealed class SeesAll(List<int> seen) : LineParser
    {
        public override string Kind => "every form";

        public override bool Line(in TextLine line, Facts facts)
        {
            seen.Add((int)line.Number);
            return false;
        }
    }
}
