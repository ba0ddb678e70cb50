using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class RootNotFoundTests
{
    private const string Disk = "[    1.600004] 103:00001  500107608 nvme0n1 \n[    1.600005] b301     262144 mmcblk0p1 2f1f3d8f-01\n",
        Cd = "[    1.600004] 0b00         1048575 sr0 \n", Panic =
            "[    1.610000] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n";

    private static string Asked(string root) =>
        $"[    1.600000] VFS: Cannot open root device \"{root}\" or unknown-block(0,0): error -6\n" +
        "[    1.600001] Please append a correct \"root=\" boot option; here are the available partitions:\n";

    [Fact]
    public void A_uuid_that_the_kernel_tries_itself_shows_that_no_initramfs_was_loaded()
    {
        Verdict verdict = Explained.Verdict(Asked("UUID=96991ead-b3b0-48ef-a347-f8c3c0f86bf1") + Cd + Panic);
        Finding finding = verdict.Findings.Single(f => f.Id == "root-not-found");
        Assert.Contains("no initramfs was loaded", finding.Title, StringComparison.Ordinal);
        Assert.Contains("only sr0", finding.Why, StringComparison.Ordinal);
        Assert.Equal(["root-not-found"], verdict.Findings.Single(f => f.Id == "kernel-panic").CausedBy);
    }

    [Fact]
    public void A_partuuid_is_the_kernels_own_and_the_list_of_disks_decides()
    {
        const string root = "PARTUUID=90c7ff80-7b7e-c6b5-9bb0-fdd026ca286b";
        Assert.Contains("found no disk", Found(Asked(root) + Cd + Panic).Title, StringComparison.Ordinal);
        Assert.Contains("mmcblk0p1", Found(Asked(root) + Disk + Panic).Title, StringComparison.Ordinal);
    }

    [Fact]
    public void An_initramfs_that_was_cut_is_the_cause()
    {
        Verdict verdict = Explained.Verdict("[    1.760459] RAMDISK: gzip image found at block 0\n" +
            "[    1.800889] RAMDISK: EOF while reading compressed data\n" + Asked("(null)") + Panic);
        Assert.Equal(["initramfs-lost"], verdict.Findings.Single(f => f.Id == "root-not-found").CausedBy);
    }

    [Theory]
    [InlineData("ALERT!  UUID=01df0419-8664 does not exist.  Dropping to a shell!", "UUID=01df0419-8664")]
    [InlineData("ALERT!  /dev/mapper/vg-root does not exist.  Dropping to a shell!", "/dev/mapper/vg-root")]
    [InlineData("dracut-initqueue[418]: Warning: /dev/mapper/qubes_dom0-root does not exist", "/dev/mapper/qubes_dom0-root")]
    [InlineData("ERROR: device 'UUID=0a3407de' not found. Skipping fsck.", "UUID=0a3407de")]
    [InlineData("ERROR: Failed to mount '/dev/sda2' on real root", "/dev/sda2")]
    [InlineData("!! Could not find the root block device in UUID=77.", "UUID=77")]
    [InlineData("ALERT! encrypted source device /dev/sda5 does not exist, can't unlock sda5_crypt.", "/dev/sda5")]
    public void What_an_initramfs_waited_for_is_named(string line, string device)
    {
        Finding finding = Found($"[  211.961022] {line}\n");
        Assert.Equal(device, finding.Subject);
        Assert.NotEmpty(finding.Fixes);
    }

    /// <summary>mount_root_generic() names the device only, and since 6.10 at the latest root= in front of it.</summary>
    [Theory]
    [InlineData("unknown-block(0,0)", "no usable root= and no initramfs")]
    [InlineData("\"\" or unknown-block(0,0)", "no usable root= and no initramfs")]
    [InlineData("unknown-block(1,0)", "root=/dev/ram0 is a RAM disk")]
    [InlineData("\"/dev/ram0\" or unknown-block(1,0)", "root=/dev/ram0 is a RAM disk")]
    [InlineData("\"/dev/sda2\" or unknown-block(0,0)", "(/dev/sda2)")]
    [InlineData("\"PARTUUID=4f68bce3-02\" or unknown-block(0,0)", "(PARTUUID=4f68bce3-02)")]
    [InlineData("\"UUID=77\" or unknown-block(0,0)", "root=UUID=77 itself")]
    public void What_the_kernel_tried_to_mount_is_named(string device, string told)
    {
        Finding finding = Found($"[    7.620629] Kernel panic - not syncing: VFS: Unable to mount root fs on {device}\n");
        Assert.Contains(told, finding.Title, StringComparison.Ordinal);
        Assert.DoesNotContain(finding.Fixes, f => f.Text.Contains("unknown-block", StringComparison.Ordinal));
    }

    [Fact]
    public void A_kernel_of_nobodys_distribution_is_not_told_to_rebuild_one_of_a_distribution()
    {
        Finding finding = Found("[    7.6] Kernel panic - not syncing: VFS: Unable to mount root fs on \"/dev/mmcblk0p2\" or " +
            "unknown-block(0,0)\n[    7.63] CPU: 2 PID: 1 Comm: swapper/0 Not tainted 6.10.14-rc1 #1\n");
        Assert.DoesNotContain(finding.Fixes, f => f.Command?.Contains("grub", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void A_machine_that_does_not_find_its_root_is_not_told_of_a_dump()
    {
        Verdict verdict = Explained.Verdict("[  213.0] dracut-initqueue[418]: Warning: /dev/mapper/qubes_dom0-root does not exist\n");
        Assert.DoesNotContain(verdict.Findings, f => f.Id == "dump-target-missing");
        Assert.Contains("vgchange", string.Join(' ', Assert.Single(verdict.Findings).Fixes.Select(f => f.Command)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_crash_kernel_is_left_to_the_rules_for_dumps()
    {
        Assert.Empty(Explained.Findings("root-not-found", Explained.CaptureBoot +
            "[  213.0] dracut-initqueue[418]: Warning: /dev/disk/by-uuid/77 does not exist\n"));
    }

    [Fact]
    public void A_start_that_mounts_its_root_is_left_alone()
    {
        Assert.Empty(Explained.Findings("root-not-found", Explained.FirstBoot + "[    0.9] Trying to unpack rootfs image as " +
            "initramfs...\n" +
            "[    1.2] Freeing initrd memory: 18176K\n[    1.3] Run /init as init process\n[    2.0] EXT4-fs (vda1): mounted " +
            "filesystem\n"));
    }

    private static Finding Found(string text) => Assert.Single(Explained.Findings("root-not-found", text));

    [Theory]
    [InlineData("rd.lvm.lv=VG/Swap", "/dev/VG/Swap")]
    [InlineData("resume=/dev/mapper/VG-Swap", "/dev/mapper/VG-Swap")]
    public void A_device_that_another_parameter_asks_for_is_not_the_root(string parameter, string device)
    {
        Finding finding = Assert.Single(Explained.Findings("root-not-found",
            $"[    0.000000] Linux version 5.14.0\n[    0.000000] Command line: root=/dev/mapper/VG-Root ro {parameter}\n" +
            $"[  188.000765] dracut-initqueue[324]: Warning: {device} does not exist\n         Starting Dracut Emergency Shell...\n"));
        Assert.Contains(parameter, finding.Title, StringComparison.Ordinal);
        Assert.DoesNotContain("did not find its root", finding.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void The_root_itself_is_the_root_whatever_else_is_missing() => Assert.Contains("did not find its root",
        Assert.Single(Explained.Findings("root-not-found",
            "[    0.000000] Linux version 5.14.0\n[    0.000000] Command line: root=/dev/mapper/VG-Root ro rd.lvm.lv=VG/Root " +
                "rd.lvm.lv=VG/Swap\n" +
            "[  188.000765] dracut-initqueue[324]: Warning: /dev/mapper/VG-Root does not exist\n" +
            "[  188.000766] dracut-initqueue[324]: Warning: /dev/VG/Swap does not exist\n")).Title, StringComparison.Ordinal);

    [Theory]
    [InlineData("[   12.413467] systemd[1]: Not switching root: /sysroot does not seem to be an OS tree. /etc/os-release is missing.")]
    [InlineData("Oct 06 21:14:22 host systemctl[207]: Failed to switch root: Specified switch root path '/sysroot' does not seem to be " +
        "an " +
        "OS tree. os-release file is missing.")]
    [InlineData("dracut Warning: /sysroot has no proper rootfs layout, ignoring and removing offending mount hook")]
    public void A_root_without_a_system_is_not_called_a_root_that_was_not_mounted(string line)
    {
        Finding finding = Assert.Single(Explained.Findings("root-not-found", line + "\n"));
        Assert.Contains("holds no system", finding.Title, StringComparison.Ordinal);
        Assert.DoesNotContain("none was mounted", finding.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void What_failed_in_the_initramfs_before_the_switch_is_told_with_it()
    {
        const string before = "Oct 06 21:14:22 host prepare-overlay[199]: setup failed: missing /etc/overlay.conf\n",
            refused = "Oct 06 21:14:22 host systemctl[207]: Failed to switch root: Specified switch root path '/sysroot' does not seem " +
                "to " +
                "be an OS tree. os-release file is missing.\n";
        Finding finding = Assert.Single(Explained.Findings("root-not-found", before + refused));
        Assert.Contains("prepare-overlay had failed", finding.Title, StringComparison.Ordinal);
        Assert.Contains("missing /etc/overlay.conf", finding.Why, StringComparison.Ordinal);
        Assert.Equal(2, finding.Evidence.Count);
        string far = string.Concat(Enumerable.Range(0, 40).Select(i => $"Oct 06 21:14:22 host systemd[1]: Started unit {i}.\n"));
        Assert.DoesNotContain("prepare-overlay", Assert.Single(Explained.Findings("root-not-found", before + far + refused)).Title,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_controller_that_reported_failures_before_is_told_with_the_root_that_did_not_come()
    {
        const string controller = "[   12.476348] mpt3sas_cm0: failure at drivers/scsi/mpt3sas/mpt3sas_scsih.c:10626/_scsih_probe()!\n",
            root = "[ TIME ] Timed out waiting for device dev-sda2.device.\n[DEPEND] Dependency failed for Initrd Root Device.\n";
        Verdict verdict = Explained.Verdict(controller + root);
        Finding finding = Assert.Single(verdict.Findings, f => f.Id == "root-not-found");
        Assert.Contains("after mpt3sas", finding.Title, StringComparison.Ordinal);
        Assert.DoesNotContain(verdict.Findings, f => f.Id == "unit-device-missing");
        Assert.DoesNotContain("after ", Assert.Single(Explained.Findings("root-not-found", root + controller)).Title,
            StringComparison.Ordinal);
    }
}
