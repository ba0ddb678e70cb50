using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Text;

namespace Kdump.Tests.Evidence;

public sealed class CommandLineTests
{
    [Fact]
    public void Quotes_hold_blanks_together_wherever_they_stand()
    {
        CommandLine line = CommandLine.Parse("  a  b=1 c=\"x y\" \"d=p q\" e=\"open z");
        Assert.Equal(["a", "b=1", "c=x y", "d=p q", "e=open z"], line.Parameters.Select(p => p.ToString()));
    }

    [Fact]
    public void The_last_of_equal_parameters_wins_and_dash_equals_underscore()
    {
        CommandLine line = CommandLine.Parse("nr_cpus=1 nr-cpus=4 quiet");
        Assert.Equal(4, line.LastNumber("nr_cpus"));
        Assert.Equal("", line.Last("quiet"));
        Assert.Null(line.Last("nr_cpu"));
    }

    [Theory]
    [InlineData("0", 1)]
    [InlineData("0-3,8", 5)]
    [InlineData("", 0)]
    [InlineData("3-1", null)]
    [InlineData("0-99999999", null)]
    [InlineData("a", null)]
    public void Lists_of_processors_are_counted(string text, int? count) => Assert.Equal(count, CpuList.Count(text));
}
