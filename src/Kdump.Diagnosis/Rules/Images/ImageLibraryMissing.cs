using Kdump.Diagnosis.Evidence.Images;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>A program in the image cannot start because a shared library is missing.</summary>
public sealed class ImageLibraryMissing : Rule
{
    public override string Id => "library-missing-in-image";

    public override Entry Entry => new("library-missing-in-image", "a program in the image lacks a shared library")
    {
        Area = Area.Image,
        Signature = ["DT_NEEDED without a file"],
        Cause = "It ends with exit code 127 (\"error while loading shared libraries\").",
        Fixes = [new("Install the library into the image")],
        Origin = "init/initramfs.c, dracut, kdump-utils",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (LibraryNeedUnmet n in facts.Of<LibraryNeedUnmet>())
        {
            bool starts = n.Programs.Count > 0;
            yield return new Finding(Id, starts
                ? $"{n.Library} is not in the image, and {ImageModuleDependency.Few(n.Programs)} cannot start"
                : $"{n.Library} is not in the image; {ImageModuleDependency.Few(n.NeededBy)} needs it",
                starts ? Severity.Error : Severity.Info, 0.95,
                starts ? "The dynamic linker stops with exit code 127: \"error while loading shared libraries\"."
                    : "Only a library or plug-in names it, and no program in the image needs that one to start.")
            {
                Subject = n.Library,
                Evidence = [n.Source],
                Fixes = starts
                    ? [.. DumpImage.Rebuild(
                    "Put the library into the image " +
                    $"(dracut_args --install …/{n.Library}), or rebuild the image with a dracut that resolves it")] : [],
            };
        }
        // The program's note says whether it requires the library. Without kmod no module is loaded, whatever the note says.
        foreach (LibraryOpenedUnmet n in facts.Of<LibraryOpenedUnmet>().Where(n => n.Priority == "required" || n.Feature == "kmod"))
        {
            bool kmod = n.Feature == "kmod";
            yield return new Finding(Id,
                $"{n.Library} is not in the image, and {ImageModuleDependency.Few(n.OpenedBy)} " +
                $"{(n.OpenedBy.Count == 1 ? "opens" : "open")} it while running", Severity.Error, 0.85,
                kmod ? "systemd and udev load kernel modules through it: without it no driver is loaded."
                    : $"The feature {n.Feature} is marked as required.")
            {
                Subject = n.Library,
                Evidence = [n.Source],
                Fixes = [
                    .. DumpImage.Rebuild(
                        "Put the library into the image " +
                    $"(dracut_args --install …/{n.Library}), or build it with a dracut that reads .note.dlopen (dracut-ng 103 and newer)")],
            };
        }
    }
}
