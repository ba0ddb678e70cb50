namespace Kdump.Diagnosis.Kconfig;

/// <summary>Why an option matters here, as data: Kconfig files of the kernel, and what changing it has done to machines.</summary>
public static class KconfigMeaning
{
    private static readonly (string Option, string Area, int Weight, string Why)[] Known =
    [
        ("INTEL_IOMMU_DEFAULT_ON", "iommu", 100,
            "Decides whether the Intel IOMMU is on when the command line says nothing. Switched on, " +
            "devices whose stray DMA went unnoticed now fault or crash the machine at probe; test with intel_iommu=off or iommu=pt"),
        ("INTEL_IOMMU_SCALABLE_MODE_DEFAULT_ON", "iommu", 85,
            "Uses the IOMMU's scalable mode by default: " +
            "other page tables, other fault reasons, and in-flight DMA after a crash is carried over only since 6.0"),
        ("INTEL_IOMMU", "iommu", 90, "Without it there is no Intel IOMMU driver at all"),
        ("AMD_IOMMU", "iommu", 90, "Without it there is no AMD IOMMU driver at all; with it the AMD IOMMU is on by default"),
        ("IOMMU_DEFAULT_PASSTHROUGH", "iommu", 85,
            "Host devices bypass translation unless the command line says otherwise; switching it off puts all their DMA behind the IOMMU"),
        ("IOMMU_DEFAULT_DMA_LAZY", "iommu", 60,
            "Freed DMA buffers stay mapped for a moment: faster, and late writes of a device go unnoticed"),
        ("IOMMU_DEFAULT_DMA_STRICT", "iommu", 60, "Freed DMA buffers are unmapped at once: late writes of a device become faults"),
        ("IRQ_REMAP", "iommu", 75,
            "Interrupt remapping: needed for x2APIC and multi-message MSI; its table is carried over into the crash kernel"),
        ("DMAR_TABLE", "iommu", 60, "Reads the ACPI table that describes Intel IOMMUs"),
        ("SWIOTLB", "iommu", 70,
            "Bounce buffers for devices that cannot reach all memory; a crash kernel with little memory below 4 GiB depends on them"),
        ("CRASH_DUMP", "kdump", 95, "Without it the kernel cannot be a capture kernel: no /proc/vmcore"),
        ("KEXEC", "kdump", 90, "Without kexec no crash kernel can be loaded (kexec_load)"),
        ("KEXEC_FILE", "kdump", 85, "kexec_file_load: the only way under lockdown (secure boot)"),
        ("KEXEC_SIG", "kdump", 70, "Crash kernels must be signed; kexec -p fails with an unsigned one"),
        ("KEXEC_SIG_FORCE", "kdump", 75, "Unsigned crash kernels are refused"),
        ("PROC_VMCORE", "kdump", 95, "/proc/vmcore is what makedumpfile reads"),
        ("PROC_VMCORE_DEVICE_DUMP", "kdump", 40, "Drivers may add their device's state to the dump"),
        ("CRASH_HOTPLUG", "kdump", 45, "The crash kernel's list of CPUs and memory follows hotplug"),
        ("RELOCATABLE", "kdump", 80, "A capture kernel runs at another address than the first"),
        ("RANDOMIZE_BASE", "kdump", 45, "KASLR: addresses in a dump are shifted by the kernel offset"),
        ("DEBUG_INFO_BTF", "kdump", 55, "BTF lets a dump be read without debuginfo packages"),
        ("KALLSYMS_ALL", "kdump", 45, "Data symbols in kallsyms: reading a dump without debuginfo needs them"),
        ("UNWINDER_ORC", "kdump", 40, "How stacks of the dump can be unwound"),
        ("FW_CFG_SYSFS", "kdump", 20, "vmcoreinfo for dumps made by QEMU"),
        ("PANIC_TIMEOUT", "kdump", 55, "Seconds until a panicked kernel reboots by itself"),
        ("PANIC_ON_OOPS", "kdump", 55, "An oops becomes a panic, and a panic a dump"),
        ("BOOTPARAM_HARDLOCKUP_PANIC", "kdump", 40, "Hard lockups panic, so that they are dumped"),
        ("PCI_MSI", "pci", 80, "Message-signalled interrupts; nearly every modern device needs them"),
        ("PCIEAER", "pci", 70, "Advanced Error Reporting: without it PCIe errors are not logged"),
        ("PCIEAER_INJECT", "pci", 25, "Errors can be injected for tests"),
        ("PCIE_DPC", "pci", 60, "Downstream Port Containment: a port cuts its device off at an uncorrected error"),
        ("PCIEASPM", "pci", 50, "Power saving of links; a cause of corrected receiver errors"),
        ("PCIEASPM_DEFAULT", "pci", 45, "The firmware's choice of link power saving is kept"),
        ("PCIEASPM_POWERSAVE", "pci", 50, "Links save power by default"),
        ("PCI_IOV", "pci", 65, "Virtual functions (SR-IOV)"),
        ("PCI_ATS", "pci", 50, "Devices cache translations of the IOMMU"),
        ("HOTPLUG_PCI_PCIE", "pci", 45, "PCIe hotplug; its port services take interrupt vectors, one per port"),
        ("PCIEPORTBUS", "pci", 55, "PCIe port services (AER, hotplug, PME) take up to three vectors per root port"),
        ("VMD", "pci", 65, "Intel VMD: NVMe disks behind it need this driver in the capture kernel, and it takes its whole MSI-X table"),
        ("X86_MCE", "boot", 75, "Machine checks are handled and logged"),
        ("X86_MCE_INTEL", "boot", 60, "Intel's corrected-error interrupt and software recovery"),
        ("X86_MCE_AMD", "boot", 60, "AMD's threshold and deferred-error interrupts"),
        ("X86_MCELOG_LEGACY", "boot", 45, "/dev/mcelog: without it the mcelog program gets nothing"),
        ("RAS_CEC", "boot", 45,
            "The kernel collects corrected memory errors itself and takes pages offline; they no longer appear in the log"),
        ("EDAC", "memory", 45, "Names the DIMM of a memory error"),
        ("ACPI_APEI", "boot", 50, "Hardware errors reported by firmware (GHES, BERT)"),
        ("ACPI_APEI_GHES", "boot", 50, "Firmware-first hardware errors"),
        ("MEMORY_FAILURE", "memory", 60, "Poisoned pages are taken out of use instead of killing the machine"),
        ("X86_X2APIC", "boot", 65, "Machines with many CPUs start in x2APIC mode and need it"),
        ("NR_CPUS", "boot", 40, "The most CPUs the kernel can use"),
        ("MAXSMP", "boot", 35, "Sizes tables for 8192 CPUs: memory that a crash kernel pays as well"),
        ("EFI_STUB", "boot", 55, "The kernel can be started by EFI firmware directly"),
        ("RD_ZSTD", "boot", 60, "Initramfs images compressed with zstd can be unpacked"),
        ("RD_XZ", "boot", 55, "Initramfs images compressed with xz can be unpacked"),
        ("RD_LZ4", "boot", 55, "Initramfs images compressed with lz4 can be unpacked"),
        ("RD_GZIP", "boot", 55, "Initramfs images compressed with gzip can be unpacked"),
        ("BLK_DEV_INITRD", "boot", 90, "Initramfs images at all"),
        ("MODULE_SIG_FORCE", "boot", 60, "Unsigned modules are refused"),
        ("MODULE_COMPRESS_ZSTD", "boot", 40, "Modules are compressed: tools in an old initramfs may not read them"),
        ("SECURITY_LOCKDOWN_LSM_EARLY", "boot", 40, "Lockdown may forbid kexec_load and /proc/kcore"),
        ("INIT_ON_ALLOC_DEFAULT_ON", "memory", 35, "Memory is zeroed when handed out: slower, and stale data disappears from dumps"),
        ("INIT_ON_FREE_DEFAULT_ON", "memory", 40, "Memory is zeroed when freed: what was freed cannot be read in a dump"),
        ("HARDENED_USERCOPY", "memory", 30, "Copies to and from user space are checked"),
        ("KFENCE", "memory", 35, "Samples memory errors; costs memory in a crash kernel"),
        ("TRANSPARENT_HUGEPAGE_ALWAYS", "memory", 25, "Huge pages everywhere; a crash kernel has no memory for them"),
        ("DMA_CMA", "memory", 45, "Contiguous memory is reserved for DMA; a crash kernel should have cma=0"),
        ("CMA_SIZE_MBYTES", "memory", 45, "How much is set aside for contiguous DMA, of a crash kernel too"),
        ("ZONE_DMA", "memory", 50, "Memory below 16 MiB for old devices"),
        ("NUMA_BALANCING", "memory", 20, "Pages move to the node that uses them"),
        ("WATCHDOG_NOWAYOUT", "kdump", 50, "A started watchdog cannot be stopped: it may reset the machine while the dump is written"),
        ("SOFTLOCKUP_DETECTOR", "kdump", 30, "Soft lockups are noticed"),
        ("HARDLOCKUP_DETECTOR", "kdump", 35, "Hard lockups are noticed"),
    ];

    private static readonly (string Prefix, string Area, int Weight)[] Prefixes =
    [
        ("IOMMU", "iommu", 40), ("INTEL_IOMMU", "iommu", 50), ("AMD_IOMMU", "iommu", 50), ("IOMMUFD", "iommu", 30), ("DMA_", "iommu", 30),
            ("SWIOTLB", "iommu", 35), ("KEXEC", "kdump", 45), ("CRASH", "kdump", 45),
        ("VMCORE", "kdump", 40), ("PCI", "pci", 30), ("HOTPLUG_PCI", "pci", 30), ("VFIO", "pci", 25), ("X86_MCE", "boot", 35),
            ("ACPI_APEI", "boot", 30), ("EFI", "boot", 25), ("RD_", "boot", 30), ("DEBUG_INFO", "kdump", 20),
        ("MLX4", "driver", 35), ("MLX5", "driver", 30), ("NVME", "driver", 30), ("BLK_DEV_NVME", "driver", 40), ("IXGBE", "driver", 25),
            ("I40E", "driver", 25), ("ICE", "driver", 20), ("IGB", "driver", 25), ("BNXT", "driver", 25), ("MEGARAID", "driver", 35),
        ("SCSI_", "driver", 20), ("VIRTIO", "driver", 25), ("SATA_", "driver", 20), ("ATA_", "driver", 15), ("MD_", "driver", 15),
            ("DM_", "driver", 15), ("XFS", "driver", 15), ("EXT4", "driver", 15), ("BTRFS", "driver", 12),
        ("MEMORY", "memory", 15), ("KASAN", "memory", 30), ("SLAB", "memory", 12), ("PAGE", "memory", 12),
    ];

    public static KconfigChange Of(string option, string before, string after)
    {
        string name = option.StartsWith("CONFIG_", StringComparison.Ordinal) ? option[7..] : option;
        foreach (var k in Known)
        {
            if (k.Option == name)
                return new(option, before, after, k.Area, k.Weight, k.Why);
        }
        foreach ((string prefix, string area, int weight) in Prefixes)
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal))
            {
                // Half the weight otherwise: module to built-in only changes what the initramfs must hold, and a number matters
                // little.
                bool appears = before == "n" || after == "n";
                return new(option, before, after, area, appears ? weight : weight / 2, Becomes(before, after));
            }
        }
        return new(option, before, after, "other", 0, "");
    }

    private static string Becomes(string before, string after) => (before, after) switch
    {
        ("y", "m") => "Was built in and is a module now: the initramfs must hold it where it is needed to boot or to dump",
        ("m", "y") => "Was a module and is built in now: it can no longer be kept out of a crash kernel by leaving it out of the initramfs",
        ("y" or "m", "n") => "Was there and is gone",
        ("n", "m") => "New module",
        ("n", "y") => "New, built in",
        _ => "",
    };
}
