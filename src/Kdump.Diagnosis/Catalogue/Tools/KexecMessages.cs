namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>
/// Why a kernel could not be loaded: the error numbers of kexec_load(2) and kexec_file_load(2) in the words of the C library, and
/// what kexec-tools, kdumpctl and the kernel say beside them. The most specific messages come first.
/// </summary>
internal static class KexecMessages
{
    /// <summary>Messages that the rule asks for by name.</summary>
    public const string OldCallRefused = "old call refused", NoFileLoad = "no file load", Outside = "outside",
        NoPlace = "no place", Lockdown = "lockdown", Consequence = "consequence";

    /// <summary>The line gives the reason of a failed load, but is no failure by itself.</summary>
    public const string Note = "note";

    private const string SeeWhich = "sysctl kernel.kexec_load_disabled kernel.kexec_load_limit_panic kernel.kexec_load_limit_reboot; " +
        "grep -rs kexec_load /etc/sysctl.conf /etc/sysctl.d /usr/lib/sysctl.d; cat /sys/kernel/security/lockdown";

    private static readonly ToolFix[] Sign =
    [
        new("Use the distribution's signed kernel, or sign this one and enrol its key (mokutil --import KEY.der), then reboot",
            "keyctl show %:.platform; keyctl show %:.secondary_trusted_keys; sbverify --list /boot/vmlinuz-$(uname -r)"),
    ];

    private static readonly ToolFix OldCall = new("Without secure boot and lockdown: load through the older call (kexec -c, " +
        "--kexec-syscall; KEXEC_ARGS=\"-c\")", "cat /sys/kernel/security/lockdown; mokutil --sb-state");

    private static readonly ToolFix NewerKexec = new("Install a newer kexec-tools", "kexec --version; uname -r");

    private static readonly ToolFix FileCall = new("Let the kernel read the file itself: KEXEC_ARGS=\"-s\" in /etc/sysconfig/kdump " +
        "(Debian: KDUMP_KEXEC_ARGS=\"-s\" in /etc/default/kdump-tools)", "systemctl restart kdump   # Debian: kdump-config reload");

    private const string NoEntry = "systemctl kexec found no kernel loaded and looked for one itself, " +
        "which it can only in an EFI system partition with entries of the boot loader specification (systemd-boot); " +
        "on this machine there is none.";

    private static readonly ToolFix Entry = new("Load the kernel before, then restart into it", "kexec -l /boot/vmlinuz-$(uname -r) " +
        "--initrd=/boot/initramfs-$(uname -r).img --reuse-cmdline && systemctl kexec   # Debian: /boot/initrd.img-$(uname -r)");

    private const string ScriptWhy = "A command inside the service's own script failed before kexec was called rightly: " +
        "a fault of the script (of kexec-tools or kdump-utils), not of the kernel, its memory or its image. " +
        "Values with / or blanks in the command line, as BOOT_IMAGE=(hd0,gpt3)/ostree/…, break such scripts.";

    private static readonly ToolFix ScriptFix = new("Update kexec-tools and kdump-utils; the trace of the script shows the line",
        "bash -x /usr/bin/kdumpctl start 2>&1 | tail -40");

    /// <summary>Each refusal also in the words of programs other than kexec-tools.</summary>
    public static readonly ToolMessage[] All = [.. KexecSpeakers.Of(Own())];

    private static ToolMessage[] Own() =>
    [
        // Messages of the part that refuses.
        Of("kexec: not allowed on platform with tdx_pw_mce bug",
            "The processor has the erratum that a partial write to memory which was TDX's private memory ends in a machine check, " +
            "so this kernel takes no kexec at all while TDX is there. It is no fault of the configuration or of the image.",
            new ToolFix("Switch TDX off in the firmware, or use a kernel that resets TDX' memory before kexec", "dmesg | grep -i tdx; " +
                "grep -o tdx_pw_mce /proc/cpuinfo | head -1")),
        // arch/x86/kernel/kexec-bzimage64.c: what the file must be.
        .. new[] { "File is too short to be a bzImage", "No x86 boot sector present", "zImage not a bzImage", "Must be at least protocol",
            "Not a bzImage", "XLF_CAN_BE_LOADED_ABOVE_4G is not set", "bzImage truncated" }
            .Select(w => Of("kexec-bzImage64: " + w, "The file is no kernel image of x86 (bzImage of 64 bits, relocatable) that " +
                "can be loaded: vmlinux, a compressed or unified image, one of another architecture, or one that was cut.",
                new ToolFix("Name the bzImage, /boot/vmlinuz-VERSION", "file -L /boot/vmlinuz-$(uname -r)"))),
        Of("kexec-bzImage64: Kernel command line too long", "The command line for the crash kernel is longer than that kernel accepts.",
            new ToolFix("Remove parameters from it: KDUMP_COMMANDLINE_REMOVE in /etc/sysconfig/kdump, KDUMP_CMDLINE in " +
                "/etc/default/kdump-tools", "wc -c /proc/cmdline")),
        Of("kexec: Undefined symbol: {w}", "The kernel's purgatory asks for {1}, which nothing offers: it was built wrongly " +
            "(a compiler or linker newer than the kernel's sources).",
            new ToolFix("Use the distribution's kernel, or build it with the compiler that its release expects")),
        Of("kexec: Overflow in relocation type {w} value {w}", "The kernel's purgatory was built for another code model than it is " +
            "loaded with, or lies too far away.",
            new ToolFix("Use the distribution's kernel, or build it with the compiler that its release expects")),
        Of("Can't kexec: CPUs are stuck in the kernel", "arm64: CPUs that could not be taken offline, or that started and never came up, " +
            "are still inside the old kernel; it would be overwritten under them.",
            new ToolFix("Find the CPUs that did not come up; a crash kernel (-p) can still be loaded", "dmesg | grep -iE 'cpu|psci'")),
        Of("unsigned images is restricted",
            "The kernel is locked down (secure boot) and takes only a signed image through kexec_file_load.",
            new ToolFix("Load through the newer system call: KEXEC_ARGS=\"-s\" in /etc/sysconfig/kdump, and a signed kernel",
                "kexec -p -s /boot/vmlinuz-$(uname -r) --initrd=/boot/initramfs-$(uname -r)kdump.img --reuse-cmdline",
                For: DumpService.Kdumpctl),
            new ToolFix("Load through the newer system call: KDUMP_KEXEC_ARGS=\"-s\" in /etc/default/kdump-tools, and a signed kernel",
                "kdump-config reload", For: DumpService.KdumpTools),
            new ToolFix("Load through the newer system call: KEXEC_OPTIONS=\"-s\" in /etc/sysconfig/kdump, and a signed kernel",
                "systemctl restart kdump", For: DumpService.Suse)) with { Mark = Lockdown },
        Of("impossible to appraise a kernel image without a file descriptor",
            "An IMA policy (as with secure boot) appraises kernel images, which the old system call cannot offer: it hands over memory, " +
                "not a file. Only the file-based call, kexec_file_load, is allowed.", FileCall) with { Mark = Note },
        Of("LoadPin: kexec-image {w} obj={t}",
            "LoadPin lets the kernel read kexec images only from the file system that it was started from.",
            new ToolFix("Take kernel and image from that file system, or start with loadpin.enforce=0",
                "cat /proc/sys/kernel/loadpin/enforce")),
        Of("cause=IMA-signature-required", "The IMA policy requires a signature on the kernel image or its initramfs.",
            new ToolFix("Sign the file for IMA, or change the policy", "evmctl ima_sign --key KEY /boot/vmlinuz-$(uname -r)"))
            with { Mark = Note },
        Of("PEFILE: Unsigned PE binary", "The kernel image has no signature.", Sign) with { Mark = Note },
        Of("PEFILE: Digest mismatch", "The kernel image is not what was signed: it was changed after it was signed, or is damaged.",
            new ToolFix("Install the kernel package again", "rpm -V kernel-core   # Debian: debsums linux-image-$(uname -r)"))
            with { Mark = Note },
        Of("kexec_file_load failed: Operation not permitted",
            "The newer system call is refused as well: kernel.kexec_load_disabled is 1 " +
            "(profiles for hardening set it, and it stays until a reboot), the limit of kernel.kexec_load_limit_panic is reached, " +
            "the caller is not root or runs in a container, or the kernel is locked down and the image unsigned.",
            new ToolFix("See which: 1 here forbids every kexec. Take the line out of the file that sets it, and reboot", SeeWhich,
                "a running system can then load another kernel again")),
        Of("kexec_load failed: Operation not permitted",
            "The kernel refuses the old system call to this caller (EPERM, not permitted), whatever the file: " +
            "kernel.kexec_load_disabled is 1 (some distributions and all profiles for hardening set it, " +
            "until a reboot), or secure boot and lockdown allow only kexec_file_load, or the caller is not root, or runs in a container.",
            new ToolFix("See which: 1 for kexec_load_disabled forbids every kexec", SeeWhich)) with { Mark = OldCallRefused },
        Of("kexec_file_load failed: Permission denied",
            "A security module refuses the file: IMA appraisal, LoadPin, or SELinux.",
            new ToolFix("Find which one refused it",
                "dmesg | grep -iE 'ima|loadpin|lockdown|avc'; ausearch -m avc,integrity_data -ts boot")),
        Of("kexec_load failed: Permission denied",
            "A security module refuses the old system call: with an IMA policy or secure boot only kexec_file_load is allowed.", FileCall),
        // Signatures.
        Of("kexec_file_load failed: Required key not available",
            "The kernel image is not signed with a key that this kernel trusts (ENOKEY): a kernel of one's own build, or of another " +
            "distribution.", [.. Sign, OldCall]),
        Of("kexec_file_load failed: Key was rejected by service",
            "kexec_file_load verifies the image's signature, and it is not from a key that this kernel trusts, or its key was revoked " +
            "(dbx). Old kernels verify it with secure boot off as well; there the older call, kexec_load, asks for no signature.",
            [.. Sign, OldCall]),
        Of("kexec_file_load failed: No data available",
            "The kernel image is not signed (no signature is in it, ENODATA), and this kernel takes only signed ones: secure boot is on, " +
            "or it was built with CONFIG_KEXEC_SIG_FORCE.", [.. Sign, OldCall]),
        Of("kexec_file_load failed: Key has expired", "The certificate that signed the kernel image has expired.", Sign),
        Of("kexec_file_load failed: Key has been revoked", "The key that signed the kernel image was revoked.", Sign),
        Of("kexec_file_load failed: Bad message",
            "The signature in the kernel image is damaged or not of a form that this kernel reads (EBADMSG).",
            new ToolFix("Reinstall the kernel package, and check its signature", "sbverify --list /boot/vmlinuz-$(uname -r)")),
        Of("kexec_file_load failed: Accessing a corrupted shared library",
            "The kernel could not parse the image's signature (ELIBBAD).",
            new ToolFix("Use another build of the kernel, or, without lockdown, the old system call: KEXEC_ARGS=\"-c\"")),
        Of("kernel signature verification failed ({e})", "The kernel checked the signature of the image and refused it (error {1}).", Sign),
        // The file.
        Of("pez_arm64_probe: Bad arm64 image header",
            "kexec unpacked the kernel and did not know what it found: the file is a compressed EFI image (zboot), in a form newer " +
            "than this kexec-tools.", new ToolFix("Install a newer kexec-tools, or use a kernel image that is not zboot (Image, Image.gz)",
            "kexec --version; file /boot/vmlinuz-$(uname -r)"), FileCall),
        Of("Cannot determine the file type of {e}.efi",
            "kexec-tools does not know the format of {1}.efi: " +
            "it is an EFI program, probably a unified kernel image (UKI: kernel, initramfs and command line in one file, " +
            "as of systemd-ukify, mkosi or lanzaboote), and this version takes a plain kernel only.",
            new ToolFix("Give kexec the kernel inside it: the file from which the UKI was made, or take it out",
                "objcopy -O binary --only-section=.linux {1}.efi /tmp/vmlinuz; kexec --version"), NewerKexec),
        Of("Cannot determine the file type of {t}",
            "kexec-tools does not know the format of {1}: " +
            "a compressed EFI image (zboot) needs a newer kexec-tools than a plain one, and so does another compression of the kernel.",
                new ToolFix("Install a newer kexec-tools, or use a kernel image in a plain format",
            "kexec --version; file {1}"), FileCall),
        Of("Wrong file type {t}", "kexec was told another file type than the file has: {1}.", NewerKexec) with { Mark = Note },
        Of("Unsupported kernel type {t}", "kexec-tools does not know this type of kernel: {1}.", NewerKexec),
        Of("Failed to decompress file {t}", "kexec could not unpack the kernel: {1}.", NewerKexec) with { Mark = Note },
        Of("Unhandled rela relocation: {w}",
            "kexec does not know relocation {1}: its purgatory was built with newer binutils.",
            NewerKexec),
        // Without kexec's name in front it is the loader of modules that says so.
        Of("kexec*: Unknown rela relocation: {w}",
            "The kernel met relocation {1} in its own purgatory, which it does not know: the compiler " +
            "is newer than the kernel.", new ToolFix("Use the old system call, KEXEC_ARGS=\"-c\", or a newer kernel", "uname -r")),
        Of("Error loading purgatory ret={w}", "The kernel could not load the code that runs between the two kernels (error {1}).",
            new ToolFix("Use the old system call, KEXEC_ARGS=\"-c\", or a newer kernel", "dmesg | grep -i kexec")),
        Of("Loading purgatory failed", "The kernel could not load the code that runs between the two kernels.",
            new ToolFix("Use the old system call, KEXEC_ARGS=\"-c\", or a newer kernel", "dmesg | grep -i kexec")),
        Of("Cannot open `{e}': {t}", "kexec could not open {1}: {2}.", new ToolFix("See whether it is there and readable, and its label",
            "ls -lZ {1}")) with { Mark = Note },
        Of("Error updating memory reserve map: FDT_ERR_NOSPACE",
            "The kernel ran out of room in the device tree that it makes for the crash kernel; " +
            "the \"No such process\" that the program then prints means just " +
            "that.", new ToolFix("Use a newer kernel (the room was made larger), or the old system call: " +
            "KEXEC_ARGS=\"-c\"", "uname -r")),
        Of("Command line overflow", "The command line for the crash kernel is longer than the kernel takes.",
            new ToolFix("Take parameters out: KDUMP_COMMANDLINE_REMOVE in /etc/sysconfig/kdump", "wc -c /proc/cmdline")),
        Of("command line too long, maximum allowed size {w}",
            "The command line for the crash kernel is longer than the {1} bytes that the kernel takes.",
            new ToolFix("Take parameters out: KDUMP_COMMANDLINE_REMOVE in /etc/sysconfig/kdump", "wc -c /proc/cmdline")),
        // The place.
        Of("No crash kernel segment found in /proc/iomem", "kexec finds no \"Crash kernel\" in /proc/iomem: nothing is reserved.",
            new ToolFix("Check what is reserved", "grep -i crash /proc/iomem; cat /sys/kernel/kexec_crash_size; cat /proc/cmdline")),
        Of("get_crash_kernel_load_range() failed", "kexec finds no \"Crash kernel\" in /proc/iomem: nothing is reserved.",
            new ToolFix("See what is reserved", "grep -i crash /proc/iomem; cat /sys/kernel/kexec_crash_size; cat /proc/cmdline")),
        Of("Could not get memory layout", "kexec could not read which memory the machine has: " +
            "/proc/iomem is empty or closed to the caller " +
            "(not root, a container), or it is a Xen guest or dom0, whose memory only a kexec that " +
            "was built with Xen's libraries can ask for.", new ToolFix("See which it is; under Xen use a kexec-tools built with libxenctrl",
            "head -5 /proc/iomem; cat /sys/hypervisor/type; id -u; ldd $(command -v kexec)")),
        Of("Could not find a free area of memory of {w} bytes", "") with { Mark = NoPlace },
        Of("Could not find a free area of memory of {w}", "") with { Mark = NoPlace },
        Of("Could not find a free area of memory below: {w}", "") with { Mark = NoPlace },
        Of("Could not find a memory region for the {t}", "kexec found no room for the {1}.",
            new ToolFix("See how much is reserved, and where", "grep -i crash /proc/iomem; ls -l /boot/*kdump*")),
        Of("kexec: Error: image + initrd too big", "Kernel and image together do not fit into the reservation.",
            new ToolFix("Reserve more memory (crashkernel=), or make the image smaller", "cat /sys/kernel/kexec_crash_size; " +
            "ls -l /boot/*kdump*")),
        Of("kexec: Error: dtb too big", "The device tree does not fit into the place that kexec keeps for it.", NewerKexec),
        Of("Overlapping memory segments at {w}",
            "kexec placed two segments over each other at {1}: " +
            "a fault of kexec-tools, or an image that is linked to a fixed address.", NewerKexec),
        Of("Invalid memory segment {w} - {w}", "kexec placed a segment ({1} - {2}) outside of usable memory: " +
            "outside the reservation, or the image is linked to a fixed address.",
            new ToolFix("Compare it with the reservation", "grep -i crash /proc/iomem"), NewerKexec),
        Of("kexec_file_load failed: Cannot assign requested address",
            "With this system call the kernel itself looks for the places, and it found none that is large enough (EADDRNOTAVAIL): " +
            "of a crash kernel (-p) inside the reservation, which is too small or missing; " +
            "else in all of memory, where buffers may not lie (memory that is reserved, or lent out as CMA).",
            new ToolFix("Compare the sizes of kernel and image with the reservation, and raise crashkernel= if they do not fit",
                "cat /sys/kernel/kexec_crash_size; ls -l /boot/vmlinuz-$(uname -r) /boot/*kdump* /var/lib/kdump/; dmesg | grep -i kexec"),
            new ToolFix("Or let kexec choose the places: the older call (KEXEC_ARGS=\"-c\"; Debian: KDUMP_KEXEC_ARGS=\"-c\")",
                "kexec -c -d -p /boot/vmlinuz-$(uname -r) --reuse-cmdline 2>&1 | grep segment")),
        Of("_load failed: Cannot assign requested address", "") with { Mark = Outside },
        Of("locate_hole failed", "kexec found no place for one of its pieces.",
            new ToolFix("See how much is reserved, and where", "grep -i crash /proc/iomem; ls -l /boot/*kdump*"), NewerKexec)
            with { Mark = Consequence },
        Of("ELF exec load failed", "kexec found no place for one of its pieces.", NewerKexec) with { Mark = Consequence },
        // The other error numbers.
        Of("_load failed: Cannot allocate memory",
            "The kernel had no memory for its own copy or tables while it loaded (ENOMEM); it is not about the size of crashkernel=.",
            new ToolFix("Check the free memory and the kernel's messages", "free -m; dmesg | tail -30")),
        Of("_load failed: Device or resource busy", "Another kexec call is going on (EBUSY).",
            new ToolFix("Wait, see who loads, and load again", "ps -ef | grep -E 'kexec|kdump'; cat /sys/kernel/kexec_crash_loaded")),
        Of("_load failed: Exec format error",
            "The kernel does not know the format of the image (ENOEXEC): another architecture, a compressed EFI image " +
            "(zboot), or a file that is no kernel.", new ToolFix("See what it is", "file /boot/vmlinuz-$(uname -r)"), NewerKexec),
        Of("_load failed: Invalid argument", "The kernel did not accept the image or the places of its pieces (EINVAL): pieces overlap, " +
            "or together they take more than half of the machine's memory (swap does not count), or it is a format that it does not know.",
            new ToolFix("Check the kernel's messages, the segments and the memory",
                "dmesg | grep -i kexec | tail; kexec --version; free -m"),
            NewerKexec),
        Of("_load failed: File too large", "The kernel image or the initramfs is larger than the kernel takes (EFBIG).",
            new ToolFix("Make the image smaller", "ls -l /boot/*kdump* /var/lib/kdump/")),
        Of("_load failed: No such process",
            "On powerpc this means that the device tree for the crash kernel had no room left (FDT_ERR_NOSPACE).",
            new ToolFix("Read the kernel's messages; a newer kernel reserves more space", "dmesg | grep -iE 'kexec|fdt' | tail")),
        Of("_load failed: Function not implemented", "This kernel lacks the system call (CONFIG_KEXEC or CONFIG_KEXEC_FILE is not set).",
            new ToolFix("See which it has; -c takes the old call, -s the new one", "grep KEXEC /boot/config-$(uname -r)")),
        Of("syscall kexec_file_load not available", "") with { Mark = Note },
        Of("kexec_load failed: {t}", "The kernel refused it: {1}.",
            new ToolFix("Read the kernel's messages", "dmesg | grep -iE 'kexec|lockdown|ima' | tail")),
        Of("kexec_file_load failed: {t}", "The kernel refused it: {1}.",
            new ToolFix("Read the kernel's messages", "dmesg | grep -iE 'kexec|lockdown|ima' | tail")),
        // kexec-tools itself, before it asks the kernel.
        Of("elfcorehdr doesn't fit cells-size", "kexec writes the address of the dump's header into the device tree, " +
            "whose cells (#address-cells, #size-cells) hold 32 bits there, and the reserved memory lies above 4 GiB: " +
            "the boot loader or firmware gives such a tree, as it does on some EFI machines. " +
            "kexec gives up; memory and signature have no part in it.",
            new ToolFix("Use a newer kexec-tools, or reserve memory below 4 GiB (crashkernel=256M@1G, or ,low)",
                "kexec --version; grep -i 'crash kernel' /proc/iomem; hexdump -C /proc/device-tree/'#address-cells'")),
        Of("setup_2nd_dtb failed", "kexec could not make the device tree for the crash kernel.", NewerKexec),
        Of("Base address: {w} is not page aligned",
            "kexec computed address {1} for a piece, which is no page's: a bug of kexec-tools with this image.", NewerKexec),
        Of("Unable to find crash kernel's region", "kexec does not find the reserved range (\"Crash kernel\") in /proc/iomem.",
            new ToolFix("See whether it is there, and as root", "grep -i crash /proc/iomem; dmesg | grep -i crashkernel")),
        // The scripts around it.
        Of("sed: -e expression {t}", ScriptWhy, ScriptFix) with { Mark = Note },
        Of("/kdumpctl: line {w}: {e}: command not found", ScriptWhy, ScriptFix) with { Mark = Note },
        Of("/kdumpctl: line {w}: {e}: unbound variable", ScriptWhy, ScriptFix) with { Mark = Note },
        Of("/kdumpctl: line {w}: syntax error{t}", ScriptWhy, ScriptFix) with { Mark = Note },
        Of("/kdump-lib.sh: line {w}: {e}: command not found", ScriptWhy, ScriptFix) with { Mark = Note },
        // systemctl kexec, which loads a kernel itself where none is loaded.
        .. new[] { "Cannot find the ESP partition mount point", "Couldn't find EFI system partition",
            "No kexec kernel loaded and autodetection failed" }.Select(w => Of(w, NoEntry, Entry)),
        // Messages that only say that loading failed.
        Of("failed to load kdump kernel", "") with { Mark = Consequence },
        Of("failed to load the kdump kernel", "") with { Mark = Consequence },
        Of("failed to load kexec kernel", "") with { Mark = Consequence },
        Of("kexec: load failed", "") with { Mark = Consequence },
        Of("# CONFIG_KEXEC_FILE is not set", "") with { Mark = NoFileLoad },
    ];

    private static ToolMessage Of(string wording, string means, params ToolFix[] fixes) =>
        new(ToolStage.Loading, wording, means, fixes);
}
