using Kdump.Diagnosis.Evidence.Images;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>
/// A program in the image is truncated: it was stripped although it has data after its sections, or written to a full disk.
/// </summary>
public sealed class ImageProgramDamaged : Rule
{
    public override string Id => "program-damaged-in-image";

    public override Entry Entry => new("program-damaged-in-image", "a program in the image is truncated")
    {
        Area = Area.Image,
        Signature = ["an ELF file shorter than its headers say"],
        Cause = "It was stripped although it has data after its sections, or written to a full disk.",
        Fixes = [new("Do not strip it; rebuild the image")],
        Origin = "init/initramfs.c, dracut, kdump-utils",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        // The probe has its own rule, because no dump depends on it.
        foreach (ProgramDamaged p in facts.Of<ProgramDamaged>().Where(p => !facts.Of<ProbeInImage>().Any(b => b.Path == p.Path)))
        {
            yield return new Finding(Id, $"{p.Path} is damaged: {p.Reason}", Severity.Error, 0.9,
                "Its headers do not match the file or the machine; it crashes, or does not start or load.")
            {
                Subject = p.Path,
                Evidence = [p.Source],
                Fixes = [.. DumpImage.Rebuild(
                    "Compare it with the file it was copied from; build the image without --strip if stripping broke it")],
            };
        }
    }
}
