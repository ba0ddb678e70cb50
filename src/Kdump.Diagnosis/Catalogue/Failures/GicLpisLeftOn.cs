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
        Cause = "The interrupt controller (GICv3) keeps its tables of message interrupts in the previous kernel's memory. " +
            "Only with EFI firmware can that kernel reserve this memory for the next one. " +
            "With a device tree and U-Boot the next kernel uses it as ordinary memory, " +
            "and many controllers cannot switch LPIs off again. Then PCI devices get no interrupts, " +
            "and the controller may overwrite memory that is in use.",
        Fixes =
        [
            new("Start both kernels by EFI (U-Boot's bootefi, or UEFI firmware): the tables then stay reserved"),
            new("If no device needs message interrupts, keep them off with irqchip.gicv3_nolpi=1 on the command lines of both " +
                "kernels", Risk: "PCI devices without pin interrupts then do not work"),
        ],
        Origin = "drivers/irqchip/irq-gic-v3-its.c redist_disable_lpis, gic_reserve_range",
    };
}
