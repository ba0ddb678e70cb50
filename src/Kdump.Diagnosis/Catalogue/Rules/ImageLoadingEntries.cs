namespace Kdump.Diagnosis.Catalogue.Rules;

/// <summary>What the catalogue says of rules written by hand: modules, units and programs that are in the image and will not start there.</summary>
internal static class ImageLoadingEntries
{
    public static readonly Entry[] All =
    [
        new("module-index-missing", "modprobe does not find modules that are in the image")
        {
            Area = Area.Image,
            Signature = ["no modules.dep, or modules that it does not list"],
            Cause = "modprobe and udev look modules up in modules.dep; what was added after depmod ran is not there for them.",
            Fixes = [new("Build the image anew", "dracut --force --kver $(uname -r)")],
            Origin = "kmod libkmod-module.c; dracut dracut-functions.sh",
        },
        new("module-compression-unsupported", "modules are packed in a way that nothing in the image unpacks")
        {
            Area = Area.Image,
            Signature = [".ko.xz, .ko.zst or .ko.gz with a libkmod that is not linked to its library, and a kernel without CONFIG_MODULE_DECOMPRESS"],
            Cause = "modprobe fails with \"Invalid argument\" or \"Exec format error\".",
            Fixes = [new("Put the library into the image", "kdumpctl rebuild")],
            Origin = "kmod libkmod-file.c; kernel/module/decompress.c (5.17 and later)",
        },
        new("module-signature-missing", "the kernel takes signed modules only, and modules of the image have no signature")
        {
            Area = Area.Image,
            Signature = ["no \"~Module signature appended~\" at the end of a .ko, with module.sig_enforce, CONFIG_MODULE_SIG_FORCE or lockdown"],
            Cause = "They were stripped, or built outside of the kernel's package.",
            Fixes = [new("Build the image from the package's modules without stripping; sign one's own and enrol the key", "kdumpctl rebuild")],
            Origin = "kernel/module/signing.c module_sig_check()",
        },
        new("configured-module-missing", "extra_modules names a module that the image does not hold")
        {
            Area = Area.Image,
            Signature = ["extra_modules in kdump.conf"],
            Cause = "dracut complains while it builds, and builds the image all the same.",
            Fixes = [new("Install the module for that kernel, or correct its name", "kdumpctl rebuild")],
            Origin = "kdump-utils mkdumprd; dracut dracut-install.c",
        },
        new("driver-wastes-memory", "a driver is in the image that no dump needs and that takes much memory")
        {
            Area = Area.Image,
            Signature = ["amdgpu, nouveau, i915, mlx5_core and their like outside of the way to the dump target"],
            Cause = "The crash kernel loads it for the device it finds, with firmware and buffers: up to some hundred megabytes.",
            Fixes = [new("Leave it out: dracut_args --omit-drivers NAME in /etc/kdump.conf", "kdumpctl rebuild")],
            Origin = "kdump-utils commits 77a0246 and a65dde2",
        },
        new("unit-program-missing", "systemd will start a unit whose program is not in the image")
        {
            Area = Area.Image,
            Signature = ["ExecStart= without a file; 203/EXEC in the crash kernel's log"],
            Cause = "The unit was installed and its program was not.",
            Fixes = [new("Put the program into the image, or take the unit out", "kdumpctl rebuild")],
            Origin = "systemd.exec(5)",
        },
        new("probe-missing-in-image", "something in the image starts kdump-probe, and it is not there")
        {
            Area = Area.Image,
            Signature = ["kdump-probe.service or a hook without usr/bin/kdump-probe"],
            Cause = "The dump does not need it; when the dump fails, nothing says why.",
            Fixes = [new("Install kdump-probe and build the image again", "kdumpctl rebuild")],
            Origin = "dracut/50kdump-probe of this project",
        },
    ];
}
