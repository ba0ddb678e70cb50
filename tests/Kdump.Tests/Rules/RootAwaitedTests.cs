using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>Forms in which a root that is not there shows itself without the usual words.</summary>
public sealed class RootAwaitedTests
{
    [Theory]
    [InlineData("VFS: Cannot open root device \"sda1\" or unknown-block(0,0)\n", "(sda1)")]
    [InlineData("[    6.0] List of all partitions:\n[    6.1] 0100            4096 ram0\n[    6.2]  (driver?)\n", "no root file system")]
    [InlineData("0800         500107608 sda  driver: sd\n  0801            524288 sda1 5b4f3a4e-01\n" +
        "VFS: Cannot open root device \"sdb1\" or unknown-block(0,0): error -6\n", "only sda, sda1")]
    [InlineData(">>> Failed to switch_root, does /newroot//sbin/init exists ?\n", "switch to the root")]
    [InlineData("ERROR: device \"UUID=ab\" not found. Skipping fsck\nmount : /new_root: can't find UUID=ab\n", "UUID=ab did not appear")]
    [InlineData("mount: mounting /dev/root on /mnt-root/iso failed: No such file or directory\n", "/dev/root did not appear")]
    [InlineData("Gave up waiting for root device. Alert! /dev/disk/by-uuid/ab does not exist\n", "/dev/disk/by-uuid/ab")]
    [InlineData("initrd-cleanup.service: Failed with result 'exit-code'.\n", "to the root file system failed")]
    public void Each_is_told(string text, string title) =>
        Assert.Contains(title, Assert.Single(Explained.Findings("root-not-found", text)).Title, StringComparison.Ordinal);

    [Fact]
    public void Waiting_again_and_again_to_the_end_is_waiting_in_vain()
    {
        string line = "[  150.2] dracut-initqueue[273]: Warning: dracut-initqueue timeout - starting timeout scripts\n";
        Assert.Contains("in vain", Assert.Single(Explained.Findings("root-not-found", line + line + line)).Title, StringComparison.Ordinal);
        Assert.Empty(Explained.Findings("root-not-found", line));
        string on = string.Concat(Enumerable.Range(0, 12).Select(i => $"[  200.{i}] systemd[1]: Started unit {i}.\n"));
        Assert.Empty(Explained.Findings("root-not-found", line + line + line + on));
    }

    [Fact]
    public void A_name_with_colons_that_was_split_is_told_as_such() =>
        Assert.Contains("split", Assert.Single(Explained.Findings("root-not-found",
            "waiting for device /dev/disk/by-path/pci-0000 to appear....\nwaiting for device 00 to appear....\n" +
            "waiting for device 10.0-scsi-0 to appear....\n")).Why, StringComparison.Ordinal);

    [Fact]
    public void An_emergency_shell_of_dracut_alone_is_an_open_question() =>
        Assert.Contains(Explained.Verdict("Generating \"/run/initramfs/rdsosreport.txt\"\nEntering emergency mode. Exit the shell to " +
            "continue.\n").Unknowns, u => u.Question.Contains("emergency shell", StringComparison.Ordinal));
}
