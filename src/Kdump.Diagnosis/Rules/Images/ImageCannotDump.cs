using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>
/// Nothing in the image saves /proc/vmcore. kdump-utils and SUSE's kdump write the dump from the image; kdump-tools boots the real
/// root and dumps there, so its image needs no such script.
/// </summary>
public sealed class ImageCannotDump : Rule
{
    public override string Id => "image-cannot-dump";

    public override Entry Entry => new("image-cannot-dump", "nothing in the image writes a dump")
    {
        Area = Area.Image,
        Signature = ["no kdump.sh, kdump-save or other script that reads /proc/vmcore in the image"],
        Cause = "It is a normal initramfs with the name of a kdump image, or was built without the dracut module of the dump tools.",
        Fixes = [new("Build it with the distribution's own tools, not with dracut or mkinitrd by hand",
            "kdumpctl rebuild && kdumpctl restart")],
        Origin = "kdump-utils dracut/99kdumpbase, openSUSE/kdump dracut/module-setup.sh",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (facts.Of<ImageSummary>() is not [var image, ..] || image.Saves is not null || facts.Any<ImageDamage>())
            yield break;
        KdumpTools tools = facts.Of<KdumpSetup>() is [{ Tools: not KdumpTools.None } setup, ..] ? setup.Tools : image.Tools;
        bool named = image.Image.Contains("kdump", StringComparison.OrdinalIgnoreCase);
        // If the dump tools are not known, only the image's name shows its purpose.
        if (tools == KdumpTools.Debian || (tools == KdumpTools.None && (!named || image.Builder != ImageBuilder.Dracut)))
            yield break;
        bool certain = tools != KdumpTools.None;
        yield return new Finding(Id, "nothing in the image writes a dump", certain ? Severity.Critical : Severity.Error,
            certain ? 0.95 : 0.8,
            (certain ? $"{Name(tools)} saves the dump from this image, but no script in it reads /proc/vmcore"
                : "Its name says that it is for a crash kernel, but no script in it reads /proc/vmcore") +
                ": it is a normal initramfs, or was built without the dump tools' dracut module.")
        {
            Evidence = facts.Of<KdumpSetup>() is [var s, ..] ? [image.Source, s.Source] : [image.Source],
            Fixes = [.. DumpImage.Rebuild("Build it with the distribution's own tools")],
        };
    }

    private static string Name(KdumpTools tools) => tools == KdumpTools.Suse ? "SUSE's kdump" : "kdump-utils";
}
