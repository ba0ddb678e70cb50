using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>The partition for a raw dump contains data, which the dump will overwrite.</summary>
public sealed class HostRawTarget : Rule
{
    public override string Id => "raw-target-holds-data";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (RawTargetHolds raw in facts.Of<RawTargetHolds>())
        {
            yield return new Finding(Id, $"{raw.Spec} is the target of raw dumps, but it contains {raw.Holds}", Severity.Error, 0.9,
                "The dump overwrites it from its first byte on; kdumpctl only warns.")
            {
                Subject = raw.Spec,
                Evidence = [raw.Source],
                Fixes = [new Fix($"To keep the data, write {raw.Holds} {raw.Spec} instead of raw {raw.Spec}; otherwise erase it",
                    $"blkid {ShellWord.Of(raw.Spec)}; grep -n '^raw' /etc/kdump.conf")],
            };
        }
    }
}
