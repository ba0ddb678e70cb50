using Kdump.Diagnosis.Evidence.Images;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>A part of the image is damaged: truncated, corrupt, or followed by bytes that are not an archive.</summary>
public sealed class ImageUnreadable : Rule
{
    public override string Id => "initramfs-unpack-failed";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        List<ImageDamage> damages = [.. facts.Of<ImageDamage>()];
        if (damages.Count == 0)
            yield break;
        yield return new Finding(Id, "the image cannot be unpacked completely", Severity.Critical, 0.95,
            "The kernel unpacks it from front to back and stops at the first damaged byte, so later files are missing.")
        {
            Evidence = damages.ConvertAll(d => d.Source).Take(5).ToArray(),
            CausedBy = facts.Of<ImageObjection>().Any(o => o.Fatal) ? ["image-refused-by-kernel"] : [],
            Fixes = [.. DumpImage.Rebuild("Rebuild the image, and compare its size and the free space of /boot")],
        };
        yield return new Unknown("whether the image has everything that the dump needs: only a part of it can be read", "a rebuilt image");
    }
}
