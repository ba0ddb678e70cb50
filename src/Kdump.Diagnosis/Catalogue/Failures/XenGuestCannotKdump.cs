namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class XenGuestCannotKdump
{
    public static readonly Failure Entry = new("xen-guest-cannot-kdump", "this kind of Xen guest cannot start a crash kernel")
    {
        Area = Area.Starting,
        Signs =
        [
            "Hypervisor detected: Xen HVM",
            new Sign("kexec_load failed", "kexec_file_load failed", "failed to load kdump kernel", "Kernel panic - not syncing"),
        ],
        In = Life.First,
        Severity = Severity.Info,
        Confidence = 0.5,
        Explains = ["kexec-load-rejected", "no-capture-kernel"],
        Cause = "Old Xen hosts (among them EC2's T2 machines) do not support kexec in a guest.",
        Fixes = [new("Take the dump from the host (xl dump-core, or the cloud's diagnostic interrupt)")],
        Origin = "kdump-utils commit 8a963ec (RHEL-108739)",
    };
}
