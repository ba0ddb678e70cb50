using Kdump.Diagnosis.Evidence;

namespace Kdump.Diagnosis.Rules.Image;

/// <summary>systemd will start a unit whose program is not in the image.</summary>
public sealed class ImageUnitProgram : Rule
{
    public override string Id => "unit-program-missing";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (var group in facts.Of<UnitProgramMissing>().GroupBy(u => u.Program))
        {
            string[] units = group.Select(u => u.Unit).Distinct().Order(StringComparer.Ordinal).ToArray();
            yield return new Finding(Id, $"{group.Key} is not in the image, and {ImageModuleDependency.Few(units)} {(units.Length == 1 ? "starts" : "start")} it", Severity.Error, 0.9,
                "systemd ends the unit with 203/EXEC (\"Failed to locate executable\"), and what requires it does not run.")
            {
                Subject = group.Key,
                Evidence = group.Select(u => u.Source).Take(4).ToArray(),
                Fixes = [new Fix($"Put {group.Key} into the image, or take the unit out", "kdumpctl rebuild")],
            };
        }
    }
}
