using System.Globalization;

namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>Language runtimes that report that they got no memory or reached their own limit.</summary>
internal static class ProgramFamilies
{
    private static readonly Fix[] HeapFixes =
    [
        new("Find out what fills it: take a heap dump at that moment and analyse it",
            "java -XX:+HeapDumpOnOutOfMemoryError -XX:HeapDumpPath=/var/tmp …"),
        new("If the program needs it, raise the heap (-Xmx) within what the machine or container has"),
    ];

    private static readonly Fix[] SystemFixes =
    [
        new("Compare the memory it requests (-Xms, -Xmx, -XX:MaxDirectMemorySize, -XX:ReservedCodeCacheSize) with the available memory",
            "free -m; sysctl vm.overcommit_memory vm.max_map_count; ulimit -v; cat /sys/fs/cgroup/memory.max"),
        new("Lower the heap (-Xms and -Xmx), end other programs, or give the machine or container more memory or swap"),
    ];

    public static readonly Family PackageScript = new("package-script-failed", "the installation script of a package failed")
    {
        Area = Area.Preparing,
        Confidence = 0.9,
        CausedBy = ["initramfs-not-built", "kdump-image-not-built", "kernel-hook-failed", "dkms-build-failed", "filesystem-full",
            "boot-program-failed", "boot-loader-not-written"],
        Cause = "Package managers run a script of the package behind (or before) its files; " +
            "it failed, so the package is installed half or not at all. " +
            "The kernel has no part in it. In a container or where an image is built (rpm-ostree, chroot, " +
            "bwrap) a program, /proc, /dev or /boot that the script needs is often missing; the line before tells what it did not find.",
        Fixes =
        [
            new("Read the script and run it by hand to see which of its commands fails",
                "rpm -q --scripts PACKAGE || cat /var/lib/dpkg/info/PACKAGE.postinst; sh -x SCRIPT"),
            new("Then complete the installation", "dnf reinstall PACKAGE || dpkg --configure -a"),
        ],
        Tellings =
        [
            new("Running %{w} for {e}: {t}", "the script %{1} of package {2} failed: {3}") { Subject = 2 },
            new("%{e}({e}) scriptlet failed, exit status {w}", "the script %{1} of package {2} failed (status {3})") { Subject = 2 },
            new("Error in {w} scriptlet in rpm package {w}", "the script {1} of package {2} failed") { Subject = 2 },
            new("installed {e} package {e} script subprocess returned error exit status {w}",
                "the {2} script of package {1} failed (status {3})") { Subject = 1 },
            new("subprocess installed {e} script returned error exit status {w}", "the {1} script of a package failed (status {2})")
                { Subject = 0 },
        ],
        Origin = "rpm lib/rpmscript.c, rpm-ostree src/libpriv, dpkg src/main/script.c; kdump-utils issue 56",
    };

    public static readonly Family MemoryRefused = new("program-memory-refused", "a program could not get memory, or reached its own limit")
    {
        Area = Area.Crashing,
        Cause = "The program reports it itself. A full heap is the program's own limit, however much memory the machine has left; " +
            "memory that the system refuses is the machine's, " +
            "the container's or a limit of the process (ulimit, vm.max_map_count, overcommit).",
        Fixes = SystemFixes,
        Tellings =
        [
            new("Native memory allocation (mmap) failed to map {w} bytes", "a Java program was refused {1} bytes of memory by the system",
                "The machine, the container or a limit had no room for what the JVM asked for. At the start that is its heap (-Xms): " +
                    "larger than the memory that is free.")
                { Subject = 0, Reads = Size },
            new("Native memory allocation (malloc) failed to allocate {w} bytes",
                "a Java program was refused {1} bytes of memory by the system",
                "The memory outside of the Java heap ran out: threads, buffers, compiled code, or the whole machine.")
                { Subject = 0, Reads = Size },
            new("os::commit_memory({e}, {w}, {e}) failed; error='{e}' (errno=12)",
                "a Java program was refused {2} bytes of memory by the system (ENOMEM)",
                "The machine, the container or a limit had no room for what the JVM asked for.") { Subject = 0 },
            new("Could not reserve enough space for {w} object heap", "a Java program could not reserve its heap ({1})",
                "The heap (-Xmx) is larger than the memory, or than a limit (ulimit -v, a container) allows.") { Subject = 0 },
            new("There is insufficient memory for the Java Runtime Environment to continue",
                "a Java program was refused memory by the system")
                { Subject = 0 },
            new("java.lang.OutOfMemoryError: Java heap space", "a Java program used up its heap (-Xmx)",
                "The program's own limit is reached; the machine may have much left. The kernel has no part in it.")
                { Subject = 0, Fixes = HeapFixes },
            new("java.lang.OutOfMemoryError: GC overhead limit exceeded",
                "a Java program used up its heap (-Xmx): it only collects garbage",
                "The program's own limit is reached; the machine may have much left. The kernel has no part in it.")
                { Subject = 0, Fixes = HeapFixes },
            new("java.lang.OutOfMemoryError: Metaspace", "a Java program used up its space for classes (metaspace)",
                "Classes are loaded again and again, or -XX:MaxMetaspaceSize is too small.") { Subject = 0, Fixes = HeapFixes },
            new("java.lang.OutOfMemoryError: Direct buffer memory", "a Java program used up its direct buffers",
                "-XX:MaxDirectMemorySize is reached: buffers of network or file I/O are not given back, or it is too small.")
                { Subject = 0, Fixes = HeapFixes },
            new("java.lang.OutOfMemoryError: Map failed", "a Java program could not map a file: too many mappings, or no address space")
                { Subject = 0, Fixes = [new("Raise the limit of mappings", "sysctl vm.max_map_count; sysctl -w vm.max_map_count=262144")] },
            new("Reached heap limit Allocation failed - JavaScript heap out of memory", "a Node.js program used up its heap",
                "V8's own limit is reached, whatever the machine has left.")
                { Subject = 0, Fixes = [new("Raise it if the program needs it", "node --max-old-space-size=4096 …")] },
            new("JavaScript heap out of memory", "a Node.js program used up its heap",
                "V8's own limit is reached, whatever the machine has left.")
                { Subject = 0, Fixes = [new("Raise it if the program needs it", "node --max-old-space-size=4096 …")] },
            new("fatal error: runtime: out of memory", "a Go program was refused memory by the system") { Subject = 0,
                Fixes = [new("See what the machine or container has, and what the program used",
                    "free -m; cat /sys/fs/cgroup/memory.max")] },
            new("fatal error: runtime: cannot allocate memory", "a Go program was refused memory by the system") { Subject = 0,
                Fixes = [new("See what the machine or container has, and what the program used",
                    "free -m; cat /sys/fs/cgroup/memory.max")] },
            new("terminate called after throwing an instance of 'std::bad_alloc'", "a C++ program was refused memory (std::bad_alloc)")
                { Subject = 0, Fixes = [new("See what the machine or container has, and limits of the process", "free -m; ulimit -v")] },
        ],
        Origin = "OpenJDK src/hotspot (os_linux.cpp, debug.cpp); V8; Go runtime/malloc.go; libstdc++",
    };

    private static readonly string[] DumpPrograms =
        ["kexec", "makedumpfile", "kdump", "vmcore-dmesg", "dracut", "mkinitramfs", "update-initramfs", "kdump-config", "kdumpctl"];

    public static readonly Family DumpToolConfined = new("apparmor-denies-dump-tool", "AppArmor denies a program of the dump a file")
    {
        Area = Area.Preparing,
        Cause = "The profile under which the program runs does not allow what it needs. The program reports \"Permission denied\".",
        Explains = ["kexec-load-rejected", "kdump-service-failed"],
        Fixes =
        [
            new("See which profile it is, and let it only complain until the profile allows the file",
                "aa-status; aa-complain /usr/bin/PROGRAM"),
            new("Report the denial to the distribution: the profile lacks a rule"),
        ],
        Tellings =
        [
            new("apparmor=\"DENIED\" operation=\"{e}\" *name=\"{e}\" *comm=\"{e}\"", "AppArmor does not let {3} {1} {2}")
                { Subject = 3, Holds = taken => Array.Exists(DumpPrograms, p => taken[2].StartsWith(p, StringComparison.Ordinal)) },
        ],
        Origin = "security/apparmor/audit.c, lsm.c",
    };

    public static readonly Family VirtualisationOff = new("virtualisation-off", "the processor's virtualisation cannot be used")
    {
        Area = Area.Starting,
        Severity = Severity.Info,
        Confidence = 0.9,
        Cause = "KVM looked for the processor's virtualisation (VMX, SVM) and may not use it: " +
            "no virtual machine runs on this kernel with KVM. " +
            "It is off in the firmware's setup, or, in a guest, its hypervisor does not pass it on (nested virtualisation).",
        Fixes = [new("Switch on Intel VT-x (VMX) or AMD-V (SVM) in the firmware's setup, then switch the machine off and on; in a guest, " +
            "allow nested virtualisation on the host")],
        Tellings =
        [
            new("VMX not enabled (by BIOS) in MSR_IA32_FEAT_CTL", "KVM cannot be used: the firmware left VMX off") { Subject = 0 },
            new("SVM disabled (by BIOS) in MSR_VM_CR", "KVM cannot be used: the firmware switched SVM off") { Subject = 0 },
            new("kvm: disabled by bios", "KVM cannot be used: the firmware switched virtualisation off") { Subject = 0 },
            new("kvm: disabled by BIOS", "KVM cannot be used: the firmware switched virtualisation off") { Subject = 0 },
            new("kvm: support for '{w}' disabled by bios", "KVM cannot be used: the firmware switched virtualisation off") { Subject = 0 },
            new("kvm: no hardware support", "KVM cannot be used: the processor has no virtualisation, or does not show it") { Subject = 0 },
            new("VMX not supported by CPU", "KVM cannot be used: the processor does not show VMX") { Subject = 0 },
            new("SVM not supported by CPU", "KVM cannot be used: the processor does not show SVM") { Subject = 0 },
        ],
        Origin = "arch/x86/kvm/vmx/vmx.c, svm/svm.c, x86.c",
    };

    public static readonly Family[] All = [MemoryRefused, DumpToolConfined, VirtualisationOff, PackageScript];

    /// <summary>A number of bytes in a readable unit.</summary>
    private static string? Size(IReadOnlyList<string> taken) => long.TryParse(taken[0], out long bytes) && bytes >= 1 << 20
        ? string.Create(CultureInfo.InvariantCulture,
            $"That is {(bytes >= 1L << 30 ? $"{bytes / (double)(1L << 30):0.#} GiB" : $"{bytes / (double)(1 << 20):0} MiB")}.") : null;
}
