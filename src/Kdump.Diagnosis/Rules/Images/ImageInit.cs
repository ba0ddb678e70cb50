using Kdump.Diagnosis.Evidence.Images;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>Without /init the kernel tries to mount a root file system itself and panics.</summary>
public sealed class ImageInit : Rule
{
    public override string Id => "image-init-missing";

    public override Entry Entry => new("image-init-missing", "the image has no /init")
    {
        Area = Area.Image,
        Signature = ["no executable /init in the virtual tree"],
        Cause = "The kernel then tries to mount a root file system itself and panics.",
        Fixes = [new("Rebuild the image")],
        Origin = "init/initramfs.c, dracut, kdump-utils",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (ImageInitBroken b in facts.Of<ImageInitBroken>())
        {
            yield return new Finding(Id, b.Reason, Severity.Critical, 0.95,
                "The kernel starts /init of the image; when it cannot, it tries to mount a root file system itself and panics.")
            {
                Evidence = [b.Source],
                Fixes = [.. DumpImage.Rebuild("Rebuild the image")],
            };
        }
    }
}
