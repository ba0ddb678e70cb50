namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class KernelWithoutKexec
{
    public static readonly Failure Entry = new("kernel-without-kexec", "the running kernel cannot load a crash kernel at all")
    {
        Area = Area.Preparing,
        Signs = [new Sign("Kdump is not supported on this kernel", "kdump is not supported by this kernel",
            "kexec_load failed: Function not implemented")],
        In = Life.First,
        CausedBy = ["kernel-config-lacks-kdump"],
        Explains = ["kexec-load-rejected"],
        Cause = "It was built without CONFIG_KEXEC and CONFIG_CRASH_DUMP, or kernel.kexec_load_disabled is set.",
        Fixes = [new("Check what the kernel supports",
            "grep -E \"KEXEC|CRASH_DUMP\" /boot/config-$(uname -r); cat /proc/sys/kernel/kexec_load_disabled")],
        Origin = "kdump-utils kdump-lib.sh check_kdump_feasibility(); Debian kdump-config",
    };
}
