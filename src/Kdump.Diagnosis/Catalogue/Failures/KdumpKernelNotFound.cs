namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class KdumpKernelNotFound
{
    public static readonly Failure Entry = new("kdump-kernel-not-found", "the kdump service did not find the kernel to load: {1}")
    {
        Area = Area.Preparing,
        Signs = [new Sign("No kdump kernel image found"), new Sign("Tried to locate {t}")],
        In = Life.First,
        CausedBy = ["crashkernel-not-reserved"],
        Explains = ["kdump-service-failed", "no-capture-kernel"],
        Cause = "The init script of RHEL 6 and its relatives looks for the kernel in KDUMP_BOOTDIR. " +
            "Where that is not set, or set to another place than the one where kernels are installed, it looks in the root directory.",
        Fixes =
        [
            new("Set KDUMP_BOOTDIR=\"/boot\" in /etc/sysconfig/kdump, then start the service again",
                "grep -n KDUMP_ /etc/sysconfig/kdump; ls -l /boot/vmlinuz-$(uname -r); service kdump restart"),
            new("If /boot holds no such kernel: install the running kernel's package again, or set KDUMP_KERNELVER", "rpm -q kernel"),
        ],
        Origin = "kexec-tools of RHEL 6, kdump.init; linux-system-roles/kdump issue 74",
    };
}
