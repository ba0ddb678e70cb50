using Kdump.Diagnosis.Evidence.Images;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>systemd will start a unit whose program is not in the image.</summary>
public sealed class ImageUnitProgram : Rule
{
    public override string Id => "unit-program-missing";

    public override Entry Entry => new("unit-program-missing", "systemd will start a unit whose program is not in the image")
    {
        Area = Area.Image,
        Signature = ["ExecStart= without a file; 203/EXEC in the crash kernel's log"],
        Cause = "The unit was installed but not its program.",
        Fixes = [new("Add the program to the image, or remove the unit", "kdumpctl rebuild && kdumpctl restart")],
        Origin = "systemd.exec(5)",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (var group in facts.Of<UnitProgramMissing>().GroupBy(u => u.Program))
        {
            string[] units = group.Select(u => u.Unit).Distinct().Order(StringComparer.Ordinal).ToArray();
            yield return new Finding(Id,
                $"{group.Key} is not in the image, and {ImageModuleDependency.Few(units)} {(units.Length == 1 ? "starts" : "start")} it",
                Severity.Error, 0.9,
                "systemd ends the unit with 203/EXEC (\"Failed to locate executable\"), and units that require it do not run.")
            {
                Subject = group.Key,
                Evidence = group.Select(u => u.Source).Take(4).ToArray(),
                Fixes = [.. DumpImage.Rebuild($"Add {group.Key} to the image, or remove the unit")],
            };
        }
    }
}
