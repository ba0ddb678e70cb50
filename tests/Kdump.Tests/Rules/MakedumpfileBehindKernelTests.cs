using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>"The kernel version is not supported.": how bad it is depends on what the kernel needs that no such makedumpfile has.</summary>
public sealed class MakedumpfileBehindKernelTests
{
    /// <summary>makedumpfile 1.7.2 (LATEST_VERSION 6.0.1) says it of 6.1 and of 6.2; only 6.2 changed what it reads.</summary>
    [Theory]
    [InlineData("6.1.0-50-amd64", null)]
    [InlineData("6.2.0-20-generic", "1.7.3")]
    [InlineData("6.3.0", "1.7.3")]
    [InlineData("6.3.1", null)]
    [InlineData("6.5.0-14-generic", null)]
    [InlineData("6.10.4", "1.7.6")]
    [InlineData("6.12.117+deb13-amd64", "1.7.7")]
    [InlineData("6.13.1", "1.7.7")]
    [InlineData("6.15.1", null)]
    [InlineData("5.9.10", null)]
    [InlineData("5.10.0-1-amd64", "1.6.9")]
    [InlineData("7.1.2", "1.8.0")]
    [InlineData("9.0.0", "1.8.0")]
    public void What_every_makedumpfile_lacks_that_says_so_of_a_kernel(string release, string? version) =>
        Assert.Equal(version, KernelNeed.LackedByAll(release)?.Version);

    [Theory]
    [InlineData("6.1.0-50-amd64", Severity.Info)]
    [InlineData("6.2.0-20-generic", Severity.Warning)]
    [InlineData("6.12.3", Severity.Info)]
    public void A_full_target_is_not_blamed_on_a_version_that_does_no_harm(string release, Severity severity)
    {
        string log = Explained.CaptureBoot.Replace(Release(Explained.CaptureBoot), release, StringComparison.Ordinal) +
            "[   58.4] kdump.sh[181]: The kernel version is not supported.\n[   58.4] kdump.sh[181]: The makedumpfile operation may be " +
            "incomplete.\n[   58.5] kdump.sh[181]: Can't write the dump file(/mnt/vmcore-incomplete). No space left on device\n" +
            "[   58.6] kdump.sh[181]: makedumpfile Failed.\n";
        Finding finding = Assert.Single(Explained.Findings("makedumpfile-behind-kernel", log));
        Assert.Equal(severity, finding.Severity);
        Assert.Contains(release, finding.Why, StringComparison.Ordinal);
        Assert.Single(Explained.Findings("no-space-on-target", log));
    }

    private static string Release(string boot) => boot.Split("Linux version ")[1].Split(' ')[0];
}
