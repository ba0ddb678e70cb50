using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class CrashkernelNotReservedTests
{
    [Theory]
    [InlineData("[    0.010000] crashkernel reservation failed - No suitable area found.", "no free range")]
    [InlineData("[    0.010000] crashkernel: memory value expected", "could not parse")]
    [InlineData("kdumpctl[900]: kdump: No memory reserved for crash kernel", "reserved nothing")]
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

    [Theory]
    [InlineData("[    0.000000] cannot allocate crashkernel (size:0x20000000)", "(512 MB)")]
    [InlineData("[    0.000000] crashkernel reservation failed - memory is in use.", "in use")]
    [InlineData("[    0.000000] crashkernel reservation failed: crash_base too low", "in use")]
    [InlineData("[    0.000000] cannot reserve crashkernel: region overlaps reserved memory", "in use")]
    [InlineData("[    0.000000] Cannot reserve 256MB crashkernel low memory, please try smaller size.", "contiguous")]
    [InlineData("[    0.000000] crashkernel: unrecognized char: x", "could not parse")]
    [InlineData("[   78.8] kdump-tools[497]: no crashkernel= parameter in the kernel cmdline ... failed!", "crashkernel=")]
    [InlineData("load.sh[1314]: Memory for crashkernel is not reserved", "reserved nothing")]
    [InlineData("No crashkernel memory reserved, Kdump cannot start.", "reserved nothing")]
    public void Kernels_and_services_of_all_kinds_are_read(string line, string why)
    {
        Finding finding = Assert.Single(Explained.Findings("crashkernel-not-reserved", line + "\n"));
        Assert.Contains(why, finding.Why, StringComparison.Ordinal);
        Assert.NotEmpty(finding.Fixes);
    }

    [Fact]
    public void A_success_of_another_boot_does_not_take_it_back()
    {
        Assert.Single(Explained.Findings("crashkernel-not-reserved", "[    0.000000] cannot allocate crashkernel (size:0x20000000)\n" +
            new string('\n', 80) + "[    0.000000] crashkernel reserved: 0x0000000008600000 - 0x0000000028600000 (512 MB)\n"));
    }

    [Fact]
    public void Sonic_switches_it_on_by_its_own_command()
    {
        Assert.Contains("config kdump enable", Assert.Single(Explained.Findings("crashkernel-not-reserved",
            "Dec 22 04:26:05 sonic kdump-tools[610]: no crashkernel= parameter in the kernel cmdline ...\n")).Fixes[0].Command,
            StringComparison.Ordinal);
    }
}
