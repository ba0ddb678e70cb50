namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class PurgatoryDigestMismatch
{
    public static readonly Failure Entry =
        new("purgatory-digest-mismatch", "the crash kernel was not started: its image in memory had been changed")
    {
        Area = Area.Starting,
        Signs = ["sha256 digests do not match"],
        Severity = Severity.Critical,
        Explains = ["no-capture-kernel"],
        Cause = "The code between the two kernels (purgatory) compares a checksum of the loaded image. " +
            "It differed, so purgatory stopped, and nothing more is printed. Something wrote into the reserved memory (a device's DMA, " +
            "the crash itself, or firmware), or kexec loaded two segments at overlapping addresses.",
        Fixes =
        [
            new("Check what else uses that range, " +
                "and try with the IOMMU enabled (intel_iommu=on, amd_iommu=on), which keeps devices out of it",
                "grep -i -B2 -A2 'crash kernel' /proc/iomem; kexec --version"),
        ],
        Origin = "kexec-tools purgatory/purgatory.c; arch/x86/purgatory/purgatory.c",
    };
}
