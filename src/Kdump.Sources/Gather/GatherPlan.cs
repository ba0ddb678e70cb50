namespace Kdump.Sources.Gather;

/// <summary>One line of the plan: files by a pattern whose steps may hold <c>*</c>.</summary>
/// <param name="Cap">Bytes that are kept of one file.</param>
/// <param name="Text">Text written by users or quoting it: passwords in it are masked.</param>
public readonly record struct GatherItem(string Pattern, int Cap = GatherPlan.Small, bool Text = false);

/// <summary>
/// The files that are collected from a machine. This is an allow list: nothing else is ever read. Attributes of devices stand in
/// <see cref="DeviceAttributes"/>, programs in <see cref="GatherPrograms"/>, and exceptions that are never read in <see cref="Secrets"/>.
/// </summary>
public static class GatherPlan
{
    /// <summary>An attribute of sysfs is a page at most, a setting less.</summary>
    public const int Small = 64 << 10;

    /// <summary>/proc/interrupts with 512 CPUs and 4000 rows has 24 MB; a log of the kernel is smaller.</summary>
    public const int Large = 32 << 20;

    public static readonly GatherItem[] Files =
    [
        // the running kernel
        new("/proc/cmdline", Text: true), new("/proc/version"), new("/proc/meminfo"), new("/proc/cpuinfo", Large),
            new("/proc/interrupts", Large), new("/proc/iomem", Large), new("/proc/ioports", Large),
        new("/proc/modules", Large), new("/proc/mounts", Large, Text: true), new("/proc/self/mountinfo", Large, Text: true),
            new("/proc/partitions", Large), new("/proc/swaps"), new("/proc/devices"), new("/proc/filesystems"),
        new("/proc/mdstat"), new("/proc/uptime"), new("/proc/loadavg"), new("/proc/buddyinfo"), new("/proc/config.gz", Large),
            new("/proc/softirqs", Large), new("/proc/stat", Large), new("/proc/scsi/scsi"),
        new("/proc/net/bonding/*"), new("/proc/net/vlan/*"), new("/proc/net/route"), new("/proc/net/fib_trie"),
            new("/proc/irq/default_smp_affinity"),
        new("/proc/irq/*/smp_affinity"), new("/proc/irq/*/smp_affinity_list"), new("/proc/irq/*/effective_affinity"),
            new("/proc/irq/*/effective_affinity_list"), new("/proc/irq/*/node"),
        new("/proc/sys/kernel/osrelease"), new("/proc/sys/kernel/hostname"), new("/proc/sys/kernel/version"),
            new("/proc/sys/kernel/tainted"), new("/proc/sys/kernel/sysrq"),
            new("/proc/sys/kernel/panic*"), new("/proc/sys/kernel/kexec_*"),
        new("/proc/sys/kernel/*watchdog*"), new("/proc/sys/kernel/softlockup_*"), new("/proc/sys/kernel/hardlockup_*"),
            new("/proc/sys/kernel/hung_task_*"), new("/proc/sys/kernel/unknown_nmi_panic"),
        new("/proc/sys/kernel/max_rcu_stall_to_panic"), new("/proc/sys/kernel/oops_limit"), new("/proc/sys/kernel/warn_limit"),
            new("/proc/sys/kernel/printk"), new("/proc/sys/kernel/dmesg_restrict"), new("/proc/sys/kernel/core_pattern"),
            new("/proc/sys/crypto/fips_enabled"),
        new("/proc/sys/vm/panic_on_oom"), new("/proc/sys/vm/nr_hugepages"), new("/proc/sys/vm/min_free_kbytes"),
            new("/proc/sys/vm/overcommit_memory"), new("/proc/sys/vm/memory_failure_*"),

        // the kernel's own view of kdump, interrupts, IOMMU, processors and memory
        new("/sys/kernel/uevent_seqnum"), new("/sys/kernel/kexec_*"), new("/sys/kernel/crash_*"), new("/sys/kernel/vmcoreinfo"),
            new("/sys/kernel/fadump*"), new("/sys/kernel/fadump/*"), new("/sys/kernel/security/lockdown"), new("/sys/kernel/profiling"),
        new("/sys/kernel/irq/*/actions"), new("/sys/kernel/irq/*/chip_name"), new("/sys/kernel/irq/*/hwirq"), new("/sys/kernel/irq/*/name"),
            new("/sys/kernel/irq/*/per_cpu_count"), new("/sys/kernel/irq/*/type"),
        new("/sys/kernel/debug/irq/domains/*"), new("/sys/kernel/debug/irq/irqs/*"), new("/sys/kernel/debug/devices_deferred"),
        new("/sys/kernel/iommu_groups/*/type"), new("/sys/kernel/iommu_groups/*/reserved_regions"),
            new("/sys/kernel/mm/transparent_hugepage/enabled"), new("/sys/kernel/mm/hugepages/*/nr_hugepages"),
        new("/sys/devices/system/cpu/*"), new("/sys/devices/system/cpu/smt/*"), new("/sys/devices/system/cpu/*/online"),
            new("/sys/devices/system/cpu/cpu0/microcode/version"), new("/sys/devices/system/cpu/vulnerabilities/*"),
        new("/sys/devices/system/node/*"), new("/sys/devices/system/node/*/cpulist"), new("/sys/devices/system/node/*/meminfo"),
            new("/sys/devices/system/memory/block_size_bytes"), new("/sys/devices/system/memory/auto_online_blocks"),
            new("/sys/devices/system/memory/crash_hotplug"),
        new("/sys/devices/system/edac/mc/*/*"), new("/sys/devices/system/edac/mc/*/dimm*/*"), new("/sys/devices/system/edac/mc/*/csrow*/*"),
            new("/sys/devices/system/clocksource/clocksource0/*"),
        new("/sys/module/*/version"), new("/sys/module/*/srcversion"), new("/sys/module/*/initstate"), new("/sys/module/*/taint"),
            new("/sys/module/*/parameters/*", Text: true),
        new("/sys/firmware/efi/fw_platform_size"), new("/sys/firmware/efi/efivars/SecureBoot-*"),
            new("/sys/firmware/dmi/tables/*", 4 << 20), new("/sys/firmware/acpi/pm_profile"),
        new("/sys/firmware/acpi/tables/DMAR", 4 << 20), new("/sys/firmware/acpi/tables/IVRS", 4 << 20),
            new("/sys/firmware/acpi/tables/APIC", 4 << 20), new("/sys/firmware/acpi/tables/MCFG", 4 << 20),
            new("/sys/firmware/acpi/tables/SRAT", 4 << 20), new("/sys/firmware/acpi/tables/IORT", 4 << 20),
            new("/sys/firmware/acpi/tables/GTDT"),
        // Machines by device tree: who they are, their memory, and what handles message interrupts. No seeds: they are keys.
        new("/sys/firmware/devicetree/base/model"), new("/sys/firmware/devicetree/base/compatible"),
            new("/sys/firmware/devicetree/base/#*-cells"), new("/sys/firmware/devicetree/base/memory*/reg"),
            new("/sys/firmware/devicetree/base/reserved-memory/*/reg"), new("/sys/firmware/devicetree/base/reserved-memory/*/size"),
            new("/sys/firmware/devicetree/base/chosen/linux,*"), new("/sys/firmware/devicetree/base/*/compatible"),
            new("/sys/firmware/devicetree/base/*/*/compatible"), new("/sys/firmware/devicetree/base/*/*/msi-controller"),
            new("/sys/firmware/devicetree/base/*/*/*/compatible"), new("/sys/firmware/devicetree/base/*/*/*/msi-controller"),
            new("/sys/firmware/devicetree/base/*/*/arm,msi-*"), new("/sys/firmware/devicetree/base/*/*/*/arm,msi-*"),
        new("/sys/firmware/acpi/tables/HEST", 4 << 20), new("/sys/firmware/acpi/tables/BERT", 4 << 20),
            new("/sys/firmware/acpi/tables/ERST", 4 << 20), new("/sys/firmware/acpi/tables/EINJ", 4 << 20),
            new("/sys/firmware/acpi/tables/data/BERT", 4 << 20),
        new("/sys/fs/pstore/*", 8 << 20, Text: true),

        // how kdump, its image and the boot are set up
        new("/etc/kdump.conf", Text: true), new("/etc/kdump/*/*", Text: true), new("/etc/kdump/*", Text: true),
            new("/etc/sysconfig/kdump", Text: true), new("/etc/sysconfig/kernel", Text: true), new("/etc/sysconfig/bootloader", Text: true),
            new("/etc/sysconfig/grub", Text: true),
        new("/etc/default/kdump-tools", Text: true), new("/etc/default/kexec", Text: true), new("/etc/default/grub", Text: true),
            new("/etc/default/grub.d/*", Text: true), new("/etc/kernel/cmdline", Text: true), new("/etc/cmdline.d/*", Text: true),
        new("/etc/fstab", Text: true), new("/etc/crypttab", Text: true), new("/etc/mdadm.conf", Text: true),
            new("/etc/mdadm/mdadm.conf", Text: true), new("/etc/multipath.conf", Text: true), new("/etc/multipath/bindings", Text: true),
            new("/etc/multipath/wwids", Text: true), new("/etc/lvm/lvm.conf", Small, Text: true),
        new("/etc/modprobe.d/*", Text: true), new("/etc/modules", Text: true), new("/etc/modules-load.d/*", Text: true),
            new("/etc/dracut.conf", Text: true), new("/etc/dracut.conf.d/*", Text: true),
            new("/usr/lib/dracut/dracut.conf.d/*", Text: true), new("/etc/mkinitcpio.conf", Text: true),
        new("/etc/initramfs-tools/*", Text: true), new("/etc/initramfs-tools/conf.d/*", Text: true), new("/etc/sysctl.conf", Text: true),
            new("/etc/sysctl.d/*", Text: true), new("/usr/lib/sysctl.d/*", Text: true), new("/run/sysctl.d/*", Text: true),
        new("/etc/systemd/system.conf", Text: true), new("/etc/systemd/system.conf.d/*", Text: true),
            new("/etc/systemd/system/kdump*", Text: true), new("/etc/systemd/system/kdump*/*", Text: true),
            new("/lib/systemd/system/kdump*", Text: true), new("/lib/systemd/system/kdump*/*", Text: true),
            new("/etc/watchdog.conf", Text: true),
        new("/etc/udev/rules.d/*kexec*"), new("/etc/udev/rules.d/*kdump*"), new("/usr/lib/udev/rules.d/*kexec*"),
            new("/usr/lib/udev/rules.d/*kdump*"), new("/lib/udev/rules.d/*kexec*"), new("/lib/udev/rules.d/*kdump*"),
            new("/run/udev/rules.d/*"),
        new("/etc/network/interfaces", Text: true), new("/etc/network/interfaces.d/*", Text: true),
            new("/etc/sysconfig/network-scripts/ifcfg-*", Text: true), new("/etc/sysconfig/network/ifcfg-*", Text: true),
            new("/etc/systemd/network/*", Text: true), new("/etc/netplan/*", Text: true),
        new("/etc/os-release"), new("/usr/lib/os-release"), new("/etc/debian_version"), new("/etc/redhat-release"),
            new("/etc/system-release"), new("/etc/hostname"), new("/etc/lsb-release"),
        new("/boot/config-*", 4 << 20), new("/usr/lib/modules/*/config", 4 << 20), new("/boot/grub/grub.cfg", 4 << 20, Text: true),
            new("/boot/grub2/grub.cfg", 4 << 20, Text: true), new("/boot/grub/grubenv", Text: true), new("/boot/grub2/grubenv", Text: true),
        new("/boot/loader/loader.conf", Text: true), new("/boot/loader/entries/*", Text: true),
            new("/boot/efi/loader/entries/*", Text: true), new("/efi/loader/entries/*", Text: true), new("/run/ostree-booted"),
        // The directives that kdumpctl knows decide which ones it refuses.
        new("/usr/bin/kdumpctl", 512 << 10), new("/usr/sbin/kdumpctl", 512 << 10),
        new("/lib/modules/*/modules.dep", Large), new("/lib/modules/*/modules.alias", Large), new("/lib/modules/*/modules.softdep", Large),
            new("/lib/modules/*/modules.builtin", Large), new("/lib/modules/*/modules.builtin.modinfo", Large),
        new("/lib/modules/*/modules.builtin.alias.bin", Large), new("/lib/modules/*/modules.devname"),
            new("/lib/modules/*/modules.weakdep"),
        new("/run/udev/data/b*"), new("/run/udev/data/n*"), new("/run/systemd/generator/*", Text: true),

        // what was said about earlier crashes
        new("/var/log/kdump.log", Large, Text: true), new("/var/log/mcelog", Large, Text: true),
            new("/var/lib/systemd/pstore/*/dmesg.txt", 8 << 20, Text: true), new("/var/crash/*/*dmesg*", 8 << 20, Text: true),
            new("/var/crash/*/README.txt", Text: true), new("/var/crash/kexec_cmd", Text: true),
    ];

    /// <summary>Folders of which names, sizes and times are listed, so that their files need not be taken along.</summary>
    public static readonly string[] Listed =
        ["/boot", "/boot/*", "/boot/ostree/*", "/lib/modules/*", "/var/crash", "/var/crash/*", "/var/lib/kdump", "/var/lib/kdump/*",
        "/var/lib/systemd/pstore", "/sys/firmware/acpi/tables", "/lib/firmware", "/lib/firmware/*", "/usr/lib/kdump"];

    /// <summary>Single files that are listed: their existence shows which distribution's tools a machine has.</summary>
    public static readonly string[] ListedFiles =
        ["/usr/sbin/kdump*", "/usr/bin/kdump*", "/usr/bin/makedumpfile", "/usr/sbin/makedumpfile", "/usr/sbin/kexec", "/usr/bin/dracut",
        "/usr/sbin/mkinitramfs"];

    /// <summary>Images of crash kernels, copied only on request: they may contain ssh or LUKS keys.</summary>
    public static readonly string[] Images = ["/boot/*kdump.img", "/boot/initrd-*-kdump", "/boot/*/*/initrdkdump",
        "/boot/ostree/*/*kdump.img", "/var/lib/kdump/initr*"];

    public const int MaxImage = 512 << 20;

    /// <summary>Folders of links that are copied as links.</summary>
    public static readonly string[] Links =
        ["/dev/disk/*", "/dev/mapper", "/dev/md", "/sys/kernel/iommu_groups/*/devices", "/sys/block", "/etc/systemd/system",
            "/etc/systemd/system/*.wants", "/usr/lib/systemd/system/*.wants",
        "/lib/systemd/system/*.wants",
        "/sys/bus/acpi/devices", "/sys/bus/virtio/drivers/virtio_mem", "/sys/bus/vmbus/drivers/hv_balloon"];

    /// <summary>Folders whose entries lead to devices: each is taken with all devices above it.</summary>
    public static readonly string[] Devices =
    [
        "/sys/bus/pci/devices", "/sys/bus/virtio/devices", "/sys/bus/scsi/devices", "/sys/bus/vmbus/devices", "/sys/bus/xen/devices",
            "/sys/bus/ccw/devices", "/sys/bus/nd/devices", "/sys/class/block", "/sys/class/net", "/sys/class/nvme",
        "/sys/class/nvme-subsystem", "/sys/class/scsi_host", "/sys/class/fc_host", "/sys/class/iscsi_session", "/sys/class/iommu",
            "/sys/class/watchdog", "/sys/class/dmi", "/sys/class/infiniband",
    ];
}
