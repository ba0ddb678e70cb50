namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>
/// Boot loaders that did not find, could not read or refused what they were to start: GRUB, shim, systemd-boot, SYSLINUX, iPXE,
/// U-Boot, and firmware that found none.
/// </summary>
internal static class LoaderFamilies
{
    private static readonly Fix[] FileFixes =
    [
        new("At GRUB's prompt (c): find its partition and path. On a separate /boot partition the path has no /boot at its beginning",
            "ls; ls (hd0,gpt2)/; search --file --set=root /boot/vmlinuz-VERSION"),
        new("Start an older kernel from its menu, or a rescue system (chroot, /boot mounted); " +
            "reinstall that kernel, then recreate the " +
            "menu", "ls -l /boot; update-grub   # Fedora, RHEL, SUSE: grub2-mkconfig -o /boot/grub2/grub.cfg"),
    ];

    private static readonly Fix[] EspFixes =
    [
        new("From a rescue system, check whether the file is on the EFI system partition from which the firmware started, " +
            "and whether there is a second such partition",
            "bootctl list; lsblk -o NAME,PARTTYPENAME,UUID,MOUNTPOINT; efibootmgr -v"),
        new("Rewrite kernel and entries to that partition (mounted at its place)", "bootctl install; kernel-install add-all"),
    ];

    private static readonly Fix[] SignFixes =
    [
        new("Sign the file with a key that the firmware or shim knows, or switch Secure Boot off in the firmware",
            "mokutil --sb-state; mokutil --list-enrolled; sbverify --list /boot/vmlinuz-VERSION"),
    ];

    private static readonly Fix[] UbootFixes =
    [
        new("At its prompt, check that the file exists, and that the addresses are in memory and do not overlap",
            "printenv; ls mmc 0:1 /; ls mmc 0:1 /boot; bdinfo"),
        new("Load each by hand and read the messages", "load mmc 0:1 ${kernel_addr_r} Image; " +
            "booti ${kernel_addr_r} ${ramdisk_addr_r} ${fdt_addr_r}"),
    ];

    /// <summary>
    /// True for a kernel or an initramfs, by its name: GRUB also reports missing fonts and modules, and goes on without them.
    /// </summary>
    private static bool OfKernel(IReadOnlyList<string> taken) => !taken[^1].EndsWith(".mod", StringComparison.Ordinal) &&
        new[] { "vmlinu", "initr", "zImage", "/kernel", "/linux" }.Any(w => taken[^1].Contains(w, StringComparison.Ordinal));

    /// <summary>The same telling with the quotation marks of older and of newer versions.</summary>
    private static IEnumerable<Telling> Quoted(string wording, string title, string? why = null) =>
        new[] { wording, wording.Replace('`', '\'') }.Select(w => new Telling(w, title, why) { Subject = 0 });

    private const string Edk = "No kernel ran yet: the firmware, one of its drivers, or the boot loader that it started caused a " +
        "processor exception. The firmware's own register dump follows. Possible causes: " +
        "a boot loader that does not match this firmware (of another system, damaged, too old), or a fault of the firmware (in a guest: " +
        "OVMF, AAVMF).";

    private const string OldImage =
        "Its package was updated but its image (boot sector, EFI partition) was not rewritten, or the image of another disk starts.";

    private const string NoUbootFile = "The file is not on the partition from which U-Boot loads, or has another name.";

    private const string NoKernelThere = "No kernel was loaded there: the file was not read (see the lines before), is damaged, " +
        "or is at another address.";

    private const string NotWhole = "The data in memory differs from the data that was packed: " +
        "it was read wrongly or only in part (flash, card, network), was damaged when it was written, " +
        "or was overwritten by what was loaded after it.";

    private const string NoMedium = "The card, stick or disk has no partition table that U-Boot reads: " +
        "it is empty, was written without one, is not the intended device, or could not be read.";

    private const string Signature = "Secure Boot is on, and no key that the machine trusts (the vendor's, the distribution's, " +
        "an enrolled MOK) signed this file: the kernel is self-built, belongs to another distribution, or was changed after it was signed.";

    private static readonly Telling[] Uboot =
    [
        new("Bad Data CRC", "U-Boot refused the image: the checksum (CRC) of its data is wrong", NotWhole) { Subject = 0,
            Fixes = UbootFixes },
        new("Bad Header Checksum", "U-Boot refused the image: the checksum of its header is wrong", NotWhole) { Subject = 0,
            Fixes = UbootFixes },
        new("Bad hash value for '{e}' hash node in '{e}' image node", "U-Boot refused the FIT image: the {1} of {2} is wrong", NotWhole)
            { Subject = 0, Fixes = UbootFixes },
        new("Unable to read \"{e}\" from {t}", "U-Boot could not read {1} from {2}", "The file does not exist under this name, " +
            "or the medium could not be " +
            "read.") { Subject = 0, Holds = t => OfKernel([t[0]]) || t[0].EndsWith(".bin", StringComparison.Ordinal),
            Fixes = UbootFixes },
        new("Wrong Image Format for {w} command", "U-Boot's {1} does not support the format of the kernel that it was given",
            "bootm expects uImage or FIT, bootz a zImage, booti an arm64 or RISC-V Image. " +
                "Or the file was not loaded at the expected address.")
            { Subject = 0, Fixes = UbootFixes },
        new("Bad Linux ARM64 Image magic!", "U-Boot found no kernel at the address that it was given",
            "The file was not loaded there, is compressed, or is for another architecture.") { Subject = 0, Fixes = UbootFixes },
        new("Bad Linux ARM zImage magic!", "U-Boot found no kernel at the address that it was given (bootz expects a zImage)",
            NoKernelThere) { Subject = 0, Fixes = UbootFixes },
        new("Bad Linux RISCV Image magic!", "U-Boot found no kernel at the address that it was given", NoKernelThere) { Subject = 0,
            Fixes = UbootFixes },
        new("Unknown image format!", "U-Boot does not support the format of the image that it was given", "bootm expects uImage or FIT, " +
            "bootz a zImage, booti an arm64 or RISC-V Image.") { Subject = 0, Fixes = UbootFixes },
        new("Bad Magic Number", "U-Boot found no image of its format (uImage) at the address that it was given",
            "bootm expects uImage or FIT. A bare vmlinux (ELF), zImage or Image must be wrapped by mkimage first, " +
                "or be started by bootelf, bootz or booti. Or the file was not loaded there.") { Subject = 0, Fixes = UbootFixes },
        new("Ramdisk image is corrupt or invalid", "U-Boot found no usable initramfs at the address that it was given",
            "bootm and booti accept a bare cpio only with its size (ADDRESS:SIZE); otherwise it needs the uImage form.")
            { Subject = 0, Fixes = UbootFixes },
        new("Wrong Ramdisk Image Format", "U-Boot found no usable initramfs at the address that it was given",
            "bootm accepts an initramfs in the uImage form (mkimage -T ramdisk), or a bare cpio with its size (ADDRESS:SIZE).")
            { Subject = 0, Fixes = UbootFixes },
        new("ERROR: can't get kernel image", "U-Boot found no kernel at the address that it was given", NoKernelThere) { Subject = 0,
            Fixes = UbootFixes },
        new("Can't get kernel image", "U-Boot found no kernel at the address that it was given", NoKernelThere) { Subject = 0,
            Fixes = UbootFixes },
        new("Could not find a valid device tree", "U-Boot found no device tree at the address that it was given") { Subject = 0,
            Fixes = UbootFixes },
        new("FDT and ATAGS support not compiled in", "U-Boot has no device tree for this kernel, which needs one") { Subject = 0,
            Fixes = UbootFixes },
        new("ERROR: Did not find a cmdline Flattened Device Tree", "U-Boot has no device tree for this kernel, which needs one")
            { Subject = 0, Fixes = UbootFixes },
        new("Failed to boot FIT image", "U-Boot could not start the FIT image") { Subject = 0, Fixes = UbootFixes },
        new("Bad FIT {w} image format", "U-Boot could not use the {1} of the FIT image") { Subject = 0, Fixes = UbootFixes },
        new("No partition table - {t}", "U-Boot found no partition table on {1}", NoMedium) { Subject = 0, Fixes = UbootFixes },
        new("MMC: no card present", "U-Boot found no card", NoMedium) { Subject = 0, Fixes = UbootFixes },
        new("TFTP error: '{e}'", "U-Boot did not get its file from the TFTP server: {1}",
            "The server does not have it under this name or folder, or does not provide it.") { Subject = 0, Fixes = UbootFixes },
        new("File not found {e} **", "U-Boot does not find {1}", NoUbootFile) { Subject = 0, Holds = OfKernel, Fixes = UbootFixes },
        new("Unable to read file {e} **", "U-Boot does not find {1}", NoUbootFile) { Subject = 0, Holds = OfKernel, Fixes = UbootFixes },
        new("Failed to load '{e}'", "U-Boot does not find {1}", NoUbootFile) { Subject = 0, Holds = OfKernel, Fixes = UbootFixes },
    ];

    private static readonly Telling[] OfEfi =
    [
        new("Bootloader has not verified loaded image", "shim stopped the start: the boot loader did not verify what it loaded (Secure " +
            "Boot)", "shim requires that the boot loader verifies the kernel through shim. " +
                "A boot loader that does not (a self-built GRUB without its shim_lock verifier) " +
                "is stopped.") { Subject = 0, Fixes = SignFixes },
        new("System is compromised.  halting", "shim stopped the start: the loaded file is not verified (Secure Boot)", Signature)
            { Subject = 0, Fixes = SignFixes },
        new("Verification failed: (0x1A) Security Violation", "shim refused the boot loader: " +
            "its signature or its generation (SBAT) is not accepted (Secure Boot)", Signature) { Subject = 0, Fixes = SignFixes },
        new("SBAT self-check failed: Security Policy Violation", "shim refused to run: a newer generation is required (SBAT revocation)",
            "An update, often of another system on the same machine, raised the lowest generation that the firmware accepts.")
            { Subject = 0, Fixes = SignFixes },
        new("Verifying shim SBAT data failed: Security Policy Violation", "shim refused to run: a newer generation is required " +
            "(SBAT revocation)", "An update, often of another system on the same machine, " +
            "raised the lowest generation that the firmware accepts.") { Subject = 0, Fixes = SignFixes },
        new("prohibited by secure boot policy", "GRUB refused a command of its menu: Secure Boot does not allow it",
            Signature) { Subject = 0,
            Fixes = SignFixes },
        new("Failed to open \\EFI\\{e} - Not Found", "shim does not find the boot loader \\EFI\\{1}",
            "The firmware's entry starts shim in a folder in which the second stage " +
            "(grubx64.efi, mmx64.efi) is not.") { Subject = 0, Fixes = EspFixes },
        new("Failed to load image \\EFI\\{e}: {t}", "shim could not load \\EFI\\{1}: {2}") { Subject = 0, Fixes = EspFixes },
        new("start_image() returned {t}", "the program that shim started returned: {1}") { Subject = 0, Fixes = EspFixes },
    ];

    private static readonly Fix[] NoSystemFixes =
    [
        new("In the firmware's setup, check that the disk is listed, that the mode (UEFI or legacy BIOS) " +
            "is the one in which the system was installed, and that its entry exists and is the first"),
        new("From a rescue system started in the same mode: reinstall the boot loader", "efibootmgr -v; lsblk -f; grub-install"),
    ];

    private const string NoRoomOf = "Kernel and initramfs together fill what the firmware gives (real-base, the low 256 or 768 MiB).";

    private const string AboveZero = "A 32-bit PowerPC kernel with CONFIG_CRASH_DUMP is linked to run above address 0 " +
        "(CONFIG_PHYSICAL_START), as a crash kernel must; only kexec can start it. Linux 6.9 made CONFIG_CRASH_DUMP a default.";

    private static readonly Telling[] Others =
    [
        new("boot a kdump kernel from OF", "Open Firmware cannot start this kernel: it is built as a crash kernel", AboveZero)
        {
            Subject = 0,
            Fixes = [new("Start an older kernel; then build or install one without it", "grep -E 'CRASH_DUMP|PHYSICAL_START' " +
                "/boot/config-VERSION; scripts/config -d CRASH_DUMP")],
        },
        new("allocate initial device-tree chunk", "the kernel got no memory from Open Firmware for its device tree", NoRoomOf)
            { Subject = 0 },
        new("No memory for flatten_device_tree ({e})", "the kernel got no memory from Open Firmware for its device tree ({1})", NoRoomOf)
            { Subject = 0 },
        new("Could not find kernel image: {t}", "SYSLINUX does not find the kernel {1}") { Subject = 0, Fixes = FileFixes },
        new("Failed to load ldlinux.c32", "SYSLINUX does not find its own file ldlinux.c32", "Its parts are of different versions, " +
            "or were not copied completely (a stick written file by file).") { Subject = 0, Fixes = NoSystemFixes },
        new("No DEFAULT or UI configuration directive found", "SYSLINUX found no menu (syslinux.cfg, isolinux.cfg, extlinux.conf)")
            { Subject = 0, Fixes = FileFixes },
        new("No bootable device", "the firmware found nothing to start") { Subject = 0, Fixes = NoSystemFixes },
        new("Reboot and Select proper Boot device", "the firmware found nothing to start") { Subject = 0, Fixes = NoSystemFixes },
        new("Operating System not found", "the firmware found nothing to start") { Subject = 0, Fixes = NoSystemFixes },
        new("BdsDxe: No bootable option or device was found", "the firmware found nothing to start") { Subject = 0,
            Fixes = NoSystemFixes },
        new("No configuration methods succeeded", "iPXE got no address from the network", "No DHCP server answered. Possible causes: " +
            "link, VLAN, spanning tree at the switch's port, or there is no server.") { Subject = 0,
                Fixes = [new("At its prompt, check link and addresses", "ifstat; dhcp; route")] },
        new("Could not boot: {t}", "iPXE could not start its target: {1}") { Subject = 0,
            Fixes = [new("At its prompt, check link and addresses", "ifstat; dhcp; route")] },
    ];

    public static readonly Family Stopped = new("boot-loader-stopped", "the boot loader stopped")
    {
        Area = Area.Crashing,
        Severity = Severity.Critical,
        Confidence = 0.9,
        Cause = "The boot loader did not find or could not read what it needs: " +
            "the disk or volume that holds its files has another id now, " +
            "is not seen by the firmware, or is of a kind (LVM, RAID, newer file system features) that its installed image does not know.",
        Fixes =
        [
            new("At its prompt, list what it sees", "ls; set; ls (hd0,gpt1)/"),
            new("From a rescue system (chroot): install it and its menu again", "grub-install /dev/DISK && update-grub   # Fedora: " +
                "grub2-mkconfig -o /boot/grub2/grub.cfg"),
        ],
        Tellings = [.. Stops.SelectMany(Located)],
        Origin = "GRUB grub-core/kern and grub-core/fs/fshelp.c; systemd src/boot/boot.c; syslinux; U-Boot boot/image-board.c, " +
            "cmd/booti.c; shim; iPXE; arch/powerpc/kernel/prom_init.c; EDK II BdsDxe; github.com/raspberrypi/rpi-eeprom",
    };

    /// <summary>Since 2.06 GRUB prints where in its sources an error was met: <c>error: ../../grub-core/kern/disk.c:258:…</c>.</summary>
    private static Telling[] Located(Telling t) => !t.Wording.StartsWith("error: ", StringComparison.Ordinal) ||
        t.Wording.StartsWith("error: file", StringComparison.Ordinal) ? [t]
        : [t, new($"grub-core/*.c:*:{t.Wording["error: ".Length..]}", t.Title, t.Why) { Subject = t.Subject, Fixes = t.Fixes,
            Holds = t.Holds, Severity = t.Severity }];

    private static IEnumerable<Telling> Stops =>
        [
            .. Quoted("error: disk `{e}' not found", "GRUB does not find the disk or volume {1}"),
            new("error: no such device: {t}", "GRUB does not find the file system {1}") { Subject = 0 },
            new("error: no such partition", "GRUB does not find the partition that has its files",
                "Partitions were deleted, moved or renumbered since it was installed.") { Subject = 0 },
            new("error: unknown filesystem", "GRUB does not support the file system that has its files", "It was recreated, " +
                "or the installed image of GRUB has no driver for it (newer features of ext4, XFS, Btrfs or ZFS; LUKS2; " +
                "LVM), or it is another partition than before.") { Subject = 0 },
            .. Quoted("error: symbol `{e}' not found", "GRUB's image and its modules are of different versions ({1} is missing)",
                OldImage),
            .. new[] { "symbol 'grub_{e}' not found", "symbol grub_{w} not found", "symbol `grub_{e}' not found" }
                .Select(w => new Telling(w, "GRUB's image and its modules are of different versions (grub_{1} is missing)", OldImage)
                    { Subject = 0, Fixes = [new("From a rescue system (chroot, /boot mounted): rewrite its image, " +
                        "on the disk or EFI partition from which the firmware starts", "grub-install /dev/DISK && update-grub   # EFI: " +
                        "grub-install --target=x86_64-efi --efi-directory=/boot/efi; Fedora, RHEL: dnf reinstall grub2-efi shim")] }),
            .. Quoted("error: attempt to read or write outside of disk `{e}'",
                "GRUB cannot read all of disk {1}: the firmware sees less of it"),
            .. Quoted("error: failure reading sector {w} from `{e}'", "GRUB could not read disk {2} (sector {1})"),
            new("error: out of memory", "GRUB had not enough memory for the file to load",
                "Kernel and initramfs together are larger than the memory that the firmware provides, " +
                    "or GRUB searched in memory that it must not use (large images, high screen resolutions).")
                { Subject = 0 },
            new("error: cannot allocate kernel buffer", "GRUB had not enough memory for the kernel") { Subject = 0 },
            new("error: invalid magic number", "the file that GRUB should start is not a kernel",
                "The file is damaged, empty, " +
                "or compressed or of another kind than its command takes (linux, linuxefi, multiboot).") { Subject = 0, Fixes = FileFixes },
            new("error: premature end of file {t}", "GRUB read {1}, which is incomplete", "The file was not written completely: " +
                "/boot became full, or the machine was switched off during an update.") { Subject = 0, Fixes = FileFixes },
            new("error: can't find command `{e}'", "GRUB does not know the command {1}: its module is missing") { Subject = 0,
                Severity = Severity.Warning },
            .. Quoted("error: file `*normal.mod' not found", "GRUB does not find its own files (normal.mod)",
                "The partition that it regards as its own does not have them: they were deleted or moved, or /boot was recreated."),
            .. new[] { "error: file `{e}' not found", "error: file '{e}' not found", "fshelp.c:{w}:file `{e}' not found" }
                .Select(w => new Telling(w, $"GRUB cannot start the system: the file {{{(w[0] == 'f' ? 2 : 1)}}} was not found",
                    "The entry of its menu names a path on the partition (or dataset) that GRUB uses as its root, " +
                        "but there is no such file. The kernel was removed or never written completely, " +
                        "the menu is older or newer than the files there, or /boot is another partition.")
                    { Subject = 0, Holds = OfKernel, Fixes = FileFixes }),
            new("Error loading \\{e}: {t}", "systemd-boot could not load \\{1}: {2}",
                "The firmware does not find it, or cannot read it, on the EFI system partition from which the boot loader was started. " +
                    "On a machine with several disks this may be another partition than the one that the system writes to. " +
                    "A restart by kexec hides this, because it skips the firmware.") { Subject = 0, Fixes = EspFixes },
            new("Error loading EFI binary {e}: {t}", "systemd-boot could not load {1}: {2}") { Subject = 0, Fixes = EspFixes },
            new("Loading /vmlinu{e} failed: {t}", "SYSLINUX could not load /vmlinu{1}: {2}",
                "The kernel that its menu names is not on its partition, for example after an interrupted " +
                    "update.") { Subject = 0, Fixes = FileFixes },
            new("!!!! X64 Exception Type - {t}", "the firmware (EDK II) crashed while it started the boot loader: exception {1}", Edk)
                { Subject = 0, Fixes = EspFixes },
            new("!!!! IA32 Exception Type - {t}", "the firmware (EDK II) crashed while it started the boot loader: exception {1}", Edk)
                { Subject = 0, Fixes = EspFixes },
            new("Synchronous Exception at 0x{w}", "the firmware (EDK II, arm64) crashed at 0x{1} while it started the boot loader", Edk)
                { Subject = 0, Fixes = EspFixes },
            new("error: bad shim signature", "GRUB refused the kernel: shim does not trust its signature (Secure Boot)", Signature)
                { Subject = 0, Fixes = SignFixes },
            new("error: {e} has invalid signature", "GRUB refused {1}: its signature is not valid (Secure Boot)", Signature)
                { Subject = 0, Fixes = SignFixes, Holds = t => !t[0].Contains("grub-core", StringComparison.Ordinal) },
            .. new[] { "error: bad signature", "error: public key {w} not found", "error: verification requested but nobody cares: {t}" }
                .Select(w => new Telling(w, "GRUB refused a file: its signature was not accepted", Signature)
                    { Subject = 0, Fixes = SignFixes }),
            .. Uboot,
            .. OfEfi,
            .. Others,
            new("error: you need to load the kernel first", "GRUB has no kernel to start: loading it failed before") { Subject = 0 },
            new("grub rescue>", "GRUB stopped at its rescue prompt: it did not find its own files") { Subject = 0 },
            new("unknown TPM error", "GRUB could not write a measurement into the TPM: unknown TPM error", Measured)
                { Subject = 0, Fixes = TpmFixes },
            new("error: TPM unavailable", "GRUB could not write a measurement into the TPM: it does not answer", Measured)
                { Subject = 0, Fixes = TpmFixes },
            new("commands/efi/tpm.c:{w}:{w}", "GRUB could not write a measurement into the TPM", Measured)
                { Subject = 0, Fixes = TpmFixes },
            new("ailed to open device: 'nvme'", "the Raspberry Pi's boot loader got no answer from its NVMe drive", Eeprom)
                { Subject = 0, Fixes = EepromFixes },
            new("ailed to open device: 'usb-msd'", "the Raspberry Pi's boot loader got no answer from its USB disk", Eeprom)
                { Subject = 0, Fixes = EepromFixes },
            new("ailed to open device: 'sdcard'", "the Raspberry Pi's boot loader got no answer from a memory card", Eeprom)
                { Subject = 0, Fixes = EepromFixes },
        ];

    private const string Measured = "GRUB measures all that it reads into the TPM. The firmware's TPM refused that, and a GRUB that " +
        "takes this for an error stops: a fault of this version of GRUB or of the firmware, not of a disk or of the system.";

    private static Fix[] TpmFixes =>
    [
        new("Switch the TPM off in the firmware's menu, or take GRUB's module tpm away at its prompt, and start", "rmmod tpm"),
        new("Then install the grub2 packages before this update, or newer ones, and update the firmware"),
    ];

    private const string Eeprom = "This is the boot loader in the Pi's own flash memory; no kernel was started yet. " +
        "It tries the places of BOOT_ORDER one after the other: a slot that is empty answers nothing, too, and is no fault. " +
        "A drive that is found but does not answer gets too little power, has a bad cable, or is not supported by this version.";

    private static Fix[] EepromFixes =>
    [
        new("Update the boot loader (from a memory card), and see its order", "rpi-eeprom-update -a; rpi-eeprom-config"),
        new("Check the drive's power, cable and adapter; try another drive, or PCIe at gen 1 or 2"),
    ];

    private const string OnTarget =
        "zipl writes the numbers of the blocks that hold kernel and initramfs, so both must be on the disk that it writes to. " +
        "In a chroot or an image on a loop device its target is another disk than it thinks.";

    private const string Overlay = "The root is an overlay, a container's or a live system's: " +
        "there it is not to be run, or in a chroot of the installed system with /dev, /proc and /sys. " +
        "Or it is a file system (ZFS) that GRUB does not trace to a disk.";

    private static readonly Fix[] ZiplFixes =
    [
        new("Correct /etc/zipl.conf or the BLS entry, try it without writing, then write", "zipl -V --dry-run; zipl -V"),
        new("In an image or chroot: name the target",
            "zipl --target /boot --targetbase /dev/DISK --targettype SCSI --targetblocksize 512 --targetoffset 2048 -V"),
    ];

    private static readonly Fix[] EfiEntry =
    [
        new("Was the system started in UEFI mode, and is there room for variables? Old crash dumps of the kernel fill it",
            "ls /sys/firmware/efi/efivars | head; ls -l /sys/fs/pstore; efibootmgr -v"),
        new("Without an entry: the fallback name, which every firmware tries", "grub-install --removable --efi-directory=/boot/efi"),
    ];

    private static readonly Fix[] Platform =
    [
        new("How was it started, and which platforms are installed?", "ls /sys/firmware/efi 2>/dev/null; ls /usr/lib/grub"),
        new("Install the package of the wanted one, then run it with --target", "apt install grub-efi-amd64-bin   # BIOS: grub-pc-bin; " +
            "Fedora, RHEL: grub2-efi-x64-modules, grub2-pc-modules"),
    ];

    private static readonly Fix[] Whole =
    [
        new("What is on the disk: its table, a BIOS boot partition (type ef02), old signatures?", "lsblk -o NAME,PTTYPE,PARTTYPENAME," +
            "FSTYPE; wipefs --no-act /dev/DISK",
                "--no-act only lists: remove a signature only if the table and partitions are surely the true ones"),
        new("Give it whole disks with a BIOS boot partition (on RAID: each member disk in turn), or start by UEFI",
            "grub-install /dev/DISK"),
    ];

    private static readonly Fix[] Drive =
    [
        new("Name the disk as lsblk lists it", "lsblk; cat /boot/grub/device.map"),
        new("Where device.map is old, make it anew", "grub-mkdevicemap || mv /boot/grub/device.map /boot/grub/device.map.old"),
    ];

    private static IEnumerable<Telling> Quotes(string words, string title, string? why = null) =>
        new[] { words, words.Replace('`', '\'') }.SelectMany(w => Grub("grub-install", w, title, why));

    /// <summary>grub-install and its helpers are called grub2-… in some distributions.</summary>
    private static IEnumerable<Telling> Grub(string program, string words, string title, string? why = null, Severity? severity = null) =>
        new[] { program, program.Replace("grub-", "grub2-", StringComparison.Ordinal) }
            .Select(p => new Telling($"{p}: {words}", title.Replace("{p}", p, StringComparison.Ordinal), why)
                { Subject = 0, Severity = severity });

    public static readonly Family NotWritten = new("boot-loader-not-written", "the boot loader was not written")
    {
        Area = Area.Crashing,
        Confidence = 0.9,
        Cause = "The tool that writes the boot loader or its menu failed; its line gives the reason. " +
            "The next start uses the old boot loader and menu; a new disk does not start at all.",
        Fixes =
        [
            new("Correct what it names, then run it again; do not restart before it succeeds",
                "findmnt /boot /boot/efi; lsblk -o NAME,PARTTYPENAME,FSTYPE,MOUNTPOINT; grub-install -v /dev/DISK"),
        ],
        Tellings =
        [
            new("Error: Could not add {w} file '{e}': File is not on target device", "zipl refused {2}: " +
                "it is not on the disk that zipl writes to", OnTarget) { Subject = 0, Fixes = ZiplFixes },
            new("Error: Could not add {w} file '{e}': {t}", "zipl could not add the {1} {2}: {3}") { Subject = 0, Fixes = ZiplFixes },
            new("Error: Config file '{e}': Line {w}: {t}", "zipl refused {1}, line {2}: {3}") { Subject = 0, Fixes = ZiplFixes },
            new("Error: Config file '{e}zipl{e}': {t}", "zipl refused its configuration: {3}") { Subject = 0, Fixes = ZiplFixes },
            .. Grub("grub-install", "error: cannot find EFI directory", "{p} did not find the EFI system partition", "It is not mounted " +
                "(mostly at /boot/efi or /boot), or --efi-directory names another place."),
            .. Grub("grub-install", "error: {e} doesn't look like an EFI partition", "{p}: {1} is not an EFI system partition",
                "It must be FAT, and mounted itself: a folder of the root file system is none."),
            .. Grub("grub-install", "error: embedding is not possible", "{p} found no room for GRUB's core image on the disk",
                "On a GPT disk in BIOS mode it goes into a BIOS boot partition (1 MiB, type ef02); " +
                "on an MBR disk before the first partition; a file system or partition table without that gap has no room."),
            .. Grub("grub-install", "error: will not proceed with blocklists", "{p} found no room for GRUB's core image on the disk",
                "On a GPT disk in BIOS mode it goes into a BIOS boot partition (1 MiB, type ef02); " +
                "on an MBR disk before the first partition."),
            .. Grub("grub-install", "error: efibootmgr failed to register the boot entry: {t}",
                "{p} wrote GRUB, and the firmware did not take its entry: {1}").Select(t => t with { Fixes = EfiEntry }),
            .. Grub("grub-install", "error: This utility should not be used for EFI platforms", "{p} is not to be used on this UEFI system",
                "With Secure Boot the distribution's signed GRUB is started; it comes with its packages (shim, grub2-efi)."),
            .. Grub("grub-install", "error: *grub/{w}/modinfo.sh doesn't exist", "{p} lacks GRUB's files for the platform {1}",
                "The package of that platform is not installed, or the machine was started in the other mode (BIOS, UEFI) than meant.")
                .Select(t => t with { Fixes = Platform }),
            .. Grub("grub-install", "error: diskfilter writes are not supported", "{p} cannot write to this RAID or LVM volume",
                "GRUB only reads RAID and LVM. It wanted to write its environment (grubenv) or core image into a file there.")
                .Select(t => t with { Fixes = Whole }),
            .. Quotes("error: filesystem `{e}' doesn't support blocklists",
                "{p} found no room for GRUB's core image, and {1} cannot hold it",
                "It was given a partition or a disk without a place for the image, " +
                "or an old signature of {1} lies on the whole disk beside its partition table.").Select(t => t with { Fixes = Whole }),
            .. Grub("grub-install", "error: cannot find a GRUB drive for {e}. Check", "{p} finds no disk {1}",
                "The argument must be a whole disk as it is named in /dev (without a slash behind it, " +
                "and no link that is gone), or device.map keeps an old name.").Select(t => t with { Fixes = Drive }),
            .. Grub("grub-install", "error: {t}", "{p} failed: {1}"),
            .. Grub("grub-bios-setup", "error: {t}", "{p} failed: {1}"),
            .. Grub("grub-probe", "error: failed to get canonical path of {t}", "{p} does not find the disk behind {1}", Overlay),
            new("failed to get canonical path of {t}", "GRUB's tools do not find the disk behind {1}", Overlay) { Subject = 0 },
            new("cannot stat `/dev/{e}'", "GRUB's tools do not find /dev/{1}, on which GRUB is to be",
                "The name of the disk is kept from the time when GRUB was installed (debconf, device.map); " +
                "the disk has another one now: a clone, another controller, " +
                "a new virtual disk.") { Subject = 0, Fixes = [new("Choose the disk again", "dpkg-reconfigure grub-pc; " +
                    "ls -l /dev/disk/by-id; cat /boot/grub/device.map")] },
            .. Grub("grub-probe", "error: cannot find a device for {t}", "{p} does not find the disk behind {1}",
                "In a chroot /dev, /proc and /sys must be mounted as well."),
            .. Grub("grub-probe", "error: {t}", "{p} failed: {1}", severity: Severity.Warning),
            .. Grub("grub-mkconfig", "error: {t}", "{p} failed: {1}"),
            new("Could not prepare Boot variable: {t}", "the firmware did not take the boot entry: {1}",
                "efibootmgr writes a variable of the firmware; its memory is full, or it refuses.") { Subject = 0, Fixes = EfiEntry },
            new("EFI variables are not supported on this system", "no boot entry was written: the system was not started in UEFI mode")
                { Subject = 0, Fixes = EfiEntry, Severity = Severity.Warning },
            new("Executing 'grub-install {e}' failed", "the installer could not write GRUB to {1}", "Its own words before tell why.")
                { Subject = 0 },
            new("Unable to install GRUB in {t}", "the installer could not write GRUB to {1}", "Its own words before tell why.")
                { Subject = 0 },
        ],
        Origin = "s390-tools zipl/src; GRUB util/grub-install.c, grub-probe.c; efibootmgr; debian-installer grub-installer",
    };

    public static readonly Family DisabledWait = new("disabled-wait", "an IBM Z machine stopped in a disabled wait")
    {
        Area = Area.Crashing,
        Severity = Severity.Critical,
        Confidence = 0.85,
        CausedBy = ["kernel-panic"],
        Cause = "Code that cannot continue loads a PSW that waits with all interrupts off; " +
            "the last part of the PSW is an error code of that code. If no kernel line comes before it, it is the boot loader (zipl) " +
            "or a stand-alone dump program: it found no kernel, has no access to its disk, or does not support this hypervisor. " +
            "After a panic it is the kernel's normal end.",
        Fixes =
        [
            new("Look the code up (the last part of the PSW) in IBM's list of the boot and dump tools' codes"),
            new("Write the boot record again from a rescue system, with this or an earlier zipl",
                "zipl -V; zipl --version; lsdasd; lszdev"),
            new("In QEMU: name the disk to start from (bootindex=1)"),
        ],
        Tellings =
        [
            new("Guest crashed on cpu {w}: disabled-wait",
                "the guest stopped in a disabled wait on CPU {1}: its boot loader or kernel gave up")
                { Subject = 0 },
            new("CP entered; disabled wait PSW {t}", "the guest stopped in a disabled wait: PSW {1}") { Subject = 0 },
            new("disabled wait state {t}", "a processor stopped in a disabled wait: PSW {1}") { Subject = 0 },
        ],
        Origin = "QEMU target/s390x; z/VM HCPGIR450W; Hercules HHC00809I; s390-tools zipl/boot",
    };

    public static readonly Family[] All = [Stopped, NotWritten, DisabledWait];
}
