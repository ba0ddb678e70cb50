namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>What the program crash(8) says when it cannot open a dump.</summary>
internal static class CrashToolMessages
{
    /// <summary>crash reads the running kernel, not a dump; the dump is of a Xen dom0; it hints at an old version.</summary>
    public const string Live = "live", Xen = "xen", Old = "old";

    /// <summary>The program is drgn, not crash.</summary>
    public const string DrgnRuns = "drgn";

    /// <summary>Which kernel's vmlinux it was given, and which kernel the dump says it is of.</summary>
    public const string VmlinuxOf = "vmlinux of", DumpOf = "dump of";

    private static readonly ToolFix Whole = new("See whether the dump is whole", "kdt vmcore verify vmcore; ls -l vmcore*");

    /// <summary>Offsets of a raw memory image were given by hand.</summary>
    public const string Offsets = "offsets";

    private static readonly ToolFix Drgn = new("Use a drgn with libkdumpfile (the distributions' packages have it), or the ELF form",
        "drgn --version; kdt vmcore info vmcore; makedumpfile -E vmcore vmcore.elf");

    public static readonly ToolMessage[] All =
    [
        Of("page excluded: *address: {w}*type: \"{e}\"",
            "The page with {2} ({1}) was left out when the dump was written: makedumpfile took it for one that nobody needs, because it " +
                "is older than the crashed kernel, or crash itself looks at a wrong address because its vmlinux is of another build.",
            new ToolFix("Compare the builds, and check what the dump contains",
                "kdt vmcore info vmcore; kdt vmcore verify vmcore; strings vmlinux | " +
                "grep -m1 'Linux version'")),
        Of("seek error: physical address: {w}*type: \"{e}\"",
            "Walking the page tables, crash came to physical address {1} ({2}), which is not in the dump: this crash is older than the " +
            "kernel and reads the tables wrongly, or the dump is cut off or incomplete.",
            new ToolFix("Use a newer crash", "crash --version; uname -r"), Whole),
        Of("seek error: *address: {w}*type: \"{e}\"",
            "The dump does not hold the address {1} ({2}): it is cut off or incomplete, or the vmlinux is of another build.", Whole,
            new ToolFix("Compare the builds; a newer crash if they match", "kdt vmcore info vmcore; crash --version; uname -r")),
        Of("read error: *address: {w}*type: \"{e}\"",
            "The dump's data at {1} ({2}) could not be read: it is cut off or damaged.", Whole),
        Of("may be truncated or incomplete", "The dump is shorter than its header says: writing it was broken off.", Whole),
        Of("invalid kernel virtual address: {w}  type: \"{e}\"",
            "{2} would lie at {1}, which is no address of that kernel: vmlinux and dump are of different builds, or this crash is older " +
                "than the kernel.", new ToolFix("Compare the builds",
                "kdt vmcore info vmcore; strings vmlinux | grep -m1 'Linux version'; crash --version")),
        Of("WARNING: invalid linux_banner pointer: {w}",
            "Where crash looks for a pointer to the kernel's banner it found {1}: it is older than the kernel (in newer ones " +
                "linux_banner is the text itself, and {1} are its first letters), or the vmlinux is of another build. That they \"do not " +
                "match\" follows from this.",
            new ToolFix("Use a newer crash; then compare the builds", "crash --version; uname -r; strings vmlinux | grep -m1 'Linux " +
                "version'")),
        Of("crash: {e} and {e} do not match", "{1} and {2} are of different builds of the kernel.",
            new ToolFix("Install the debuginfo package of exactly the kernel that crashed", "kdt vmcore info vmcore")),
        Of("vmlinux*: no debugging data available", "The vmlinux has no debug information.",
            new ToolFix("Use the vmlinux of the kernel's debuginfo package (kernel-debuginfo, linux-image-…-dbg)", "file vmlinux")),
        Of("cannot allocate any more memory", "crash asked for more memory than it could get: mostly a senseless size, read " +
            "out of a structure that this version does not know (crash is older than the kernel), seldom a machine that is too small.",
            new ToolFix("Use a newer crash; then one with more memory", "crash --version; uname -r; free -m")),
        Of("crash: read error: {e} (flat format): truncated/incomplete", "The flattened dump {1} is cut off: writing it was interrupted " +
            "(no room left, the crash kernel ran out of memory, or the machine was restarted before it was done).",
            new ToolFix("See how much of it there is, and why it ended", "ls -l {1}; df -h /var/crash; kdt vmcore info {1}"), Whole),
        Of("crash: {e}: not a supported file format",
            "{1} is not a dump or kernel in a format that this crash supports: it is truncated at its " +
            "beginning, flattened (written over ssh; put it together first), or of another kind.",
            new ToolFix("Check what it is; rearrange a flattened dump", "kdt vmcore info {1}; makedumpfile -R vmcore < {1}")),
        Of("vm*: not a supported file format", "The file is not a dump or a kernel in a form that this crash knows; a flattened dump " +
            "(written over ssh) must be put together first.",
                new ToolFix("Check what it is; rearrange a flattened dump", "kdt vmcore info FILE; makedumpfile -R vmcore < FILE")),
        Of("crash: cannot determine {t}", "crash could not find out {1}: the dump's notes are missing, or it is older than the kernel.",
            new ToolFix("Use a newer crash", "crash --version; kdt vmcore info vmcore")),
        Of("cannot resolve \"{e}\"",
            "crash looks for {1}, which this kernel does not have any more: crash is older than the kernel.",
            new ToolFix("Use a newer crash", "crash --version; uname -r")),
        Of("invalid structure member offset: {w}",
            "crash asks for {1}, which this kernel's structures do not have: crash is older than the kernel.",
            new ToolFix("Use a newer crash", "crash --version; uname -r")),
        Of("invalid structure size: {w}",
            "crash asks for the size of {1}, which this kernel does not have: crash is older than the kernel.",
            new ToolFix("Use a newer crash", "crash --version; uname -r")),
        Of("zero-size memory allocation!",
            "crash computed a size of zero out of the kernel's structures: the vmlinux has no (or reduced) debug information, or crash " +
            "is older than the kernel.",
            new ToolFix("Use a newer crash, and a vmlinux with full debug information (CONFIG_DEBUG_INFO, not _REDUCED or _SPLIT)",
                "crash --version; uname -r; readelf -S vmlinux | grep debug_info")),
        Of("crash: cannot get {t}",
            "crash could not get {1}: the dump's notes (VMCOREINFO) do not tell it, as in a raw copy of memory, or " +
            "crash is older than the kernel.",
            new ToolFix("Use a newer crash, and a dump with notes; for a raw memory image give what they would tell (--machdep, -m)",
                "crash --version; kdt vmcore info vmcore; crash --help machdep")),
        Of("drgn was built without libkdumpfile support", "This drgn reads ELF dumps only: it was built without libkdumpfile, which the " +
            "kdump-compressed form needs.", Drgn),
        Of("FileFormatError: not an ELF file", "drgn takes ELF dumps; the file is kdump-compressed or flattened, which needs a drgn with " +
            "libkdumpfile (older ones say just this).", Drgn),
        Of("Exception: kdump_{w}({e}): {t}",
            "libkdumpfile, which reads the dump for drgn, found no {2} in it ({3}): the file is in a form " +
            "that it does not recognise (flattened, cut, of another kind), or it is older than the dump.",
            new ToolFix("See what the file is; put a flattened one together", "kdt vmcore info FILE; makedumpfile -R vmcore < FILE")),
        Of("Exception: kdump_{w}: {t}", "libkdumpfile, which reads the dump for drgn, says: {2}.",
            new ToolFix("See what the file is", "kdt vmcore info FILE")),
        Of("not an ELF core file", "The program takes ELF dumps only: the file is kdump-compressed or flattened and drgn was built " +
            "without libkdumpfile, or it is no dump.",
            new ToolFix("Check what it is; drgn needs libkdumpfile for the compressed format", "kdt vmcore info FILE; drgn --version")),
        Of("not an ELF file; ignoring", "The program takes ELF files there: the dump is kdump-compressed or flattened.",
            new ToolFix("Check what it is, and give the dump with -c", "kdt vmcore info FILE")),
        Of("virtual address translation is only available for the Linux kernel",
            "drgn takes the dump for the core of an ordinary program: " +
            "it found no VMCOREINFO note, by which it knows a kernel's dump. QEMU's dump-guest-memory writes that note only for a guest " +
            "with the device vmcoreinfo. The dump itself may be whole.",
            new ToolFix("Give the guest the device for the next time (-device vmcoreinfo; libvirt: <vmcoreinfo state='on'/>); for this " +
                "dump hand the note over by hand (drgn --vmcoreinfo), or use crash", "kdt vmcore info FILE; readelf -n FILE | head")),
        Of("couldn't find kernel build ID", "drgn found no build ID of the kernel in the dump: kernels before 5.9 do not write it into " +
            "VMCOREINFO. So it cannot tell that the given vmlinux is the right one, and some versions of drgn then use none.",
            new ToolFix("Use another version of drgn (0.0.30 took the vmlinux as given; later ones do again)",
                "pip install -U drgn; drgn " +
                "--version; kdt vmcore info FILE")),
        Of("FaultError: could not find memory segment: {w}",
            "drgn needs address {1}, which is not in the dump: the page was left out, the " +
            "dump is cut off, or the address is wrong.", Whole),
        Of("get_live_memory_source: {t}", "") with { Mark = Live },
        Of("drgn-crash ", "") with { Mark = DrgnRuns },
        Of("drgn -c ", "") with { Mark = DrgnRuns },
        Of("drgn 0.", "") with { Mark = DrgnRuns },
        Of("drgn.helpers", "") with { Mark = DrgnRuns },
        Of("xen_kdump_p2m", "") with { Mark = Xen },
        Of("--kaslr={w}", "") with { Mark = Offsets },
        Of("phys_offset={w}", "") with { Mark = Offsets },
        Of("WARNING: could not find MAGIC_START", "") with { Mark = Old },
        Of("/usr/lib/debug/lib/modules/{e}/vmlinux", "") with { Mark = VmlinuxOf },
        Of("/usr/lib/debug/boot/vmlinux-{e} /", "") with { Mark = VmlinuxOf },
        Of("         release: {t}", "") with { Mark = DumpOf },
        Of("     RELEASE: {t}", "") with { Mark = DumpOf },
    ];

    private static ToolMessage Of(string wording, string means, params ToolFix[] fixes) => new(ToolStage.Opened, wording, means, fixes);
}
