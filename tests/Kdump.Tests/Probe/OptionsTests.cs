using Kdump.Probe.Machine;
using Kdump.Probe.Screens;

namespace Kdump.Tests.Probe;

public sealed class OptionsTests
{
    /// <summary>A hook of an initramfs must not fail for what somebody misspelt in its call.</summary>
    [Theory]
    [InlineData("--nosuch --hook")]
    [InlineData("--hook --nosuch")]
    [InlineData("watch --after zz --hook")]
    [InlineData("--bind=x --nosuch=y --hook watch --after")]
    public void Hook_counts_wherever_it_stands(string words)
    {
        Options options = Options.Parse(words.Split(' '));
        Assert.True(options.Hook);
        Assert.NotNull(options.Mistake);
    }

    [Fact]
    public void The_first_mistake_is_the_one_that_is_told() =>
        Assert.StartsWith("--one:", Options.Parse(["--one", "--two", "watch", "--after", "zz"]).Mistake, StringComparison.Ordinal);

    /// <summary>As kdt takes them.</summary>
    [Theory]
    [InlineData("-V", true, false)]
    [InlineData("--version", true, false)]
    [InlineData("version", true, false)]
    [InlineData("-h", false, true)]
    [InlineData("--help", false, true)]
    [InlineData("help", false, true)]
    [InlineData("rebind version", false, false)]
    [InlineData("trace help", false, false)]
    public void Help_and_version_are_asked_for_in_all_usual_ways(string words, bool version, bool help)
    {
        Options options = Options.Parse(words.Split(' '));
        Assert.Null(options.Mistake);
        Assert.Equal((version, help), (options.ShowVersion, options.Help));
    }

    /// <summary>The console of a crash kernel has 80 columns.</summary>
    [Fact]
    public void The_help_fits_eighty_columns() =>
        Assert.All(HelpText.Text.Split('\n'), line => Assert.True(line.Length <= 80, line));
}
