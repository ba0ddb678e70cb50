using Kdump.Diagnosis.Evidence;

namespace Kdump.Diagnosis.Rules.Image;

/// <summary>Without /init the kernel looks for a root file system of its own and panics.</summary>
public sealed class ImageInit : Rule
{
    public override string Id => "image-init-missing";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (ImageInitBroken b in facts.Of<ImageInitBroken>())
        {
            yield return new Finding(Id, b.Reason, Severity.Critical, 0.95, "The kernel starts /init of the image; when it cannot, it tries to mount a root file system itself and panics.")
            {
                Evidence = [b.Source],
                Fixes = [new Fix("Build the image again", "kdumpctl rebuild")],
            };
        }
    }
}
