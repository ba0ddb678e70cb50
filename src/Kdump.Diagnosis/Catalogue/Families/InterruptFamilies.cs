namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>Interrupts that no driver handles, and firmware tables that describe interrupts and DMA wrongly.</summary>
internal static class InterruptFamilies
{
    public static readonly Family Vector = new("vector-without-handler", "a CPU got an interrupt on an unused vector")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Confidence = 0.8,
        Cause = "A message arrived after its vector was released " +
            "(an interrupt was moved, or a driver freed it), or a device writes stale or forged interrupt messages. " +
            "Now and then it is harmless; if a device stops working at the same time it is not.",
        Fixes =
        [
            new("Find the device that used it: does one hang or time out at the same time? " +
                "Move its interrupts less (irqbalance), update its firmware, switch interrupt remapping " +
                "on", "grep . /proc/irq/*/smp_affinity_list; cat /proc/interrupts"),
        ],
        Tellings =
        [
            .. new[] { "common_interrupt: {w}.{w} No irq handler for vector", "do_IRQ: {w}.{w} No irq handler for vector" }
                .Select(w => new Telling(w, "CPU {1} got an interrupt on vector {2}, which is not in use") { Subject = 0 }),
            new("No irq handler for {e}.{w}", "CPU {1} got an interrupt on vector {2}, which is not in use") { Subject = 0 },
            new("CPU{w}: No irq handler for vector {w} (IRQ {w}",
                "Xen: CPU {1} got an interrupt on vector 0x{2}, which no device uses any more") { Subject = 0, Reads = XenLine, Fixes =
                [new("Find in the hypervisor's log which line it is (IRQ…, IO-APIC-level: a level-triggered pin) and which device uses it",
                    "xl debug-keys i; xl dmesg | tail -60; grep -i io-apic /proc/interrupts")] },
        ],
        Kernels = "x86",
        Origin = "arch/x86/kernel/irq.c; Xen arch/x86/irq.c do_IRQ()",
    };

    public static readonly Family Tables = new("iommu-tables-wrong", "the firmware describes an IOMMU wrongly")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Confidence = 0.9,
        Cause = "The kernel reads the addresses of the IOMMUs from the firmware's DMAR table. " +
            "If the table is wrong, the kernel does not use the IOMMU: no DMA protection, no interrupt remapping, " +
            "and no device passthrough to guests.",
        Fixes =
        [
            new("Update the firmware (BIOS, coreboot, Slim Bootloader), or switch VT-d there on or off as a whole"),
            new("Check the kernel's reaction to it", "dmesg | grep -i -e DMAR -e IOMMU; ls /sys/class/iommu"),
        ],
        Explains = ["kernel-warning"],
        Tellings =
        [
            new("DMAR reported at address {w} returns all ones", "the firmware (BIOS) describes an IOMMU at {1} that does not answer",
                "Reads of its registers return all ones: there is no IOMMU, or the firmware did not switch it on.") { Subject = 0 },
            new("DMAR reported at address zero", "the firmware (BIOS) describes an IOMMU at address 0") { Subject = 0 },
            new("Parse DMAR table failure", "the firmware's table of IOMMUs (DMAR) cannot be read") { Subject = 0 },
            new("RMRR ends before it starts", "the firmware's table of IOMMUs (DMAR) contains a range that ends before it starts")
                { Subject = 0 },
        ],
        Origin = "drivers/iommu/intel/dmar.c warn_invalid_dmar(), iommu.c",
    };

    public static readonly Family[] All = [Vector, Tables];

    /// <summary>Xen prints the vector's last owner as the complement of its IRQ: -23 was IRQ 22.</summary>
    private static string? XenLine(IReadOnlyList<string> taken) =>
        int.TryParse(taken[2].TrimEnd(','), out int irq) && irq is < 0 and > -65536 ? $"It was given up by IRQ {~irq} before." : null;
}
