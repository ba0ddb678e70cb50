namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class IrqAffinityManaged
{
    public static readonly Failure Entry =
        new("irq-affinity-managed", "irqbalance cannot move IRQ {1}: a managed interrupt (kernel owns the affinity)")
    {
        Area = Area.Hardware,
        Signs = [new Sign("Cannot change IRQ {w} affinity: Input/output error")],
        Severity = Severity.Info,
        Cause = "The driver lets the kernel spread its queues over the CPUs (PCI_IRQ_AFFINITY). " +
            "User space cannot move such an interrupt and gets EIO. This is harmless: irqbalance ignores the interrupt from then on.",
        Fixes = [new("Nothing needs to be done; newer versions of irqbalance do not print this")],
        Kernels = "since 4.8",
        Origin = "kernel/irq/proc.c write_irq_affinity(); irqbalance's log",
    };
}
