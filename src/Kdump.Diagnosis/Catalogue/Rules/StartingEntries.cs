namespace Kdump.Diagnosis.Catalogue.Rules;

/// <summary>What the catalogue says of rules written by hand: the crash kernel comes up.</summary>
internal static class StartingEntries
{
    public static readonly Entry[] All =
    [
        new("crashkernel-too-small", "the crash kernel has too little memory")
        {
            Area = Area.Starting,
            Signature = ["Memory: …K/…K available, and then an OOM kill, or \"Initramfs unpacking failed: write error\""],
            Cause = "What is reserved must hold the kernel, its image packed and unpacked, and what drivers take. Known eaters: network cards of the mlx5 kind (up to 350 MB), graphics drivers, RDMA (200 MB), the bounce buffer of SME and SEV (64 MB), per-CPU data of many CPUs, hwdb (13 MB), clevis (11 MB), all keymaps where /etc/vconsole.conf is missing, kfence on 64K pages (32 MB), device dumps (novmcoredd prevents them), memory hot-plug that maps all RAM (acpi_no_memhotplug).",
            Fixes =
            [
                new("Reserve more", "kdumpctl reset-crashkernel --kernel=ALL", "needs a reboot"),
                new("Or leave out what the dump does not need: dracut_args --omit-drivers in /etc/kdump.conf", "kdumpctl rebuild"),
            ],
            Origin = "kdump-utils commits a65dde2, 77a0246, 1732a3b, 4841bc6, 27df338, 0fc7e88, f758448, ddb0bab, ff32968 and 1065b91; openSUSE kdump 95378d3",
        },
        new("initramfs-unpack-failed", "the kernel could not unpack its initramfs")
        {
            Area = Area.Starting,
            Signature =
            [
                "Initramfs unpacking failed: write error",
                "Initramfs unpacking failed: invalid magic at start of compressed archive",
                "Initramfs unpacking failed: junk within compressed archive",
                "Initramfs unpacking failed: XZ-compressed data is corrupt",
                "Initramfs unpacking failed: broken padding",
                "Initramfs unpacking failed: no cpio magic",
                "rootfs image is not initramfs (…)",
            ],
            Cause = "\"write error\": the file system in memory may take half of what is left, and the image is larger. The others: packed with a compressor the kernel was built without, xz with a checksum it does not know, several parts in an order it does not take, or cut short.",
            Fixes =
            [
                new("Look at its parts", "kdt image check IMAGE"),
                new("Reserve more memory; from 6.18 on initramfs_options=size=90% lets it take more than half"),
            ],
            Origin = "init/initramfs.c, lib/decompress_*.c; kdump-utils commits 4e1f06e and 2f435ad; Launchpad bug 1840945",
        },
        new("capture-kernel-oom", "the crash kernel ran out of memory")
        {
            Area = Area.Starting,
            Signature =
            [
                "Out of memory: Killed process … (…)",
                "Kernel panic - not syncing: System is deadlocked on memory",
                "…: page allocation failure: order:…",
            ],
            Cause = "See crashkernel-too-small. Without panic= on its command line it then stands still for ever.",
            Fixes = [new("See crashkernel-too-small; and add panic=10, so that a hang ends")],
            Origin = "mm/oom_kill.c; kdump-utils commit 224b700; truenas/middleware issue 6809; Fedora CoreOS tracker issue 1079",
        },
        new("capture-kernel-panic", "the crash kernel panicked itself")
        {
            Area = Area.Starting,
            Signature = ["Kernel panic - not syncing: … (in the crash kernel's log)"],
            Cause = "The lines before its panic tell where it died: no memory, no initramfs, or a driver that falls over a device left running (graphics, bnx2x, Mellanox cards initialised twice).",
            Origin = "kernel/panic.c; lf-edge/eve pull request 2794, linux-surface issue 769",
        },
        new("vector-exhaustion", "all interrupt vectors of the crash kernel's CPUs are taken")
        {
            Area = Area.Starting,
            Signature =
            [
                "…: probe of … failed with error -28",
                "Interrupt reservation exceeds available resources",
                "irq …: Affinity broken due to vector space exhaustion.",
            ],
            Cause = "One x86 CPU has about 200 vectors for devices. Port services of PCIe bridges and multi-queue cards take them before the disk is probed, and its driver gets -ENOSPC.",
            Fixes =
            [
                new("pcie_ports=compat on the crash kernel's command line", Risk: "no hot-plug and PME there"),
                new("Or more CPUs: kdt says how many suffice for this machine", "kdt host vectors --cpus 1,2,4"),
            ],
            Kernels = "x86",
            Origin = "kernel/irq/matrix.c, arch/x86/kernel/apic/vector.c, drivers/base/dd.c; kdump-utils commits 2040103, 85156bf and ada6f5e",
        },
        new("vector-forecast-missed", "devices of the crash kernel took other interrupts than were foretold")
        {
            Area = Area.Starting,
            Signature = ["kdump-probe: vectoroutcome … device=… likely=… most=… real=…"],
            Cause = "The image carries a forecast of interrupt vectors, and the probe compared it: the machine or its image has changed since, or the table of drivers is wrong about one.",
            Fixes = [new("Make the forecast anew and rebuild the image", "kdt host vectors --embed")],
            Kernels = "x86",
            Origin = "kdt host vectors --embed and kdump-probe; docs/vectors.md",
        },
        new("driver-probe-failed", "a driver could not start its device")
        {
            Area = Area.Starting,
            Signature =
            [
                "…: probe of … failed with error -…",
                "… …: probe with driver … failed with error -…",
            ],
            Cause = "The error number tells: -28 no interrupt vector, -12 no memory, -2 no firmware file, -110 the device does not answer, -22 MSI is not to be had, -16 the device is still in use.",
            Fixes = [new("Trace the one function that returns the error", "kdump-probe trace FUNCTION --bind BDF")],
            Origin = "drivers/base/dd.c really_probe(), wording changed in 6.11",
        },
        new("firmware-missing-in-image", "a driver gave up because its firmware is not in the image")
        {
            Area = Area.Starting,
            Signature = ["… …: Direct firmware load for … failed with error -2"],
            Cause = "Firmware files are data; what builds the image copies those that the module names, if they are installed at that moment.",
            Fixes = [new("Install the firmware package and build the image anew", "kdumpctl rebuild")],
            Origin = "drivers/base/firmware_loader/main.c",
        },
        new("iommu-enabled-by-default", "a kernel update switched the IOMMU on, and a device fails since")
        {
            Area = Area.Starting,
            Signature = ["DMAR: IOMMU enabled"],
            Cause = "The device does DMA that was never checked before.",
            Fixes = [new("intel_iommu=off, or iommu=pt, until the driver is corrected", Risk: "devices can then reach all memory")],
            Origin = "drivers/iommu/intel/Kconfig INTEL_IOMMU_DEFAULT_ON",
        },
        new("iommu-group-failed", "an IOMMU group lost its domain, and DMA through it fails")
        {
            Area = Area.Starting,
            Signature = ["Failed to add to iommu group …"],
            Cause = "One device of the group could not be attached; every probe in it then ends with -12 on a machine with plenty of memory.",
            Origin = "drivers/iommu/iommu.c",
        },
    ];
}
