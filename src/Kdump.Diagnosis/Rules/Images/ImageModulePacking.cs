using Kdump.Diagnosis.Evidence.Images;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>Modules are compressed with a method that neither kmod in the image nor the kernel supports.</summary>
public sealed class ImageModulePacking : Rule
{
    public override string Id => "module-compression-unsupported";

    public override Entry Entry => new("module-compression-unsupported",
        "modules are compressed with a method that nothing in the image supports")
    {
        Area = Area.Image,
        Signature =
            [".ko.xz, .ko.zst or .ko.gz with a libkmod that is not linked to its library, and a kernel without CONFIG_MODULE_DECOMPRESS"],
        Cause = "modprobe fails with \"Invalid argument\" or \"Exec format error\".",
        Fixes = [new("Put the library into the image", "kdumpctl rebuild && kdumpctl restart")],
        Origin = "kmod libkmod-file.c; kernel/module/decompress.c (5.17 and later)",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (ModulePackingUnread p in facts.Of<ModulePackingUnread>())
        {
            if (p.KernelCan is null)
            {
                yield return new Unknown(
                    $"whether {Counted.Of(p.Modules, "module")} compressed with {p.Packing} load: kmod in the image cannot unpack them " +
                        $"({p.Source.Text}), " +
                    "the kernel may", "the kernel's configuration (boot/config-RELEASE) in the root");
                continue;
            }
            yield return new Finding(Id,
                $"{Counted.Of(p.Modules, "module", "is", "are")} compressed with {p.Packing}, which kmod in the image cannot unpack",
                Severity.Critical, 0.9,
                $"kmod needs {p.Library} for them, and the kernel was built without CONFIG_MODULE_DECOMPRESS for this form; " +
                    "modprobe fails with \"could not insert: Invalid argument\" or \"Exec format error\".")
            {
                Subject = p.Packing,
                Evidence = [p.Source],
                Fixes = [.. DumpImage.Rebuild($"Put {p.Library} into the image (dracut_args --install …/{p.Library})")],
            };
        }
    }
}
