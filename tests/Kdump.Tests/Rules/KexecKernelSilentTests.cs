using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class KexecKernelSilentTests
{
    private const string Id = "kexec-kernel-silent", Over = "[   31.450921] kexec_core: Starting new kernel\n";

    [Theory]
    [InlineData("")]
    [InlineData("[   53.158887351,5] OPAL: Switch to big-endian OS\n")]
    [InlineData("[   31.489070] Bye!\n")]
    public void A_kernel_that_hands_over_and_is_followed_by_none_is_told(string after)
    {
        Finding finding = Assert.Single(Explained.Findings(Id, Explained.FirstBoot + Over + after));
        Assert.Equal(Severity.Warning, finding.Severity);
        Assert.Contains("normal kexec", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reservation_at_a_fixed_address_is_told_beside_it() => Assert.Contains("crashkernel=4196M@32M",
        Assert.Single(Explained.Findings(Id, Explained.FirstBoot.Replace("192M", "4196M@32M", StringComparison.Ordinal) + Over)).Why,
        StringComparison.Ordinal);

    [Fact]
    public void A_kernel_that_follows_is_no_silence() =>
        Assert.Empty(Explained.Findings(Id, Explained.FirstBoot + Over + Explained.FirstBoot));

    [Fact]
    public void A_jump_into_a_crash_kernel_is_another_matter() =>
        Assert.Empty(Explained.Findings(Id, Explained.FirstBoot + "[   31.0] Starting crashdump kernel...\n[   31.1] Bye!\n"));
}
