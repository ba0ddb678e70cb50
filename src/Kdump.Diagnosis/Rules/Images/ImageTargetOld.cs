using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>The image dumps to another target than the one that the machine's settings name now.</summary>
public sealed class ImageTargetOld : Rule
{
    public override string Id => "image-target-differs";

    public override Entry Entry => new("image-target-differs", "the image dumps to another target than the settings name")
    {
        Area = Area.Image,
        Signature = ["/etc/kdump.conf in the image and on the machine name different targets"],
        Cause = "The settings were changed after the image was built, or the image was copied from another machine. " +
            "The crash kernel uses what is in the image.",
        Fixes = [new("Rebuild the image")],
        Origin = "kdump-utils dracut/99kdumpbase/module-setup.sh kdump_install_conf()",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (ImageTargetDiffers t in facts.Of<ImageTargetDiffers>())
        {
            yield return new Finding(Id, $"the image dumps to {Named(t.OfImage)}, and {t.File} has {Named(t.OfMachine)}",
                Severity.Error, 0.9, "The image was built before the setting was changed, or on another machine; a dump goes where the " +
                "image says, or nowhere.")
            {
                Subject = t.OfImage,
                Evidence = [t.Source, t.Machine],
                Fixes = [.. DumpImage.Rebuild("Rebuild the image")],
            };
        }
    }

    private static string Named(string spec) => spec.Length > 0 ? Printable.Escape(spec) : "no target (the file system of path)";
}
