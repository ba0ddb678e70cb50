namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class GicLpisLeftOn
{
    public static readonly Failure Entry = new("gic-lpis-left-on",
        "the arm64 kernel that was started by kexec found message interrupts (LPIs) still on, and could not switch them off")
    {
        Area = Area.Starting,
        Signs =
        [
            new Sign("Booted with LPIs enabled, memory probably corrupted"),
            new Sign("Failed to disable LPIs", "Timeout while disabling LPIs"),
        ],
        Explains = ["capture-kernel-panic", "root-not-found", "dump-target-missing"],
        Cause = "The interrupt controller (GICv3) keeps its tables of message interrupts in memory of the kernel before. " +
            "Only firmware with EFI lets that kernel reserve them for the next one; " +
            "with a device tree and U-Boot the next one gets them as ordinary memory, and many controllers cannot switch LPIs off again. " +
            "Then PCI devices get no interrupts, and the controller may write into memory that is used.",
        Fixes =
        [
            new("Start both kernels by EFI (U-Boot's bootefi, or UEFI firmware): the tables are then handed on"),
            new("Where nothing needs message interrupts: keep them off in both kernels with irqchip.gicv3_nolpi=1, " +
                "which must stand in the first kernel's command line too", Risk: "PCI devices without pin interrupts do not work then"),
        ],
        Origin = "drivers/irqchip/irq-gic-v3-its.c redist_disable_lpis, gic_reserve_range",
    };
}
