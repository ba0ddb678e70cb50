using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>How init systems and initramfs of all ages say that they go no further and open a shell.</summary>
public sealed class EmergencyModeTests
{
    [Theory]
    [InlineData("You are in emergency mode. After logging in, type \"journalctl -xb\" to view")]
    [InlineData("Welcome to emergency mode! After logging in, type \"journalctl -xb\" to view system logs")]
    [InlineData("systemd[1]: Reached target Emergency Mode.")]
    [InlineData("systemd[1]: Reached target emergency.target - Emergency Mode.")]
    [InlineData("A maintenance shell will now be started. CONTROL-D will terminate this shell and resume system boot.")]
    [InlineData("*** Dropping you to a shell; the system will reboot")]
    [InlineData("fsck failed.  Please repair manually and reboot.  The root")]
    [InlineData("Give root password for maintenance")]
    [InlineData("Press Enter for maintenance")]
    public void A_shell_in_place_of_the_start_is_told(string line) =>
        Assert.Single(Explained.Findings("emergency-mode", line + "\n"));

    [Fact]
    public void The_password_prompt_adds_nothing_to_emergency_mode()
    {
        Finding finding = Assert.Single(Explained.Findings("emergency-mode",
            "You are in emergency mode. After logging in, type \"journalctl -xb\" to view\nPress Enter for maintenance\n"));
        Assert.Equal((Severity.Critical, "the machine stopped in emergency mode"), (finding.Severity, finding.Title));
    }

    [Fact]
    public void The_prompt_alone_may_have_been_asked_for() =>
        Assert.Equal(Severity.Warning, Assert.Single(Explained.Findings("emergency-mode", "Press Enter for maintenance\n")).Severity);

    [Theory]
    [InlineData("systemd[1]: Reached target Rescue Mode.")]
    [InlineData("systemd[1]: emergency.target: Changed dead -> active")]
    [InlineData("systemd[1]: Finished File System Check on /dev/sda1.")]
    public void A_start_that_goes_on_is_not(string line) =>
        Assert.Empty(Explained.Findings("emergency-mode", line + "\n"));

    [Theory]
    [InlineData("[FAILED] Failed to start File System Check on /dev/disk/by-uuid/1234-5678.")]
    [InlineData("systemd[1]: Failed to start File System Check on /dev/disk/by-uuid/1234-5678.")]
    [InlineData("systemd[1]: Failed to start systemd-fsck@dev-disk.service - File System Check on /dev/disk/by-uuid/1234-5678.")]
    public void A_check_that_failed_leads_to_it(string line)
    {
        Verdict verdict = Explained.Verdict(line + "\nYou are in emergency mode. After logging in, type \"journalctl -xb\" to view\n");
        Assert.StartsWith("the check of /dev/disk/by-uuid/1234-5678 at start failed -> the machine stopped", verdict.Headline,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Waiting for device /dev/sda2 to appear: ..............Could not find it.\nWant me to fall back to /dev/sda1? (Y/n)\n")]
    [InlineData("Waiting for device /dev/root to appear: ...not found -- exiting to /bin/sh\n")]
    [InlineData(">> Determining root device...\n!! The root block device is unspecified or not detected.\n")]
    public void Old_initramfs_tell_that_the_root_is_missing(string lines) => Assert.Single(Explained.Findings("root-not-found", lines));

    [Theory]
    [InlineData("cryptsetup: ERROR: frobroot: maximum number of tries exceeded", "maximum number of tries exceeded")]
    [InlineData("dracut-initqueue[300]: frobscan: cannot read the map: Input/output error", "cannot read the map")]
    public void What_a_step_said_before_the_shell_is_told_with_it(string line, string words) => Assert.Contains(words,
        string.Concat(Explained.Verdict($"{line}\n:/# \nCannot continue due to errors above, starting emergency shell.\n").Findings
            .Select(f => f.Title + f.Why)), StringComparison.Ordinal);
}
