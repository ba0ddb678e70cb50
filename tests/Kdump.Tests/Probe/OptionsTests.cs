using Kdump.Probe.Machine;

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
}
