namespace Kdump.Diagnosis.Speakers;

/// <summary>
/// A program that arms kdump, saves or reads a dump, or prepares the next start: what it does, and what is lost if it failed. If it
/// failed with a message that no rule recognises, a finding gives this text and the message.
/// </summary>
/// <param name="Name">Its name, or how its name begins where <paramref name="Boot"/> is not set.</param>
/// <param name="Look">The command that shows more.</param>
/// <param name="Boot">It prepares a start of the machine, not a dump.</param>
public sealed record TradeProgram(string Name, string Does, string? Lost, string Look, bool Boot = false)
{
    private const string NoImage = "The initramfs may be missing or old: do not restart before it was built.";

    private const string NoLoader = "What starts next is what was written before: do not restart before it succeeds.";

    private static readonly TradeProgram[] All =
    [
        new("mkdumprd", "builds the image for the crash kernel", "The image may be missing or old: a crash may leave no dump.",
            "mkdumprd -f -d 2>&1 | tail -40 || kdumpctl rebuild"),
        new("mkfadumprd", "builds the image for fadump", "The image may be missing or old: a crash may leave no dump.", "kdumpctl rebuild"),
        new("kdumptool", "prepares kdump (SUSE)", "A crash may leave no dump.", "systemctl restart kdump; journalctl -b -u kdump"),
        new("kdump-save", "saves the dump in the crash kernel (SUSE)", "The dump may not be saved.", "ls -lR /var/crash"),
        new("kdump.sh", "saves the dump in the crash kernel", "The dump may not be saved.", "ls -lR /var/crash"),
        new("kdumpctl", "loads the crash kernel and builds its image", "If it did not go on, a crash leaves no dump.",
            "kdumpctl status; journalctl -b -u kdump"),
        new("kdump-config", "loads the crash kernel and saves the dump (Debian)", "A crash may leave no dump.",
            "kdump-config show; journalctl -b -u kdump-tools"),
        new("kdump-tools", "loads the crash kernel and saves the dump (Debian)", "A crash may leave no dump.",
            "kdump-config show; journalctl -b -u kdump-tools"),
        new("load.sh", "loads the crash kernel (SUSE)", "If it did not go on, a crash leaves no dump.", "journalctl -b -u kdump"),
        new("makedumpfile", "filters the old memory and writes the dump", "The dump may not be whole.",
            "makedumpfile -v; ls -lR /var/crash"),
        new("vmcore-dmesg", "saves the crashed kernel's log", "The log beside the dump may be missing.", "ls -lR /var/crash"),
        new("kexec", "loads the kernel for a crash or a restart", "If this was to be the crash kernel, a crash leaves no dump.",
            "cat /sys/kernel/kexec_crash_loaded; dmesg | tail -20"),
        new("crash", "reads a dump", null, "crash --version; kdt vmcore info vmcore"),
        new("drgn", "reads a dump or the running kernel", null, "drgn --version; kdt vmcore info vmcore"),
        new("zgetdump", "copies a stand-alone dump (s390)", "The dump is still where it was written.", "zgetdump -i DEVICE; lsdasd"),
        new("zipl", "writes the boot and dump records (s390)", "The device starts what was written before, or takes no dump.",
            "zipl -V --dry-run; lsdasd", Boot: true),
        new("dracut", "builds initramfs images, and looks for the root file system inside of them", null,
            "dracut -f -v --kver KERNEL 2>&1 | tail -40; lsinitrd", Boot: true),
        .. new[] { "mkinitcpio", "mkinitramfs", "update-initramfs", "mkinitrd", "booster", "genkernel", "mkinitfs", "tinyramfs" }
            .Select(n => new TradeProgram(n, "builds the initramfs", NoImage, "ls -l /boot; df -h /boot", Boot: true)),
        .. new[] { "grub-install", "grub2-install", "grub-bios-setup", "lilo", "extlinux", "bootctl", "efibootmgr", "flash-kernel",
            "proxmox-boot-tool", "refind-install", "limine", "u-boot-update", "syslinux", "silo", "yaboot", "elilo", "quik" }
            .Select(n => new TradeProgram(n, "writes the boot loader or its entry in the firmware", NoLoader,
                "findmnt /boot /boot/efi; lsblk -f; efibootmgr -v", Boot: true)),
        .. new[] { "grub-mkconfig", "grub2-mkconfig", "grub-probe", "grub2-probe", "kernelstub", "systemd-bless-boot", "update-grub",
            "grubby", "kernel-install", "installkernel", "new-kernel-pkg",
            "zipl-switch-to-blscfg", "update-bootloader", "pbl", "sdbootutil", "ukify", "sbctl" }
            .Select(n => new TradeProgram(n, "makes a kernel known to the boot loader", NoLoader,
                "ls -l /boot /boot/loader/entries; findmnt /boot", Boot: true)),
        .. new[] { "iscsiadm", "iscsid", "iscsistart", "iscsiroot", "iscsiuio", "fcoeadm", "nvmf-connect" }
            .Select(n => new TradeProgram(n, "connects the disks of a storage network", "The disks behind it are not there.",
                "iscsiadm -m session; iscsiadm -m node; cat /etc/iscsi/initiatorname.iscsi; tr ' ' '\\n' < /proc/cmdline | grep -i iscsi",
                Boot: true)),
        .. new[] { "ostree-prepare-root", "ostree", "rpm-ostree", "bootc", "bootupctl", "bootupd" }
            .Select(n => new TradeProgram(n, "deploys an image-based system and prepares its root file system",
                "The machine may start what was deployed before, or nothing.",
                "ostree admin status; rpm-ostree status -v; bootc status; journalctl -b -1 -u ostree-finalize-staged", Boot: true)),
        .. new[] { "dkms", "depmod", "weak-modules" }
            .Select(n => new TradeProgram(n, "prepares the modules of a kernel", "That kernel may lack a driver at its start.",
                "dkms status; ls /lib/modules", Boot: true)),
    ];

    /// <summary>By a name in front of a message: a path and the part of a program (<c>kernelstub.Drive</c>) are no part of it.</summary>
    public static TradeProgram? Of(string name)
    {
        name = name[(name.LastIndexOf('/') + 1)..];
        return Array.Find(All, p => p.Boot ? name == p.Name || name.StartsWith(p.Name + ".", StringComparison.Ordinal)
            : name.StartsWith(p.Name, StringComparison.Ordinal));
    }
}
