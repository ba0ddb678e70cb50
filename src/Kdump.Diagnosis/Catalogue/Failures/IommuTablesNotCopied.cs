namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class IommuTablesNotCopied
{
    public static readonly Failure Entry =
        new("iommu-tables-not-copied", "the crash kernel could not take over the IOMMU tables of the crashed one")
    {
        Area = Area.Starting,
        Signs =
        [
            new Sign("Failed to copy translation tables from previous kernel", "Failed to copy DEV table from previous kernel",
                "Failed to reuse DEV table from previous kernel", "Failed to copy IR table"),
        ],
        In = Life.Capture,
        Severity = Severity.Warning,
        Explains = ["iommu-fault"],
        Cause = "It then starts with empty tables while devices still write where the old ones led: " +
            "faults follow until each driver has reset its device.",
        Fixes = [new("If devices then do not start: intel_iommu=off (amd_iommu=off) on the crash kernel's command line",
            Risk: "devices can then reach all of its memory")],
        Kernels = "4.2 and later (Intel), 4.14 and later (AMD)",
        Origin = "drivers/iommu/intel/iommu.c init_dmars(), drivers/iommu/amd/init.c",
    };
}
