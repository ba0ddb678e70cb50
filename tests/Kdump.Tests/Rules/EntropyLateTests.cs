namespace Kdump.Tests.Rules;

public sealed class EntropyLateTests
{
    [Theory]
    [InlineData("[  172.850835] random: crng init done\n", 1)]
    [InlineData("[  301.850835] random: nonblocking pool is initialized\n", 1)]
    [InlineData("[   17.850835] random: crng init done\n", 0)]
    public void A_generator_that_is_ready_after_a_minute_was_late(string line, int findings) =>
        Assert.Equal(findings, Explained.Findings("entropy-late", line).Count);
}
