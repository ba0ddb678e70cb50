using Kdump.Sources.Cases;

namespace Kdump.Tests.Inputs;

public sealed class DumpStopTests
{
    private static readonly string[] reasons =
        ["reads 4 bytes at 0000000000000000 = %rax (0x0): NULL", "  %rax: loaded by mov 0x8(%rbx),%rax at f+0x5 [m]"];

    [Theory]
    [InlineData("RAX", true)]
    [InlineData("RBX", true)]
    [InlineData("R10", false)]
    [InlineData("AX", false)]
    public void Only_a_register_that_the_address_came_from_is_evidence(string register, bool named)
    {
        Assert.Equal(named, DumpStop.IsNamed(reasons, register));
    }
}
