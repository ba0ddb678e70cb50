using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules;

namespace Kdump.Tests.Catalogue;

/// <summary>
/// Seventy-two ways in which dumps were lost, collected from sources, commits and public reports of kdump-utils, kdump-tools, SUSE's kdump,
/// makedumpfile and the kernel: each must be told by a finding of the catalogue. Where a log shows it, the line is given here and the
/// finding must come of it; what only an image, a host or a dump shows is planted by the tests of those.
/// </summary>
public sealed class KnownKdumpFailuresTests
{
    /// <summary>Where it is seen instead of in a log; <see cref="Effect"/>: nothing tells this cause, only that memory runs out.</summary>
    private const string Image = "image", Host = "host", Dump = "dump", Effect = "effect";

    private const string Oom = "[    9.100000] Out of memory: Killed process 301 (makedumpfile) total-vm:1000kB, anon-rss:100kB\n";

    private const string First = Explained.FirstBoot, Capture = Explained.CaptureBoot;

    /// <summary>Number, what went wrong, the ids that tell it, and the log that shows it or the kind of input that does.</summary>
    private static readonly (int Number, string What, string[] Ids, string Shown)[] All =
    [
        (1, "no memory is reserved", ["crashkernel-not-reserved"], "kdumpctl[901]: kdump: No memory reserved for crash kernel\n"),
        (2, "the reservation failed", ["crashkernel-not-reserved"],
            First + "[    0.010000] crashkernel reservation failed - No suitable area found.\n"),
        (3, "crashkernel= is not understood", ["crashkernel-not-reserved"], First + "[    0.010000] crashkernel: memory value expected\n"),
        (4, "the machine has less memory than the first range", ["crashkernel-not-reserved"], Host),
        (5, "an unsigned kernel is refused", ["kexec-load-rejected"],
            First + "[   30.000000] Lockdown: kexec: kexec of unsigned images is restricted; see man kernel_lockdown.7\n"),
        (6, "the key of the kernel is unknown", ["kexec-load-rejected"],
            "kdumpctl[901]: kexec_file_load failed: Required key not available\n"),
        (7, "the signature of the kernel is not read", ["kexec-load-rejected"],
            "kdumpctl[901]: kexec_file_load failed: Accessing a corrupted shared library\n"),
        (8, "unloading is refused", ["kexec-unload-refused"],
            First + "[   30.000000] ima: impossible to appraise a kernel image without a file descriptor; try using kexec_file_load " +
            "syscall.\nkexec unload failed: Permission denied\n"),
        (9, "kexec-tools are older than binutils", ["kexec-tools-too-old"], "Unhandled rela relocation: R_X86_64_PLT32\n"),
        (10, "kernel and image do not fit", ["kexec-load-rejected"],
            "Could not find a free area of memory of 0x7200000 bytes...\nlocate_hole failed\n"),
        (11, "kallsyms shows zeros", ["kernel-symbols-hidden"], First + "kdumpctl[901]: Can't find kernel text map area from kcore\n"),
        (12, "the kernel is not where it is looked for", ["kdump-image-missing"],
            "kdumpctl[901]: kdump: Failed to detect kdump kernel location\n"),
        (13, "Debian's links are broken", ["kdump-links-broken"], "kdump-tools[700]: Cannot change symbolic links when kdump is loaded\n"),
        (14, "kdump.conf is wrong", ["kdump-conf-invalid"], "kdumpctl[901]: kdump: Invalid kdump config option foo\n"),
        (15, "the core collector is wrong", ["core-collector-invalid"], "kdumpctl[901]: makedumpfile parameter check failed.\n"),
        (16, "the ssh target refuses", ["ssh-target-refuses-key"],
            "kdumpctl[901]: kdump: Could not create kdump@192.0.2.1:/var/crash, you probably need to run \"kdumpctl propagate\"\n"),
        (17, "the mount before building failed", ["preflight-mount-failed"],
            "kdumpctl[901]: Failed to mount nas:/dumps for kdump preflight check.\n"),
        (18, "the key of the disk is not handed on", ["luks-key-not-linked"],
            "kdumpctl[901]: Failed to get logon key kdump-cryptsetup:vk-1234. Run 'kdumpctl restart' manually\n"),
        (19, "programs are quoted together", ["kdump-image-not-built"],
            "dracut-install: ERROR: installing '/usr/sbin/ping /usr/sbin/ip'\n"),
        (20, "the image is older than the machine", ["image-stale"], Image),
        (21, "interrupt vectors run out", ["vector-exhaustion"],
            Capture + "[    4.000000] irq 24: Affinity broken due to vector space exhaustion.\n[    4.100000] virtio_blk: probe of " +
            "virtio0 failed with error -28\n"),
        (22, "too many CPUs start", ["too-many-cpus-in-crash-kernel"],
            Capture.Replace("nr_cpus=1", "nr_cpus=640", StringComparison.Ordinal) + "[    1.000000] smp: Brought up 4 nodes, 640 CPUs\n" +
            Oom),
        (23, "maxcpus= leaves CPUs possible", ["cmdline-parameter-harmful"],
            Capture.Replace("nr_cpus=1", "maxcpus=1", StringComparison.Ordinal)),
        (24, "the first CPU resets the machine", ["cpu-did-not-start"],
            Capture + "[    1.000000] smpboot: do_boot_cpu failed(-1) to wakeup CPU#1\n"),
        (25, "the image does not fit into memory", ["initramfs-unpack-failed"],
            Capture + "[    2.000000] Initramfs unpacking failed: write error\n"),
        (26, "a library is missing after that", ["program-without-library"],
            Capture + "[    2.500000] /init: error while loading shared libraries: libzstd.so.1: cannot open shared object file: No such " +
            "file or directory\n"),
        (27, "the image is packed as the kernel cannot read it", ["initramfs-unpack-failed"],
            Capture + "[    2.000000] Initramfs unpacking failed: invalid magic at start of compressed archive\n"),
        (28, "memory runs out", ["capture-kernel-oom"],
            Capture + "[    9.000000] systemd invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n[    9.100000] " +
            "Out of memory: Killed process 301 (makedumpfile) total-vm:1000kB, anon-rss:100kB\n"),
        (29, "a network card takes it all", ["mlx5-needs-more-memory"],
            Capture + "[    9.000000] mlx5_core 0000:3b:00.0: mlx5_load_one:1234:(pid 1): Failed to init HCA\n[    9.100000] mlx5_core: " +
            "probe of 0000:3b:00.0 failed with error -12\n"),
        (30, "graphics drivers are loaded", ["graphics-driver-in-crash-kernel", "driver-wastes-memory"],
            Capture + "[    5.000000] nouveau 0000:01:00.0: NVIDIA GP107 (137000a1)\n[    9.100000] Out of memory: Killed process 301 " +
            "(systemd-udevd) total-vm:1000kB, anon-rss:100kB\n"),
        (31, "RDMA takes memory", ["driver-wastes-memory"], Image),
        (32, "clevis makes the image larger", ["crashkernel-too-small"], Image),
        (33, "the hardware database makes the image larger", ["crashkernel-too-small"], Image),
        (34, "all keymaps make the image larger", ["crashkernel-too-small"], Image),
        (35, "encrypted memory needs a bounce buffer", ["memory-encryption-bounce-buffer"],
            Capture + "[    0.200000] AMD Memory Encryption Features active: SME\n[    1.000000] software IO TLB: mapped [mem " +
            "0x0000000076000000-0x000000007a000000] (64MB)\n[    9.100000] Out of memory: Killed process 301 (makedumpfile) " +
            "total-vm:1000kB, anon-rss:100kB\n"),
        (36, "swiotlb= is inherited", ["cmdline-parameter-harmful"], With("swiotlb=65536")),
        (37, "hugepages= is inherited", ["cmdline-parameter-harmful"], With("hugepages=512")),
        (38, "log_buf_len= is inherited", ["cmdline-parameter-harmful"], With("log_buf_len=64M")),
        (39, "slub_debug= is inherited", ["cmdline-parameter-harmful"], With("slub_debug=FZPU")),
        (40, "prot_virt= is inherited", ["cmdline-parameter-harmful"], With("prot_virt=1")),
        (41, "KFENCE takes memory", ["crashkernel-too-small", "capture-kernel-oom"], Effect),
        (42, "drivers dump their devices into memory", ["crashkernel-too-small", "capture-kernel-oom"], Effect),
        (43, "hot-added memory is mapped", ["crashkernel-too-small", "capture-kernel-oom"], Effect),
        (44, "panic_on_warn is inherited", ["cmdline-parameter-harmful"], With("panic_on_warn=1")),
        (45, "the IOMMU's tables are not taken over", ["iommu-tables-not-copied"],
            Capture + "[    1.000000] DMAR: Translation already enabled - trying to copy translation structures\n[    1.100000] DMAR: " +
            "Failed to copy translation tables from previous kernel for dmar0\n"),
        (46, "irqpoll on an arm cloud machine", ["irqpoll-on-arm-cloud"],
            "[    0.000000] Linux version 5.14.0-70.aarch64 (builder@host) #1 SMP\n[    0.000000] Kernel command line: nr_cpus=1 irqpoll " +
            "reset_devices elfcorehdr=0x7ff00000\n[    0.100000] DMI: Amazon EC2 m6g.metal/Not Specified, BIOS 1.0 10/16/2017\n[    " +
            "1.000000] printk: console [ttyS0] disabled\n"),
        (47, "a Hyper-V guest faults", ["hyperv-crash-kernel-fault"],
            Capture + "[    0.100000] Hyper-V: Host Build 10.0.20348.1-1-0\n[    3.000000] BUG: kernel NULL pointer dereference, " +
            "address: 0000000000000010\n"),
        (48, "a Xen guest cannot", ["xen-guest-cannot-kdump"],
            First + "[    0.100000] Hypervisor detected: Xen HVM\nkdumpctl[901]: kexec_load failed: Operation not supported\n"),
        (49, "ACPI tables are not found", ["acpi-tables-not-found"],
            Capture + "[    0.100000] ACPI BIOS Error (bug): A valid RSDP was not found (20230628/tbxfroot-210)\n"),
        (50, "a device does not start twice", ["device-not-ready-after-crash"],
            Capture + "[    9.000000] nvme nvme0: Device not ready; aborting initialisation, CSTS=0x0\n"),
        (51, "a timer is dead", ["timer-interrupt-lost"],
            Capture + "[    0.500000] ..MP-BIOS bug: 8254 timer not connected to IO-APIC\n[    0.600000] Kernel panic - not syncing: " +
            "IO-APIC + timer doesn't work!  Boot with apic=debug and send a report.\n"),
        (52, "a camera writes on", ["camera-writes-after-crash"],
            Capture + "[    5.000000] ipu3-cio2 0000:00:14.3: CSI-2 receiver port 1: DMA output error\n"),
        (53, "the disk does not appear", ["dump-target-missing"],
            Capture + "[  120.000000] systemd[1]: dev-disk-by\\x2duuid-1234.device: Job dev-disk-by\\x2duuid-1234.device/start timed " +
            "out.\n[  120.100000] systemd[1]: Timed out waiting for device dev-disk-by\\x2duuid-1234.device - /dev/disk/by-uuid/1234.\n"),
        (54, "the emergency path fails", ["emergency-path-failed"],
            Capture + "[   20.000000] systemd[1]: Failed to start kdump-error-handler.service: Transaction is destructive.\n"),
        (55, "the target is never mounted", ["dump-target-not-mounted"],
            Capture + "[   20.000000] kdump[501]: Failed to dump to /kdumproot/dumps, it's not a mount point!\n"),
        (56, "mounting takes too long", ["mount-timed-out"],
            Capture + "[   95.000000] systemd[1]: sysroot.mount: Mounting timed out. Terminating.\n"),
        (57, "the initqueue cannot write", ["initqueue-cannot-write"],
            Capture + "[   20.000000] dracut-initqueue[300]: /sbin/initqueue: line 71: /lib/dracut/hooks/initqueue/work: Read-only file " +
            "system\n"),
        (58, "a root is awaited that is not there", ["gpt-auto-root-awaited", "ostree-root-not-prepared"],
            Capture + "[   20.000000] systemd[1]: ostree-prepare-root.service: Failed with result 'exit-code'.\n"),
        (59, "a path of a multipath disk is taken", ["multipath-path-busy"],
            Capture + "[   20.000000] device-mapper: table: 254:0: multipath: error getting device (-EBUSY)\n"),
        (60, "the FIPS check fails", ["fips-check-failed"],
            Capture + "[   20.000000] dracut: FATAL: You have to specify boot=<boot device> as a boot option for fips=1\n"),
        (61, "a passphrase is asked for", ["luks-passphrase-asked", "luks-key-not-linked"],
            Capture + "[   20.000000] Please enter passphrase for disk luks-1234 (root): \n"),
        (62, "the network is not ready",
            ["network-not-ready", "nic-driver-not-identified", "network-setup-unsupported", "nfs-target-refused"],
            Capture + "[  620.000000] kdump[501]: Oops. The network still isn't ready after waiting 10mins.\n"),
        (63, "the watchdog fires", ["watchdog-reset", "vmcore-incomplete"], Capture + "[   65.000000] kdump[501]: saving vmcore\n" + First),
        (64, "no entropy, no console", ["no-entropy-for-ssh", "console-refuses-output"],
            Capture + "[   20.000000] kdump.sh[501]: echo: write error: Input/output error\n"),
        (65, "makedumpfile does not know the kernel", ["makedumpfile-failed"],
            Capture + "[   20.000000] kdump.sh[501]: readpage_elf: Attempt to read non-existent page at 0x4000000000000.\n[   20.100000] " +
            "kdump.sh[501]: makedumpfile Failed.\n"),
        (66, "pages are left out in silence", ["dump-lacks-pages"], Dump),
        (67, "threads and ELF do not go together", ["core-collector-invalid"],
            Capture + "[   20.000000] kdump.sh[501]: --num-threads cannot used with ELF format.\n"),
        (68, "the target is full", ["no-space-on-target"],
            Capture + "[   40.000000] kdump.sh[501]: Can't write the dump file(/kdumproot/var/crash/vmcore-incomplete). No space left on " +
            "device\n"),
        (69, "the fall-back to cp", ["makedumpfile-failed", "dmesg-not-saved"],
            Capture + "[   20.000000] kdump-tools[400]: makedumpfile --dump-dmesg failed. dmesg content will be unavailable\n"),
        (70, "the root file system's pool is not resolved", ["root-device-not-resolved"],
            "mkinitramfs: failed to determine device for /\n"),
        (71, "there is no vmcore", ["vmcore-not-there"], Capture + "[    1.000000] Kdump: vmcore not initialized\n"),
        (72, "a partial dump looks like one", ["vmcore-incomplete", "dump-not-renamed"],
            Capture + "[   40.000000] kdump[501]: saving vmcore\n" + First),
    ];

    private static string With(string parameter) => Capture.Replace("nr_cpus=1", $"nr_cpus=1 {parameter}", StringComparison.Ordinal);

    public static TheoryData<int> Numbers() => new(All.Select(f => f.Number));

    [Fact]
    public void Each_is_there_once() => Assert.Equal(Enumerable.Range(1, 72), All.Select(f => f.Number));

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_finding_of_the_catalogue_tells_it(int number)
    {
        (_, string what, string[] ids, string shown) = All[number - 1];
        Assert.All(ids, id => Assert.True(Entries.Find(id) is not null, $"{number}, {what}: the catalogue has no {id}"));
        if (shown is Image or Host or Dump or Effect)
            return;
        Verdict verdict = Explained.Verdict(shown);
        Assert.True(verdict.Findings.Any(f => ids.Contains(f.Id, StringComparer.Ordinal)),
            $"{number}, {what}: found {string.Join(", ", verdict.Findings.Select(f => f.Id))} instead of {string.Join(", ", ids)}");
    }
}
