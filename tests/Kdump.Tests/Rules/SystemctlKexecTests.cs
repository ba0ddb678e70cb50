using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>systemctl kexec loads a kernel itself only where there is a boot loader specification.</summary>
public sealed class SystemctlKexecTests
{
    [Theory]
    [InlineData("Cannot find the ESP partition mount point.\n")]
    [InlineData("No kexec kernel loaded and autodetection failed.\nCannot automatically load kernel: ESP partition mount point not " +
        "found.\n")]
    public void It_is_told_to_load_one_before(string words)
    {
        Finding finding = Assert.Single(Explained.Findings("kexec-load-rejected", "# systemctl kexec\n" + words));
        Assert.DoesNotContain("crash", finding.Title + finding.Why, StringComparison.Ordinal);
        Assert.Contains("kexec -l", finding.Fixes[0].Command, StringComparison.Ordinal);
    }
}
