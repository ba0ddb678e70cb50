using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class CrashkernelNotReservedTests
{
    [Theory]
    [InlineData("[    0.010000] crashkernel reservation failed - No suitable area found.", "no free stretch")]
    [InlineData("[    0.010000] crashkernel: memory value expected", "could not make sense")]
    [InlineData("kdumpctl[900]: kdump: No memory reserved for crash kernel", "nothing set aside")]
    public void Each_wording_is_found_with_its_reason(string line, string why)
    {
        Finding finding = Assert.Single(Explained.Findings("crashkernel-not-reserved", Explained.FirstBoot + line + "\n"));
        Assert.Contains(why, finding.Why, StringComparison.Ordinal);
        Assert.Contains("crashkernel=192M", finding.Title, StringComparison.Ordinal);
        Assert.NotEmpty(finding.Fixes);
    }

    [Fact]
    public void A_later_success_takes_it_back()
    {
        Assert.Empty(Explained.Findings("crashkernel-not-reserved", Explained.FirstBoot +
            "[    0.010000] crashkernel reservation failed - No suitable area found.\n[    0.011000] crashkernel reserved: " +
                "0x0000000037000000 - 0x000000004f000000 (384 MB)\n"));
    }
}
