using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>crash and the kernels: of which the vmlinux is, of which the dump, and whether crash is too old for either.</summary>
public sealed class CrashToolVersionTests
{
    private const string Id = "crash-cannot-open-dump", Invalid =
        "crash: invalid kernel virtual address: ffffffffa70132b0  type: \"cpu_possible_mask\"\n";

    private static string Given(string vmlinux, string dump) =>
        $"crash -d8 /usr/lib/debug/lib/modules/{vmlinux}/vmlinux vmcore\n               release: {dump}\n{Invalid}";

    [Fact]
    public void Two_releases_that_differ_are_named_both()
    {
        Finding finding = Assert.Single(Explained.Findings(Id, Given("3.10.0-1160.el7.x86_64", "3.10.0-862.el7.x86_64")));
        Assert.Contains("another kernel", finding.Title, StringComparison.Ordinal);
        Assert.Contains("3.10.0-1160.el7.x86_64", finding.Why, StringComparison.Ordinal);
        Assert.Contains("kernel-3.10.0-862.el7.x86_64", finding.Fixes[0].Command, StringComparison.Ordinal);
        Assert.DoesNotContain("another kernel", Assert.Single(Explained.Findings(Id, Given("3.10.0-862.el7.x86_64",
            "3.10.0-862.el7.x86_64"))).Title, StringComparison.Ordinal);
    }

    [Fact]
    public void A_banner_for_a_pointer_is_a_crash_that_is_too_old() => Assert.Contains("older than the kernel", Assert.Single(
        Explained.Findings(Id, "WARNING: invalid linux_banner pointer: 65762078756e694c\ncrash: vmlinux and /proc/kcore do not match!\n"))
            .Why, StringComparison.Ordinal);
}
