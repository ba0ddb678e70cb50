using Kdump.Diagnosis.Evidence.Images;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>Entries of the archive that the kernel skips without a message.</summary>
public sealed class ImageNamesLost : Rule
{
    public override string Id => "image-entry-lost";

    public override Entry Entry => new("image-entry-lost", "the kernel skips entries of the archive without a message")
    {
        Area = Area.Image,
        Signature = ["a path without its folder"],
        Cause = "Paths come before their parent folders in the archive, or are too long.",
        Fixes = [new("Build the image with a different tool")],
        Origin = "init/initramfs.c, dracut, kdump-utils",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (var group in facts.Of<ImageNameLost>().GroupBy(l => l.Reason))
        {
            yield return new Finding(Id,
                $"the kernel creates nothing for {ImageModuleDependency.Few(group.Select(g => g.Name).ToArray())}: {group.Key}",
                Severity.Warning, 0.9,
                "The archive contains it and tools list it, but the file will not exist in the crash kernel.")
            {
                Subject = group.First().Name,
                Evidence = group.Select(g => g.Source).Take(4).ToArray(),
            };
        }
    }
}
