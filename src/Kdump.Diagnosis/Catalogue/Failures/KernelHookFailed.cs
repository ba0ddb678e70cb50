namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class KernelHookFailed
{
    public static readonly Failure Entry = new("kernel-hook-failed", "the step {2} of a kernel's installation failed")
    {
        Area = Area.Crashing,
        Signs = [new Sign("run-parts: /etc/kernel/{e}/{e} exited with return code {w}",
            "{e}/kernel/install.d/{e} failed with exit status {w}")],
        Subject = 2,
        In = Life.First,
        CausedBy = ["initramfs-not-built", "dkms-build-failed", "filesystem-full"],
        Cause = "The steps behind it (building modules and the initramfs, writing the boot loader's menu) are then not run: " +
            "that kernel may not start. Do not restart into it before.",
        Fixes = [new("Run it again and read its messages; then complete the remaining steps",
            "dpkg --configure -a || kernel-install add KERNEL /lib/modules/KERNEL/vmlinuz")],
        Origin = "debianutils run-parts, systemd src/kernel-install",
    };
}
