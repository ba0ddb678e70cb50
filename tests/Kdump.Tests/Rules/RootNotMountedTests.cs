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
