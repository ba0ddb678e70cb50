using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>
/// The initramfs was asked for no root at all: its messages have nothing where a device should stand. What mount then says about a
/// file system means nothing.
/// </summary>
internal static class RootNotNamed
{
    /// <summary>Of mkinitcpio, initramfs-tools (typed from a screen with one blank), dracut, genkernel, and of mount itself.</summary>
    private static readonly string[] Words =
    [
        "device '' not found", "device \"\" not found", "mount '' on real root", "mounting '' on real root", "bad superblock on ,",
        "ALERT!  does not exist", "ALERT! does not exist", "No or empty root= argument", "No root device specified",
        "root block device is unspecified", "find root device ''", "mounting  on /root", "mounting  on /new_root", "mounting  on /sysroot",
    ];

    public static Finding? Judge(RootSign[] gaveUp)
    {
        RootSign[] empty = [.. gaveUp.Where(s => Array.Exists(Words, w => s.Source.Text.Contains(w, StringComparison.Ordinal)))];
        if (empty.Length == 0 || gaveUp.Any(s => s.About.Length > 0))
            return null;
        return new Finding(RootNotFound.Name, "the machine did not find its root file system: no root= names it", Severity.Critical, 0.9,
            "The messages of the initramfs have nothing where the root device should stand: root= is missing on the command line " +
            "(an entry of the boot loader that was cut off, emptied or written anew without it), or is of a kind, such as ZFS, whose " +
            "hook is not in the initramfs. What mount says about a file system means nothing then: it was told to mount nothing.")
        {
            Evidence = [.. empty.Concat(gaveUp).Select(s => s.Source).DistinctBy(s => s.Text).Take(4)],
            Explains = ["kernel-panic", "unit-mount-failed"],
            Fixes =
            [
                new Fix("In the shell: what the boot loader passed on, and what there is to boot from",
                    "cat /proc/cmdline; blkid; ls /new_root /sysroot /root"),
                new Fix("Start once with root= added in the boot loader's menu (or from its entry of a snapshot or another kernel), " +
                    "then correct the entry", "grep -rn root= /boot/loader /boot/limine.conf /etc/default/grub /etc/kernel/cmdline"),
            ],
        };
    }
}
