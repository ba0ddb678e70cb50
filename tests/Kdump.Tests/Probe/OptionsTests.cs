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

    /// <summary>The console of a crash kernel has 80 columns.</summary>
    [Fact]
    public void The_help_fits_eighty_columns() =>
        Assert.All(HelpText.Text.Split('\n'), line => Assert.True(line.Length <= 80, line));
}
