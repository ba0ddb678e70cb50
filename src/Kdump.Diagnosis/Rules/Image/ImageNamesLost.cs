using Kdump.Diagnosis.Evidence;

namespace Kdump.Diagnosis.Rules.Image;

/// <summary>Names in the archive for which the kernel creates nothing and says nothing.</summary>
public sealed class ImageNamesLost : Rule
{
    public override string Id => "image-entry-lost";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (var group in facts.Of<ImageNameLost>().GroupBy(l => l.Reason))
        {
            yield return new Finding(Id, $"the kernel creates nothing for {ImageModuleDependency.Few(group.Select(g => g.Name).ToArray())}: {group.Key}", Severity.Warning, 0.9,
                "The archive lists it, tools show it, and it will not be there.")
            {
                Subject = group.First().Name,
                Evidence = group.Select(g => g.Source).Take(4).ToArray(),
            };
        }
    }
}
