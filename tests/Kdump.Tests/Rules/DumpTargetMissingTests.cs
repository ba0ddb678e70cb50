using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class DumpTargetMissingTests
{
    private const string Waiting = "[ ***  ] A start job is running for dev-disk-by\\x2duuid-aaaa\\x2dbbbb.device (40s / 1min 30s)\n";

    [Fact]
    public void A_long_wait_in_the_crash_kernel_is_found_with_the_path()
    {
        Finding finding = Assert.Single(Explained.Findings("dump-target-missing", Explained.CaptureBoot + Waiting));
        Assert.Equal("/dev/disk/by-uuid/aaaa-bbbb", finding.Subject);
        Assert.Equal(Severity.Critical, finding.Severity);
    }

    [Fact]
    public void A_device_found_after_a_long_wait_is_not_missing()
    {
        Assert.Empty(Explained.Findings("dump-target-missing",
            Explained.CaptureBoot + Waiting + "[  OK  ] Found device /dev/disk/by-uuid/aaaa-bbbb.\n"));
    }

    [Fact]
    public void Another_job_that_takes_long_is_no_missing_disk()
    {
        Assert.Empty(Explained.Findings("dump-target-missing",
            Explained.CaptureBoot + "[ ***  ] A start job is running for dracut initqueue hook (40s / no limit)\n"));
    }

    [Fact]
    public void A_wait_before_the_crash_is_not_the_dumps()
    {
        Assert.Empty(Explained.Findings("dump-target-missing",
            Explained.FirstBoot + Waiting + "[   99.000000] Kernel panic - not syncing: x\n" + Explained.CaptureBoot));
    }

    [Fact]
    public void A_short_wait_is_normal()
    {
        Assert.Empty(Explained.Findings("dump-target-missing",
            Explained.CaptureBoot + "[ ***  ] A start job is running for dev-disk-by\\x2duuid-aaaa.device (4s / 1min 30s)\n"));
    }

    [Fact]
    public void Nothing_is_missing_when_the_dump_was_saved()
    {
        Assert.Empty(Explained.Findings("dump-target-missing", Explained.CaptureBoot + Waiting + "kdump[9]: saving vmcore complete\n"));
    }

    [Fact]
    public void An_unknown_kernel_is_said_to_be_unknown()
    {
        Verdict verdict = Explained.Verdict(Waiting);
        Assert.Single(verdict.Findings);
        Assert.Contains(verdict.Unknowns, u => u.Question.Contains("is the crash kernel or the normal kernel", StringComparison.Ordinal));
    }
}
