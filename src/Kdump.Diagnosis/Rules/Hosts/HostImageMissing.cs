using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>The image that the tools load for the running kernel does not exist at the expected path.</summary>
public sealed class HostImageMissing : Rule
{
    public override string Id => "kdump-image-missing";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (facts.Of<ExpectedImage>() is not [var image, ..])
            yield break;
        if (image.State == ExpectedImageState.Unreadable)
            yield return new Unknown($"whether something is wrong inside {image.Path}: this user has no permission to read it",
                "run the command as root, or give a copy with --image");
        if (image.State is ExpectedImageState.NotCollected or ExpectedImageState.Unknown)
            yield return new Unknown(
                "whether something " +
                $"is wrong {(image.State == ExpectedImageState.Unknown ? "with" : "inside")} the kdump image {image.Path}: " +
                "it is not in the collection", "a copy of it as --image");
        if (image.State != ExpectedImageState.Absent)
            yield break;
        bool loaded = facts.Of<KexecLoaded>().Any(l => l.Loaded);
        yield return new Finding(Id, $"there is no kdump image for the running kernel {image.Release}", loaded ? Severity.Warning
            : Severity.Error, image.Others.Count > 0 ? 0.9 : 0.8,
            (image.Others.Count > 0
                ? $"There are images for other kernels ({string.Join(", ", image.Others.Take(3))}): " +
                "the kernel was updated, or the machine boots an older one." : "It was never built, or was removed.") +
            (loaded ? " The loaded one came from another place, or the image was removed since."
                : " The service cannot load a missing image."))
        {
            Subject = image.Path,
            Evidence = [image.Source],
            Fixes = [.. DumpImage.Rebuild("Build it")],
        };
    }
}
