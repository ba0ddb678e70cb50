namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>What the program crash(8) says when it cannot open a dump.</summary>
internal static class CrashToolMessages
{
    /// <summary>
    /// Live: crash reads the running kernel, not a dump. Xen: the dump is of a Xen dom0. Old: the line hints at an old version.
    /// </summary>
    public const string Live = "live", Xen = "xen", Old = "old";

    /// <summary>Something could not be read: a consequence of another line, where there is one.</summary>
    public const string Follows = "follows";

    /// <summary>The reason for all other messages of the run.</summary>
    public const string First = "first";

    /// <summary>Session: crash's heading or prompt shows that it is open. Kcore: crash changed from /dev/mem to /proc/kcore.</summary>
    public const string Session = "session", Kcore = "kcore";

    /// <summary>/dev/mem refuses to be read; other programs print that, too.</summary>
    public const string DevMem = "/dev/mem";

    /// <summary>The dump is a minidump: it holds chosen regions only.</summary>
    public const string Partial = "partial";

    /// <summary>The file begins with makedumpfile's own name: it is flattened.</summary>
    public const string Flat = "flat";

    /// <summary>The program is drgn, not crash.</summary>
    public const string DrgnRuns = "drgn";

    /// <summary>VmlinuxOf: the kernel of the vmlinux that crash was given. DumpOf: the kernel that the dump names.</summary>
    public const string VmlinuxOf = "vmlinux of", DumpOf = "dump of";

    private static readonly ToolFix Whole = new("See whether the dump is whole", "kdt vmcore verify vmcore; ls -l vmcore*");

    /// <summary>Offsets of a raw memory image were given by hand.</summary>
    public const string Offsets = "offsets";

    private static readonly ToolFix Builds = new("Compare the builds: " +
        "the vmlinux of exactly the kernel that crashed, not of the crash kernel " +
        "or of the one that runs now", "kdt vmcore info vmcore; strings vmlinux | grep -m1 'Linux version'; crash --version");

    private static readonly ToolFix Newer = new("Use a newer crash", "crash --version; uname -r");

    private static readonly ToolFix Recompress = new("Build crash with that library (make lzo, make snappy, " +
        "make zstd), or give it the dump in a form that it reads", "makedumpfile -c -d 31 vmcore vmcore.zlib; kdt vmcore info vmcore");

    private static readonly ToolFix Drgn = new("Use a drgn with libkdumpfile (the distributions' packages have it), or the ELF form",
        "drgn --version; kdt vmcore info vmcore; makedumpfile -E vmcore vmcore.elf");

    public static readonly ToolMessage[] All =
    [
        Of("/dev/mem: Operation not permitted", "") with { Mark = DevMem },
        Of("/dev/mem: Permission denied", "") with { Mark = DevMem },
        Of("page excluded: *address: {w}*type: \"{e}\"",
            "The page with {2} ({1}) was left out when the dump was written: " +
                "makedumpfile took it for one that is not needed, because it is older than the crashed kernel, " +
                "or crash itself looks at a wrong address because its vmlinux is of another build.",
            new ToolFix("Compare the builds, and check what the dump contains",
                "kdt vmcore info vmcore; kdt vmcore verify vmcore; strings vmlinux | grep -m1 'Linux version'")),
        Of("seek error: physical address: {w}*type: \"{e}\"",
            "Walking the page tables, crash came to physical address {1} ({2}), which is not in the dump: " +
            "this crash is older than the kernel and reads the tables wrongly, or the dump is cut off or incomplete.",
            new ToolFix("Use a newer crash", "crash --version; uname -r"), Whole),
        Of("seek error: *address: {w}*type: \"{e}\"",
            "The dump does not hold the address {1} ({2}): it is cut off or incomplete, " +
            "the makedumpfile that wrote it is older than the kernel and left out pages that it did not understand, " +
            "or the vmlinux is of another build.", Whole,
            new ToolFix("Compare the builds; a newer crash if they match", "kdt vmcore info vmcore; crash --version; uname -r"),
            new ToolFix("For the next dump use a makedumpfile as new as the kernel, and build the crash kernel's image anew",
                "makedumpfile -v; uname -r; kdumpctl rebuild")) with { Mark = Follows },
        Of("read error: *address: {w}*type: \"{e}\"",
            "crash could not read {2} at {1}: the dump is cut off or damaged there, or that is not the place, " +
            "because the vmlinux is of another kernel (or build) than the dump, crash did not find out where the kernel was loaded " +
            "(KASLR, a dump made by a hypervisor), or it is older than the kernel.", Builds, Whole) with { Mark = Follows },
        Of("may be truncated or incomplete", "The dump is shorter than its header says: writing it was broken off.", Whole),
        Of("invalid kernel virtual address: {w}  type: \"{e}\"",
            "{2} would lie at {1}, which is no address of that kernel: " +
                "vmlinux and dump are of different builds, or this crash is older than the kernel.", new ToolFix("Compare the builds",
                "kdt vmcore info vmcore; strings vmlinux | grep -m1 'Linux version'; crash --version")),
        Of("WARNING: invalid linux_banner pointer: {w}",
            "Where crash looks for a pointer to the kernel's banner it found {1}: it is older than the kernel (in newer ones " +
                "linux_banner is the text itself, and {1} are its first letters), or the vmlinux is of another build. That they \"do not " +
                "match\" follows from this.",
            new ToolFix("Use a newer crash; then compare the builds", "crash --version; uname -r; strings vmlinux | grep -m1 'Linux " +
                "version'")),
        // crash puts the name of its program before its messages; phone makers build one for each word size.
        .. new[] { "crash", "crash64", "crash_64", "crash32", "crash_32", "crash_arm64", "crash_arm", "crash_x86_64" }.Select(n =>
            Of($"{n}: {{e}} and {{e}} do not match", "{1} and {2} are of different builds of the kernel.",
            new ToolFix("Install the debuginfo package of exactly the kernel that crashed", "kdt vmcore info vmcore"))
            with { Mark = Follows }),
        Of("uncompress failed: no {w} compression support", "The dump's pages are compressed with {1}, and this crash was built without " +
            "it. The dump is not to blame; what could not be read after it follows from this.", Recompress),
        Of("compressed kdump: uncompress failed{t}", "A page of the dump could not be decompressed: the dump is damaged, or this crash " +
            "does not know its compression ({1}).", Whole, Recompress),
        Of("Elf64_Phdr pointer: {w}*ELF header end: {w}", "crash does not take the file for a dump: its ELF header and the table of " +
            "segments behind it do not lie as in a dump of /proc/vmcore, diskdump or QEMU. So write tools of hypervisors that convert " +
            "a suspended machine (vmss2core), or the file is cut or of another kind. The crashed kernel has no part in it.",
            new ToolFix("Look at the file's header; give crash the hypervisor's own file (.vmss with its .vmem) or convert it again " +
                "with a newer tool", "readelf -hl FILE | head -40; kdt vmcore info FILE; crash --version")),
        Of("Elf32_Phdr pointer: {w}*ELF header end: {w}", "crash does not take the file for a dump: its ELF header and the table of " +
            "segments behind it do not lie as in a dump. It was converted by another tool, is cut, or is no dump.",
            new ToolFix("Look at the file's header", "readelf -hl FILE | head -40; kdt vmcore info FILE")),
        Of("module syment space malloc ({w} symbols): {t}", "crash counts {1} symbols of modules, which is nonsense: " +
            "it read the list of modules wrongly, because it is older than the kernel, " +
            "was built for another machine or word size than the dump's, or the vmlinux is of another build. It is no lack of memory.",
            new ToolFix("Use a newer crash, built for the dump's machine (make target=X86 for 32 bits); " +
                "--no_modules opens the dump without them",
                "crash --version; file vmlinux vmcore; crash --no_modules vmlinux vmcore")),
        Of("type: \"module symbols\"", "crash could not read the symbols of the modules: " +
            "it does not know how this kernel keeps its modules (it is older than the kernel), or that memory is not in the dump.",
            new ToolFix("Use a newer crash; --no_modules opens the dump without them",
                "crash --version; crash --no_modules vmlinux vmcore")),
        Of("cannot find booted kernel -- please enter namelist argument", "crash found no vmlinux " +
            "with debug information for the kernel that runs.", new ToolFix("Install the debuginfo package and name its vmlinux",
                "crash /usr/lib/debug/lib/modules/$(uname -r)/vmlinux")),
        Of("warf Error: wrong version in compilation unit header (is {w},",
            "The gdb inside this crash is older than the debug format of the vmlinux (DWARF {1}).", Newer),
        Of("WARF error: {t}", "The gdb inside this crash does not understand the debug information of the vmlinux: {1}.", Newer),
        Of("WARNING: machine type mismatch:", "This crash was built for another processor than the dump's.",
            new ToolFix("Build crash for that one, or use it on such a machine", "crash --version; file vmlinux; make target=ARM64")),
        Of("crash: {e}: No such file or directory", "The file {1}, which was given to crash, is not there.",
            new ToolFix("Look for it: dump and vmlinux",
                "ls -l /var/crash/*; ls /usr/lib/debug/lib/modules/*/vmlinux /usr/lib/debug/boot")),
        Of("WARNING: kernel version inconsistency between vmlinux and dumpfile",
            "The dump is of another version of the kernel than the vmlinux: " +
            "crash looks at the places of another kernel, and whatever it cannot read or finds senseless follows from that.",
            Builds) with { Mark = First },
        Of("kimage_voffset cannot be determined from the dumpfile", "The dump's notes do not tell where the arm64 kernel was loaded " +
            "(kimage_voffset): it was made by a hypervisor without them, or crash does not read the form of the file.",
            new ToolFix("Give it by hand (--machdep kimage_voffset=…), or see what form the file has: a flattened one must be joined",
                "kdt vmcore info FILE; makedumpfile -R vmcore < FILE; crash --help machdep")),
        Of("WARNING: possibly corrupt Elf{e}_Nhdr: {t}",
            "The notes of the ELF dump are not where crash looks for them ({2}): " +
            "the dump has more segments than the header's own count holds " +
            "(65535 and more, as makedumpfile -E writes for much memory), which this crash does not know; " +
            "or the file is cut, or was written by another tool. What it says of the builds follows from this.",
            new ToolFix("Use the compressed form instead of ELF (makedumpfile -d 31 without -E), or a newer crash",
                "readelf -hW FILE | grep -i 'program headers'; kdt vmcore info FILE; crash --version")),
        Of(" minidump_{e}", "") with { Mark = Partial },
        Of("/minidump{t}", "") with { Mark = Partial },
        Of("WARNING: cannot read linux_banner string",
            "Where the vmlinux has the kernel's banner the dump has something else or nothing: " +
            "they are of different builds, or crash did not find out where the kernel was loaded.", Builds) with { Mark = Follows },
        Of("WARNING: cannot read {t}", "crash could not read {1}: it looks at a wrong place " +
            "(vmlinux of another build, KASLR, an old crash), or the page is not in the dump.", Builds) with { Mark = Follows },
        Of("WARNING: cannot access vmalloc'd module memory", "crash could not follow the page tables to the modules: " +
            "they are not in the dump, " +
            "or it looks at a wrong place (vmlinux of another build, KASLR, a dump made by a hypervisor, an old crash).",
            Builds) with { Mark = Follows },
        Of("unable to initialize kmem slab cache subsystem", "crash could not follow the kernel's slab caches: " +
            "pages are missing, or it is older than the kernel.", Newer, Whole) with { Mark = Follows },
        Of("vmlinux*: no debugging data available", "The vmlinux has no debug information.",
            new ToolFix("Use the vmlinux of the kernel's debuginfo package (kernel-debuginfo, linux-image-…-dbg)", "file vmlinux")),
        Of("cannot allocate any more memory", "crash asked for more memory than it could get: mostly a senseless size, " +
            "read out of a structure that this version does not know (crash is older than the kernel), seldom a machine that is too small.",
            new ToolFix("Use a newer crash; then one with more memory", "crash --version; uname -r; free -m")),
        Of("crash: read error: {e} (flat format): truncated/incomplete", "The flattened dump {1} is cut off: writing it was interrupted " +
            "(no room left, the crash kernel ran out of memory, or the machine was restarted before it was done).",
            new ToolFix("See how much of it there is, and why it ended", "ls -l {1}; df -h /var/crash; kdt vmcore info {1}"), Whole),
        .. new[] { "vmlinuz", "bzImage", "zImage" }.Select(n => Of($"crash: *{n}*: not a supported file format",
            $"crash was given {n}, the compressed kernel that boots: it needs vmlinux, " +
            "the kernel with symbols and debug information, of exactly the build that crashed. Nothing is said of the dump.",
            new ToolFix("Install the kernel's debug information and give its vmlinux", "uname -r; find /usr/lib/debug -name 'vmlinux*'; " +
            "crash VMLINUX VMCORE   # a kernel built by oneself: vmlinux in the top of its build folder"))),
        Of("crash: {e}: not a supported file format",
            "{1} is not a dump or kernel in a format that this crash supports: " +
            "it is truncated at its beginning, flattened (written over ssh; put it together first), or of another kind.",
            new ToolFix("Check what it is; rearrange a flattened dump", "kdt vmcore info {1}; makedumpfile -R vmcore < {1}")),
        Of("vm*: not a supported file format", "The file is not a dump or a kernel in a form that this crash knows; a flattened dump " +
            "(written over ssh) must be put together first.",
                new ToolFix("Check what it is; rearrange a flattened dump", "kdt vmcore info FILE; makedumpfile -R vmcore < FILE")),
        Of("crash: cannot determine VA_BITS_ACTUAL", "crash could not find out how many bits an address of this arm64 kernel has: " +
            "the dump's notes do not tell it " +
            "(TCR_EL1_T1SZ, vabits_actual), or this crash is older than the kernel and looks for another name.",
            new ToolFix("Give it by hand, or use a newer crash", "crash vmlinux vmcore -m vabits_actual=48; " +
                "crash --version; kdt vmcore info vmcore")),
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
            "crash computed a size of zero out of the kernel's structures: " +
            "the vmlinux has no (or reduced) debug information, or crash is older than the kernel.",
            new ToolFix("Use a newer crash, and a vmlinux with full debug information (CONFIG_DEBUG_INFO, not _REDUCED or _SPLIT)",
                "crash --version; uname -r; readelf -S vmlinux | grep debug_info")),
        Of("crash: cannot get {t}",
            "crash could not get {1}: " +
            "the dump's notes (VMCOREINFO) do not tell it, as in a raw copy of memory, or crash is older than the kernel.",
            new ToolFix("Use a newer crash, and a dump with notes; for a raw memory image give what they would tell (--machdep, -m)",
                "crash --version; kdt vmcore info vmcore; crash --help machdep")),
        Of("drgn was built without libkdumpfile support", "This drgn reads ELF dumps only: " +
            "it was built without libkdumpfile, which the kdump-compressed form needs.", Drgn),
        Of("FileFormatError: not an ELF file", "drgn takes ELF dumps; " +
            "the file is kdump-compressed or flattened, which needs a drgn with libkdumpfile (older ones say just this).", Drgn),
        Of("Exception: kdump_{w}({e}): {t}",
            "libkdumpfile, which reads the dump for drgn, found no {2} in it ({3}): " +
            "the file is in a form that it does not recognise (flattened, cut, of another kind), or it is older than the dump.",
            new ToolFix("See what the file is; put a flattened one together", "kdt vmcore info FILE; makedumpfile -R vmcore < FILE")),
        Of("Exception: kdump_{w}: {t}", "libkdumpfile, which reads the dump for drgn, says: {2}.",
            new ToolFix("See what the file is", "kdt vmcore info FILE")),
        Of("not an ELF core file", "The program takes ELF dumps only: " +
            "the file is kdump-compressed or flattened and drgn was built without libkdumpfile, or it is no dump.",
            new ToolFix("Check what it is; drgn needs libkdumpfile for the compressed format", "kdt vmcore info FILE; drgn --version")),
        Of("not an ELF file; ignoring", "The program takes ELF files there: the dump is kdump-compressed or flattened.",
            new ToolFix("Check what it is, and give the dump with -c", "kdt vmcore info FILE")),
        Of("virtual address translation is only available for the Linux kernel",
            "drgn takes the dump for the core of an ordinary program: it found no VMCOREINFO note, by which it knows a kernel's dump. " +
            "QEMU's dump-guest-memory writes that note only for a guest with the device vmcoreinfo. The dump itself may be whole.",
            new ToolFix("Give the guest the device for the next time (-device vmcoreinfo; " +
                "libvirt: <vmcoreinfo state='on'/>); for this dump hand the note over by hand " +
                "(drgn --vmcoreinfo), or use crash", "kdt vmcore info FILE; readelf -n FILE | head")),
        Of("couldn't find kernel build ID", "drgn found no build ID of the kernel in the dump: " +
            "kernels before 5.9 do not write it into VMCOREINFO. " +
            "So it cannot tell that the given vmlinux is the right one, and some versions of drgn then use none.",
            new ToolFix("Use another version of drgn (0.0.30 took the vmlinux as given; later ones do again)",
                "pip install -U drgn; drgn --version; kdt vmcore info FILE")),
        Of("FaultError: could not find memory segment: {w}",
            "drgn needs address {1}, which is not in the dump: " +
            "the page was left out, the dump is cut off, or the address is wrong.", Whole),
        Of("recursive address translation; page table may be missing from core dump: {w}",
            "drgn follows the kernel's page tables and comes back to the same one: " +
            "a page with page tables is not in the dump (left out by a filter, or the memory it lies in was not dumped), " +
            "or the dump does not tell where the kernel was loaded (swapper_pg_dir, phys_base, kimage_voffset in VMCOREINFO; " +
            "ranges with addresses in its headers). Nothing of the kernel can be read then; the rest of the dump may be whole.",
            new ToolFix(
                "Compare what the dump tells with the vmlinux, and try crash or a newer drgn (with libkdumpfile for the compressed form)",
                "kdt vmcore info FILE; readelf -lW FILE | head -30; drgn --version")),
        Of("FaultError: memory not saved in core dump: {w}", "drgn needs address {1}, whose page was left out when the dump was written " +
            "(makedumpfile's filter).", Whole),
        Of("could not read memory from kdump: {t}", "libkdumpfile could not give drgn a page of the dump: {1}.", Whole),
        Of("FaultError: address is not mapped: {w}", "drgn was asked for address {1}, which that kernel does not map: " +
            "a wrong or freed pointer, or the structure is laid out otherwise than the debug information says.", Whole),
        Of("ObjectNotFoundError: could not find '{e}'", "drgn's debug information has no {1}: " +
            "the helper or script is for another version of the kernel, or the debug information is not loaded.",
            new ToolFix("Use a newer drgn, and give it the vmlinux and the modules", "drgn --version; drgn -c vmcore -s vmlinux")),
        Of("could not find debugging information", "drgn has no debug information for that kernel.",
            new ToolFix("Give it the vmlinux with -s, or install the debuginfo package", "drgn -c vmcore -s vmlinux; drgn --version")),
        Of("VMCOREINFO does not contain {t}",
            "The dump's VMCOREINFO lacks {1}: it is damaged, or of a kernel or tool that does not write it.",
            new ToolFix("See what it holds", "kdt vmcore info FILE")),
        Of("/proc/kcore: Permission denied", "The running kernel's memory may be read by root only.",
            new ToolFix("Run it as root", "sudo drgn; sudo crash")),
        Of("/proc/kcore: Operation not permitted",
            "The running kernel does not allow its memory to be read: it is locked down (secure boot).",
            new ToolFix("See", "cat /sys/kernel/security/lockdown; mokutil --sb-state")),
        Of("6d61 6b65 6475 6d70 6669 6c65", "") with { Mark = Flat },
        Of("       DUMPFILE: {t}", "") with { Mark = Session },
        Of("      DUMPFILE: {t}", "") with { Mark = Session },
        Of("crash> {t}", "") with { Mark = Session },
        Of("renders /dev/mem unusable as a live memory source", ""),
        Of("trying /proc/kcore as an alternative to /dev/mem", "") with { Mark = Kcore },
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
