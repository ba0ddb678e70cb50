using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules;

namespace Kdump.Tests.Rules;

public sealed class DumpTargetWrongIdTests
{
    private const string Gone = "[  OK  ] dracut-initqueue[440]: Warning: /dev/disk/by-uuid/aaaa-bbbb does not exist\n";
    private const string Others = "# ls -l /dev/disk/by-uuid\ntotal 0\nlrwxrwxrwx 1 root 0 9 Jul  3 03:51 cccc-dddd -> ../../vda1\n";

    [Fact]
    public void An_id_that_the_ordinary_system_does_not_know_either_is_wrong()
    {
        Finding finding = Assert.Single(
            Explained.Findings("dump-target-wrong-id",
            Explained.FirstBoot + Others + "[   99.000000] Kernel panic - not syncing: x\n" + Explained.CaptureBoot + Gone));
        Assert.Contains("aaaa-bbbb", finding.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disk_that_the_ordinary_system_has_is_missing_and_not_misnamed()
    {
        Assert.Empty(Explained.Findings("dump-target-wrong-id",
            Explained.FirstBoot + Others.Replace("cccc-dddd", "aaaa-bbbb", StringComparison.Ordinal) + "[   99.000000] Kernel panic - " +
            "not syncing: x\n" + Explained.CaptureBoot + Gone));
    }

    [Fact]
    public void From_the_crash_kernels_listing_alone_it_is_an_unknown()
    {
        Verdict verdict = Explained.Verdict(Explained.CaptureBoot + Gone + Others);
        Assert.DoesNotContain(verdict.Findings, f => f.Id == "dump-target-wrong-id");
        Assert.Contains(verdict.Unknowns, u => u.Question.Contains("only has a new id", StringComparison.Ordinal));
    }

    [Fact]
    public void The_probe_settles_it_where_every_controller_has_its_driver()
    {
        Assert.Single(Judge(ProbeFacts.Machine(driver: "virtio-pci", blockDriver: "virtio_blk", disk: true)));
    }

    [Fact]
    public void A_controller_without_driver_leaves_it_open()
    {
        Assert.Empty(Judge(ProbeFacts.Machine(driver: "", blockDriver: "", disk: true)));
        Assert.Empty(Judge(ProbeFacts.Machine(driver: "qla2xxx", blockDriver: "virtio_blk", disk: true)));
    }

    [Fact]
    public void In_a_root_that_the_crash_kernel_started_it_is_the_line_of_fstab_and_no_image_is_blamed()
    {
        Facts facts = ProbeFacts.Machine(driver: "virtio-pci", blockDriver: "virtio_blk", disk: true, waits: "/etc/fstab");
        Assert.Contains("kdump.img", Assert.Single(Judge(facts)).Title, StringComparison.Ordinal);
        facts.Add(new KdumpSetting(new Source("/etc/default/kdump-tools", "USE_KDUMP=1"), "USE_KDUMP", "1"));
        Finding finding = Assert.Single(Judge(facts));
        Assert.Contains("that /etc/fstab looks for", finding.Title, StringComparison.Ordinal);
        Assert.DoesNotContain("image", finding.Why, StringComparison.Ordinal);
        Assert.Equal("blkid; findmnt --verify", Assert.Single(finding.Fixes).Command);
    }

    [Fact]
    public void A_bare_controller_lowers_the_confidence_and_is_named()
    {
        Facts facts = ProbeFacts.Machine(driver: "virtio-pci", blockDriver: "virtio_blk", disk: true);
        ProbeFacts.AddAhciWithoutDriver(facts);
        Finding finding = Assert.Single(Judge(facts));
        Assert.Contains("0000:00:1f.2", finding.Why, StringComparison.Ordinal);
        Assert.Equal(0.7, finding.Confidence);
        Assert.DoesNotContain(Verdict.From(facts, RuleBook.All).Findings, f => f.Id == "driver-missing-in-image");
    }

    private static List<Finding> Judge(Facts facts) =>
        Verdict.From(facts, RuleBook.All).Findings.Where(f => f.Id == "dump-target-wrong-id").ToList();
}
