namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class MemoryEncryptionBounceBuffer
{
    public static readonly Failure Entry =
        new("memory-encryption-bounce-buffer", "memory encryption takes a large bounce buffer in the crash kernel")
    {
        Area = Area.Starting,
        Signs =
        [
            "Memory Encryption Features active: {t}",
            new Sign("Out of memory: Kill", "Out of memory and no killable processes", "System is deadlocked on memory",
                "page allocation failure: order:"),
        ],
        In = Life.Capture,
        Severity = Severity.Warning,
        Confidence = 0.85,
        Explains = ["capture-kernel-oom", "crashkernel-too-small"],
        Cause = "With SME or SEV devices cannot reach encrypted memory, so the kernel sets aside 64 MB or more for copies.",
        Fixes = [new("Reserve 64 MB more")],
        Kernels = "5.11 and later name it so",
        Origin = "kdump-utils commit 4841bc6",
    };
}
