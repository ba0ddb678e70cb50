namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class KexecUnloadRefused
{
    public static readonly Failure Entry = new("kexec-unload-refused", "the loaded crash kernel could not be unloaded")
    {
        Area = Area.Preparing,
        Signs = [new Sign("kexec unload failed: ", "kexec_file_load(unload) failed: ")],
        In = Life.First,
        Severity = Severity.Warning,
        Cause = "A crash kernel that was loaded with kexec_file_load(2) " +
            "must be unloaded the same way where the kernel is locked down or IMA appraises kernel images.",
        Fixes = [new("Unload it with the newer system call; then reloading works, too", "kexec -a -p -u")],
        Kernels = "locked down or with IMA appraisal",
        Origin = "kexec-tools kexec.c k_unload(); openSUSE/kdump issue 29",
    };
}
