namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class VectorWithoutHandler
{
    public static readonly Failure Entry = new("vector-without-handler", "a CPU got an interrupt on a vector that nobody owns")
    {
        Area = Area.Hardware,
        Signs = [new Sign("No irq handler for vector", "No irq handler for {w}.{w}")],
        Severity = Severity.Warning,
        Confidence = 0.8,
        Cause = "A message arrived after its vector was given up, or a device writes stale or forged interrupt messages. Now and then it " +
            "is harmless.",
        Fixes = [new("If a device stops working at the same time: move its interrupts, update its firmware, switch interrupt remapping on",
            "grep . /proc/irq/*/smp_affinity_list")],
        Kernels = "x86",
        Origin = "arch/x86/kernel/irq.c",
    };
}
