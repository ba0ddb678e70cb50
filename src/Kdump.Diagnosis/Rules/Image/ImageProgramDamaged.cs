using Kdump.Diagnosis.Evidence;

namespace Kdump.Diagnosis.Rules.Image;

/// <summary>A program in the image is cut short: stripped although it carries data behind its sections, or written to a full disk.</summary>
public sealed class ImageProgramDamaged : Rule
{
    public override string Id => "program-damaged-in-image";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (ProgramDamaged p in facts.Of<ProgramDamaged>())
        {
            yield return new Finding(Id, $"{p.Path} is damaged: {p.Reason}", Severity.Error, 0.9, "Its headers speak of bytes that the file does not have; it crashes or does not start.")
            {
                Subject = p.Path,
                Evidence = [p.Source],
                Fixes = [new Fix("Compare it with the file it was copied from; build the image without --strip if stripping broke it", "kdumpctl rebuild")],
            };
        }
    }
}
