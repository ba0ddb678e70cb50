namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class KdumpImageMissing
{
    public static readonly Failure Entry = new("kdump-image-missing", "the kernel or image to load for a crash was not found: {1}")
    {
        Area = Area.Preparing,
        Signs = [new Sign("Failed to detect kdump {t}", "KDUMP_KERNEL does not exist: {t}", "KDUMP_INITRD does not exist: {t}")],
        In = Life.First,
        Cause = "The kdump service looks in the places where its distribution installs kernels; " +
            "unified kernel images and other boot loaders keep them elsewhere, and a removed kernel leaves links that lead nowhere.",
        Fixes =
        [
            new("Say where they are. RHEL, Fedora: KDUMP_BOOTDIR and KDUMP_IMG in /etc/sysconfig/kdump", "kdumpctl restart"),
            new("Debian, Ubuntu: make the links again", "kdump-config symlinks $(uname -r) && kdump-config load"),
        ],
        Origin = "kdump-utils kdump-lib.sh prepare_kdump_bootinfo(), commits edb8363 and 8af05dc; Debian kdump-config",
    };
}
