namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>
/// Boot loaders that did not find, could not read or refused what they were to start: GRUB, systemd-boot, SYSLINUX, U-Boot.
/// </summary>
internal static class LoaderFamilies
{
    private static readonly Fix[] FileFixes =
    [
        new("At GRUB's prompt (c): on which partition is it, and under which path? A /boot of its own has no /boot before the name",
            "ls; ls (hd0,gpt2)/; search --file --set=root /boot/vmlinuz-VERSION"),
        new("Start an older kernel from its menu, or a rescue system (chroot, /boot mounted); install that kernel again, then make the " +
            "menu anew", "ls -l /boot; update-grub   # Fedora, RHEL, SUSE: grub2-mkconfig -o /boot/grub2/grub.cfg"),
    ];

    private static readonly Fix[] EspFixes =
    [
        new("From a rescue system: is the file on the EFI system partition from which the firmware started, and is there a second one?",
            "bootctl list; lsblk -o NAME,PARTTYPENAME,UUID,MOUNTPOINT; efibootmgr -v"),
        new("Write kernel and entries again to that partition (mounted at its place)", "bootctl install; kernel-install add-all"),
    ];

    private static readonly Fix[] SignFixes =
    [
        new("Sign the file with a key that the firmware or shim knows, or switch Secure Boot off in the firmware",
            "mokutil --sb-state; mokutil --list-enrolled; sbverify --list /boot/vmlinuz-VERSION"),
    ];

    private static readonly Fix[] UbootFixes =
    [
        new("At its prompt: is the file there, and do the addresses lie in memory without overlap?",
            "printenv; ls mmc 0:1 /; ls mmc 0:1 /boot; bdinfo"),
        new("Load each by hand and see what it says", "load mmc 0:1 ${kernel_addr_r} Image; booti ${kernel_addr_r} ${ramdisk_addr_r} " +
            "${fdt_addr_r}"),
    ];

    /// <summary>What a start cannot do without: GRUB misses fonts and modules as well, and goes on.</summary>
    private static bool OfKernel(IReadOnlyList<string> taken) => !taken[^1].EndsWith(".mod", StringComparison.Ordinal) &&
        new[] { "vmlinu", "initr", "zImage", "/kernel", "/linux" }.Any(w => taken[^1].Contains(w, StringComparison.Ordinal));

    public static readonly Family Stopped = new("boot-loader-stopped", "the boot loader stopped")
    {
        Area = Area.Crashing,
        Severity = Severity.Critical,
        Confidence = 0.9,
        Cause = "The boot loader did not find or could not read what it needs: the disk or volume that holds its files has another id " +
            "now, is not seen by the firmware, or is of a kind (LVM, RAID, newer file system features) that its installed image does " +
            "not know.",
        Fixes =
        [
            new("At its prompt: what does it see?", "ls; set; ls (hd0,gpt1)/"),
            new("From a rescue system (chroot): install it and its menu again", "grub-install /dev/DISK && update-grub   # Fedora: " +
                "grub2-mkconfig -o /boot/grub2/grub.cfg"),
        ],
        Tellings =
        [
            new("error: disk `{e}' not found", "GRUB does not find the disk or volume {1}") { Subject = 0 },
            new("error: no such device: {t}", "GRUB does not find the file system {1}") { Subject = 0 },
            new("error: symbol `{e}' not found", "GRUB's image and its modules are of different versions ({1} is missing)") { Subject = 0 },
            new("error: attempt to read or write outside of disk `{e}'", "GRUB cannot read all of disk {1}: the firmware sees less of it")
                { Subject = 0 },
            .. new[] { "error: file `{e}' not found", "error: file '{e}' not found", "fshelp.c:{w}:file `{e}' not found" }
                .Select(w => new Telling(w, $"GRUB cannot start it: the file {{{(w[0] == 'f' ? 2 : 1)}}} is not there",
                    "The entry of its menu names a path " +
                    "on the partition (or dataset) that GRUB took for its root; there is no such file there. The kernel was removed or " +
                    "never written whole, the menu is older or newer than what lies there, or /boot is another partition.")
                    { Subject = 0, Holds = OfKernel, Fixes = FileFixes }),
            new("Error loading \\{e}: {t}", "systemd-boot could not load \\{1}: {2}", "The firmware does not find or read it on the EFI " +
                "system partition from which the boot loader came. On a machine with several disks that may be another one than the " +
                "system writes to; a restart by kexec, which skips the firmware, hides that.") { Subject = 0, Fixes = EspFixes },
            new("Error loading EFI binary {e}: {t}", "systemd-boot could not load {1}: {2}") { Subject = 0, Fixes = EspFixes },
            new("Loading /vmlinu{e} failed: {t}", "SYSLINUX could not load /vmlinu{1}: {2}",
                "The kernel that its menu names is not on its " +
                "partition, as after an update that did not end.") { Subject = 0, Fixes = FileFixes },
            new("error: bad shim signature", "GRUB refused the kernel: its signature is not one that shim trusts (Secure Boot)")
                { Subject = 0, Fixes = SignFixes },
            new("error: /{e} has invalid signature", "GRUB refused /{1}: its signature is not valid (Secure Boot)")
                { Subject = 0, Fixes = SignFixes },
            new("Wrong Image Format for {w} command", "U-Boot's {1} does not know the format of the kernel that it was given", "bootm " +
                "takes uImage and FIT, bootz a zImage, booti an arm64 or RISC-V Image; or the file was not loaded where it looks.")
                { Subject = 0, Fixes = UbootFixes },
            new("Bad Linux ARM64 Image magic!", "U-Boot found no kernel at the address that it was given", "The file was not loaded " +
                "there, is compressed, or of another architecture.") { Subject = 0, Fixes = UbootFixes },
            new("Ramdisk image is corrupt or invalid", "U-Boot found no usable initramfs at the address that it was given", "bootm and " +
                "booti take a bare cpio only with its size (ADDRESS:SIZE); else it needs the uImage form.")
                { Subject = 0, Fixes = UbootFixes },
            new("error: you need to load the kernel first", "GRUB has no kernel to start: loading it failed before") { Subject = 0 },
            new("grub rescue>", "GRUB stopped at its rescue prompt: it did not find its own files") { Subject = 0 },
        ],
        Origin = "GRUB grub-core/kern and grub-core/fs/fshelp.c; systemd src/boot/boot.c; syslinux; U-Boot boot/image-board.c, cmd/booti.c",
    };

    public static readonly Family[] All = [Stopped];
}
