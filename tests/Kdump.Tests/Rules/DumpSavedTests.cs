using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class DumpSavedTests
{
    [Fact]
    public void A_saved_dump_is_told_and_takes_the_weight_from_other_failures()
    {
        Verdict verdict = Explained.Verdict(
            Explained.CaptureBoot + "[    5.000000] nvme: probe of 0000:02:00.0 failed with error -5\n[    8.000000] kdump[9]: saving " +
            "vmcore complete\n");
        Assert.Contains(verdict.Findings, f => f is { Id: "dump-saved", Severity: Severity.Info });
        Assert.False(verdict.Bad);
    }

    [Theory]
    [InlineData("kdump: saving to /kdumproot/data//127.0.0.1-2017-01-18-23:33:42/\nkdump: saving vmcore complete\n",
        "/kdumproot/data//127.0.0.1-2017-01-18-23:33:42/")]
    [InlineData("[    7.000000] kdump[714]: saving to /sysroot//var/crash/127.0.0.1/\n[    9.000000] kdump[714]: saving vmcore complete\n",
        "/sysroot//var/crash/127.0.0.1/")]
    [InlineData("kdump-tools[844]: kdump-tools: saved vmcore in /var/crash/202012311403.\n", "/var/crash/202012311403")]
    public void Where_it_lies_is_told(string log, string place) =>
        Assert.Contains($"The dump is in {place}", Assert.Single(Explained.Findings("dump-saved", Explained.CaptureBoot + log)).Why,
            StringComparison.Ordinal);

    [Fact]
    public void Saving_the_log_alone_is_not_saving_the_dump()
    {
        Assert.Empty(Explained.Findings("dump-saved", Explained.CaptureBoot + "kdump[649]: saving vmcore-dmesg.txt complete\n"));
    }

    [Fact]
    public void The_real_log_of_a_healthy_dump_has_nothing_wrong()
    {
        Verdict verdict = Explained.Verdict(File.ReadAllText(Repository.Path("fixtures", "cases", "dump-saved", "console.log")));
        Assert.False(verdict.Bad);
        Assert.Empty(verdict.Unknowns);
        Assert.Equal(["dump-saved", "kernel-panic"], verdict.Findings.Select(f => f.Id).Order());
    }

    [Fact]
    public void A_makedumpfile_older_than_the_kernel_is_said_beside_the_dump_it_wrote()
    {
        Finding f = Assert.Single(Explained.Findings("dump-saved", Explained.CaptureBoot +
            "kdump[649]: saving vmcore\nThe kernel version is not supported.\nThe makedumpfile operation may be incomplete.\n" +
            "The dumpfile is saved to /kdumproot/var/crash/vmcore-incomplete.\nkdump[700]: saving vmcore complete\n"));
        Assert.Contains("makedumpfile is older than the kernel", f.Why, StringComparison.Ordinal);
        Assert.Contains(f.Fixes, x => x.Command?.Contains("kdt vmcore verify", StringComparison.Ordinal) == true);
    }
}
