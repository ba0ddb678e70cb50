using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>The image is older than the files it was built from, or contains a different copy.</summary>
public sealed class ImageStale : Rule
{
    public override string Id => "image-stale";

    public override Entry Entry => new("image-stale", "the image is older than the files it was built from")
    {
        Area = Area.Image,
        Signature = ["a file of the machine newer than its copy in the image"],
        Cause = "Changed settings, drivers, keys or programs are not in it: " +
            "dracut and kdumpctl do not watch all of them. A disk image cloned with its kdump image is the worst case.",
        Fixes = [new("Rebuild the image")],
        Origin = "init/initramfs.c, dracut, kdump-utils",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        List<SourceChanged> changed = [.. facts.Of<SourceChanged>()];
        if (changed.Count == 0)
            yield break;
        bool differs = changed.Exists(c => c.Differs);
        yield return new Finding(Id,
            "the image was not built from the machine's current files: " +
            $"{ImageModuleDependency.Few(changed.OrderByDescending(c => c.Differs).Select(c => c.Path).ToArray())}",
            Severity.Warning, differs ? 0.9 : 0.6,
            differs ? "A copy in the image differs from the file on the machine; the crash kernel uses the copy."
                : "These files were changed after the image was written; their times do not show whether the change matters.")
        {
            Evidence = changed.OrderByDescending(c => c.Differs).Select(c => c.Source).Take(6).ToArray(),
            Fixes = [.. DumpImage.Rebuild("Rebuild the image")],
        };
    }
}
