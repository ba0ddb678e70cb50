namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class RemappingLeftByKexec
{
    public static readonly Failure Entry =
        new("remapping-left-by-kexec", "harmless: the previous kernel left the IOMMU enabled, and this one reinitialises it")
    {
        Area = Area.Starting,
        Signs = [new Sign("IRQ remapping was enabled on {d} but we ", "ranslation was enabled for {e} but we ")],
        Severity = Severity.Info,
        Cause = "The machine was restarted by kexec, without its firmware. " +
            "Nothing is wrong: the kernel reports it, turns the unit off and sets it up itself. Newer kernels say it in milder words.",
        Fixes = [new("Nothing is to be done")],
        Origin = "drivers/iommu/intel/irq_remapping.c, drivers/iommu/intel/iommu.c; lkml mail 433452d0-589a-49c8-8044-dcc93d5be90a",
    };
}
