using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>The image that the tools load for the running kernel is not where they look for it.</summary>
public sealed class HostImageMissing : Rule
{
    public override string Id => "kdump-image-missing";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (facts.Of<ExpectedImage>() is not [var image, ..])
            yield break;
        if (image.State == ExpectedImageState.Unreadable)
            yield return new Unknown($"whether something is wrong inside {image.Path}: this user may not read it",
                "the same as root, or --image with a copy of it");
        if (image.State is ExpectedImageState.NotCollected or ExpectedImageState.Unknown)
            yield return new Unknown(
                $"whether something is wrong {(image.State == ExpectedImageState.Unknown ? "with" : "inside")} the kdump image " +
                $"{image.Path}: the collection does not hold it", "a copy of it as --image");
        if (image.State != ExpectedImageState.Absent)
            yield break;
        bool loaded = facts.Of<KexecLoaded>().Any(l => l.Loaded);
        yield return new Finding(Id, $"there is no kdump image for the running kernel {image.Release}", loaded ? Severity.Warning
            : Severity.Error, image.Others.Count > 0 ? 0.9 : 0.8,
            (image.Others.Count > 0
                ? $"There are images for other kernels ({string.Join(", ", image.Others.Take(3))}): the kernel was updated, or the " +
                $"machine boots an older one." : "It was never built, or was removed.") +
            (loaded ? " What is loaded was read from somewhere else, or the image was removed since."
                : " The service cannot load what is not there."))
        {
            Subject = image.Path,
            Evidence = [image.Source],
            Fixes = [.. DumpImage.Rebuild("Build it")],
        };
    }
}
