using Kdump.Diagnosis.Evidence;

namespace Kdump.Diagnosis.Rules.Image;

/// <summary>The configuration names a program that the image does not hold.</summary>
public sealed class ImageConfiguredProgram : Rule
{
    public override string Id => "configured-program-missing";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (ConfiguredProgramMissing p in facts.Of<ConfiguredProgramMissing>())
        {
            bool collector = p.Setting is "core_collector" or "KDUMP_DUMPFORMAT" or "ssh" or "nfs";
            yield return new Finding(Id, $"{p.Program} is not in the image, and {p.Setting} names it", collector || p.Setting is "kdump_pre" or "KDUMP_PRESCRIPT" ? Severity.Critical : Severity.Error, 0.95,
                collector ? "Nothing else writes the dump." : p.Setting == "kdump_pre" ? "When kdump_pre fails, no dump is written." : "Whatever calls it in the crash kernel fails.")
            {
                Subject = p.Program,
                Evidence = [p.Source],
                Fixes = [new Fix("Install the program on the machine and rebuild the image", "kdumpctl rebuild")],
            };
        }
    }
}
