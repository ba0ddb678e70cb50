using Kdump.Diagnosis.Evidence.Images;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>Names in the archive for which the kernel creates nothing and says nothing.</summary>
public sealed class ImageNamesLost : Rule
{
    public override string Id => "image-entry-lost";

    public override Entry Entry => new("image-entry-lost", "the kernel drops entries of the archive without a word")
    {
        Area = Area.Image,
        Signature = ["a path without its folder"],
        Cause = "Names come before the folders that hold them, or are too long.",
        Fixes = [new("Build the image with another tool")],
        Origin = "init/initramfs.c, dracut, kdump-utils",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (var group in facts.Of<ImageNameLost>().GroupBy(l => l.Reason))
        {
            yield return new Finding(Id,
                $"the kernel creates nothing for {ImageModuleDependency.Few(group.Select(g => g.Name).ToArray())}: {group.Key}",
                Severity.Warning, 0.9,
                "The archive lists it, tools show it, and it will not be there.")
            {
                Subject = group.First().Name,
                Evidence = group.Select(g => g.Source).Take(4).ToArray(),
            };
        }
    }
}
