using Kdump.Diagnosis.Evidence;

namespace Kdump.Diagnosis.Rules.Image;

/// <summary>A program in the image cannot start, because a shared library is not there.</summary>
public sealed class ImageLibraryMissing : Rule
{
    public override string Id => "library-missing-in-image";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (LibraryNeedUnmet n in facts.Of<LibraryNeedUnmet>())
        {
            bool starts = n.Programs.Count > 0;
            yield return new Finding(Id, starts ? $"{n.Library} is not in the image, and {ImageModuleDependency.Few(n.Programs)} cannot start" : $"{n.Library} is not in the image; {ImageModuleDependency.Few(n.NeededBy)} needs it",
                starts ? Severity.Error : Severity.Info, 0.95,
                starts ? "The dynamic linker stops with exit code 127: \"error while loading shared libraries\"." : "Only a library or plug-in names it, and no program in the image needs that one to start.")
            {
                Subject = n.Library,
                Evidence = [n.Source],
                Fixes = starts ? [new Fix($"Put the library into the image (dracut_args --install …/{n.Library}), or build the image again with a dracut that resolves it", "kdumpctl rebuild")] : [],
            };
        }
    }
}
