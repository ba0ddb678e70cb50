using Kdump.Diagnosis.Evidence.Images;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>A hook that would be started has no execute permission.</summary>
public sealed class ImageHookMode : Rule
{
    public override string Id => "hook-not-executable";

    public override Entry Entry => new("hook-not-executable", "a hook is not executable")
    {
        Area = Area.Image,
        Signature = ["mode without x"],
        Cause = "It is copied into the image but never run.",
        Fixes = [new("chmod +x, and rebuild the image")],
        Origin = "init/initramfs.c, dracut, kdump-utils",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (HookNotExecutable h in facts.Of<HookNotExecutable>())
        {
            yield return new Finding(Id, $"{h.Path} is not executable", Severity.Error, 0.95,
                $"{h.StartedBy} starts it, and without execute permission it is left out or fails with EACCES.")
            {
                Subject = h.Path,
                Evidence = [h.Source],
                Fixes = [.. DumpImage.Rebuild(
                    $"Make the source file executable (chmod +x {h.Path}), and rebuild the image")],
            };
        }
    }
}
