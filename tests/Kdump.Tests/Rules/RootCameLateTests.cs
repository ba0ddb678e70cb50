using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>Boots that died on the way to their root file system: too early, from a live medium, or waiting in vain.</summary>
public sealed class RootCameLateTests
{
    private const string Id = "root-not-found",
        Panic = "[    1.600000] VFS: Cannot open root device \"mmcblk0p2\" or unknown-block(0,0): error -6\n" +
            "[    1.610000] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n";

    [Theory]
    [InlineData("[    1.700000] mmcblk0: mmc0:0007 SL16G 14.5 GiB\n", "mmcblk0")]
    [InlineData("[    2.100000] sd 0:0:0:0: [sda] Attached SCSI disk\n", "sda")]
    [InlineData("[    2.100000] nvme nvme0: 8/0/0 default/read/poll queues\n", "nvme0")]
    [InlineData("[    2.100000] usb-storage 1-1.2:1.0: USB Mass Storage device detected\n", "USB")]
    public void A_disk_that_comes_after_the_kernel_gave_up_needs_rootwait(string disk, string name)
    {
        Finding finding = Assert.Single(Explained.Findings(Id, Explained.FirstBoot + Panic + disk));
        Assert.Contains(name, finding.Title, StringComparison.Ordinal);
        Assert.Contains("rootwait", finding.Fixes[0].Text, StringComparison.Ordinal);
        Assert.DoesNotContain("rootwait", Assert.Single(Explained.Findings(Id, Explained.FirstBoot + disk.Replace("    2.1", "    0.9",
            StringComparison.Ordinal).Replace("    1.7", "    0.9", StringComparison.Ordinal) + Panic)).Fixes[0].Text,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[    1.610000] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n")]
    [InlineData("[    1.610000] Kernel panic - not syncing: No working init found.  Try passing init= option to kernel.\n")]
    [InlineData("[    1.610000] Kernel panic - not syncing: Requested init /bin/x failed (error -2).\n")]
    public void A_kernel_that_had_no_programs_yet_had_no_crash_kernel(string panic) =>
        Assert.DoesNotContain(Explained.Verdict(Explained.FirstBoot + panic).Unknowns,
            u => u.Question.Contains("crash kernel", StringComparison.Ordinal));

    private const string Wait = "[  135.8] dracut-initqueue[441]: Warning: /lib/dracut/hooks/initqueue/finished/devexists-\\x2fdev" +
        "\\x2fdisk\\x2fby-uuid\\x2f95230fe4-199a-4b39-a8bf-762c425e0230.sh: \"if ! grep -q\n";

    [Fact]
    public void What_dracut_waits_for_is_the_start_of_a_machine_unless_something_tells_of_a_dump()
    {
        Verdict start = Explained.Verdict(Wait);
        Assert.Contains(start.Findings, f => f.Id == Id && f.Title.Contains("95230fe4", StringComparison.Ordinal));
        Assert.DoesNotContain(start.Findings, f => f.Id == "dump-target-missing");
        Assert.Contains(Explained.Verdict(Explained.CaptureBoot + Wait).Findings, f => f.Id == "dump-target-missing");
        Assert.Contains(Explained.Verdict(Wait + "[  140.0] kdump.sh[401]: kdump: saving vmcore failed\n").Findings,
            f => f.Id == "dump-target-missing");
    }

    [Fact]
    public void A_date_for_a_uuid_is_a_live_medium()
    {
        Finding finding = Assert.Single(Explained.Findings(Id, "Could not boot\n/dev/disk/by-uuid/2016-03-22-19-42-00 does not exist\n"));
        Assert.Contains("live or installation medium", finding.Why, StringComparison.Ordinal);
    }
}
