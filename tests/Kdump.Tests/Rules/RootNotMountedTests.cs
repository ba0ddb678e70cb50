using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class RootNotMountedTests
{
    [Fact]
    public void Without_a_device_the_shells_report_is_asked_for()
    {
        Verdict verdict = Explained.Verdict("[   20.05] dracut-mount[284]: Warning: Can't mount root filesystem\n" +
            "         Starting dracut-emergency.service - Dracut Emergency Shell...\n");
        Assert.Contains(verdict.Findings, f => f.Id == "root-not-mounted");
        Assert.Contains(verdict.Unknowns, u => u.Settle.Contains("rdsosreport.txt", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("dracut-initqueue[273]: Warning: Could not boot.\ndracut-initqueue[273]: Warning: /dev/disk/by-uuid/1234 does not exist\n",
        "/dev/disk/by-uuid/1234")]
    [InlineData("ALERT!  UUID=1234-5678 does not exist.  Dropping to a shell!\n", "root file system")]
    public void The_device_that_did_not_come_is_named(string log, string device) =>
        Assert.Contains(device, Assert.Single(Explained.Findings("root-not-mounted", log)).Title, StringComparison.Ordinal);

    /// <summary>device-mapper doubles dashes that are part of a name (dm_build_dm_name of libdm).</summary>
    [Theory]
    [InlineData("/dev/mapper/rhel-root", "rhel")]
    [InlineData("/dev/mapper/my--group-root", "my-group")]
    [InlineData("/dev/mapper/vg-lv--with--dashes", "vg")]
    [InlineData("/dev/mapper/a----b-root", "a--b")]
    [InlineData("/dev/my-group/root", "my-group")]
    [InlineData("/dev/mapper/luks-7d3a-11", null)]
    [InlineData("/dev/mapper/mpatha-part1", null)]
    [InlineData("/dev/mapper/mpath-a", null)]
    [InlineData("/dev/mapper/nbd0-p1", null)]
    [InlineData("/dev/mapper/3600508b4000156d7-part2", null)]
    [InlineData("/dev/mapper/vg-lv-real", null)]
    [InlineData("/dev/mapper/-root", null)]
    [InlineData("/dev/mapper/cryptroot", null)]
    [InlineData("/dev/nbd/0", null)]
    [InlineData("/dev/cciss/c0d0p1", null)]
    [InlineData("/dev/disk/by-uuid", null)]
    [InlineData("/dev/sda2", null)]
    public void The_group_of_a_logical_volume_is_named_and_no_other_device_has_one(string device, string? group)
    {
        string why = Assert.Single(Explained.Findings("root-not-mounted", "dracut-initqueue[273]: Warning: Could not boot.\n" +
            $"dracut-initqueue[273]: Warning: {device} does not exist\n")).Why;
        if (group is null)
            Assert.DoesNotContain("logical volume", why, StringComparison.Ordinal);
        else
            Assert.Contains($"logical volume of the group {group}: ", why, StringComparison.Ordinal);
    }

    [Fact]
    public void An_emergency_shell_that_somebody_asked_for_is_no_failure() =>
        Assert.Empty(Explained.Findings("root-not-mounted", "         Starting dracut-emergency.service - Dracut Emergency Shell...\n"));

    [Fact]
    public void Disks_that_the_image_was_built_for_and_that_are_not_here_ask_for_a_new_image()
    {
        Finding finding = Assert.Single(Explained.Findings("root-not-mounted",
            "dracut-initqueue[287]: Warning: Not all disks have been found.\n" +
            "dracut-initqueue[287]: Warning: You might want to regenerate your initramfs.\n"));
        Assert.Contains(finding.Fixes, f => f.Command?.Contains("dracut -f --no-hostonly", StringComparison.Ordinal) == true);
    }
}
