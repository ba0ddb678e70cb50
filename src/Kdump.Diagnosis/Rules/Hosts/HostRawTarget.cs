using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>The partition that is to take a raw dump holds something, which the dump will write over.</summary>
public sealed class HostRawTarget : Rule
{
    public override string Id => "raw-target-holds-data";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (RawTargetHolds raw in facts.Of<RawTargetHolds>())
        {
            yield return new Finding(Id, $"{raw.Spec} is to take a raw dump, and it holds {raw.Holds}", Severity.Error, 0.9,
                "The dump is written over it from its first byte on; kdumpctl only warns.")
            {
                Subject = raw.Spec,
                Evidence = [raw.Source],
                Fixes = [new Fix($"To keep what is there, write {raw.Holds} {raw.Spec} instead of raw {raw.Spec}; else clear it",
                    $"blkid {raw.Spec}; grep -n '^raw' /etc/kdump.conf")],
            };
        }
    }
}
