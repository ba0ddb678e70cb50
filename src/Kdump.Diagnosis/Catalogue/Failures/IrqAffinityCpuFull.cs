namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class IrqAffinityCpuFull
{
    public static readonly Failure Entry = new("irq-affinity-cpu-full", "a CPU has no interrupt vector left for IRQ {1}")
    {
        Area = Area.Hardware,
        Signs = [new Sign("Cannot change IRQ {w} affinity: No space left on device",
            "^irq {w}: Affinity broken due to vector space exhaustion")],
        Severity = Severity.Warning,
        Cause = "All vectors of the CPUs that the interrupt should move to are in use. " +
            "It stays on its CPU; a crash kernel with one CPU has no other place for it.",
        Fixes = [new("Forecast the vectors that a crash kernel of this machine needs", "kdt host vectors")],
        CausedBy = ["vector-exhaustion"],
        Kernels = "x86",
        Origin = "arch/x86/kernel/apic/vector.c; irqbalance's log",
    };
}
