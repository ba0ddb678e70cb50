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
        Cause = "The code between the two kernels (purgatory) sums up what was loaded and compares it; " +
            "then it stops there, so nothing more is heard. Something wrote into the reserved memory: " +
            "a device's DMA, the crash itself, or firmware; or kexec placed two pieces over each other.",
        Fixes =
        [
            new("Check what else uses that range, " +
                "and try with the IOMMU enabled (intel_iommu=on, amd_iommu=on), which keeps devices out of it",
                "grep -i -B2 -A2 'crash kernel' /proc/iomem; kexec --version"),
        ],
        Origin = "kexec-tools purgatory/purgatory.c; arch/x86/purgatory/purgatory.c",
    };
}
