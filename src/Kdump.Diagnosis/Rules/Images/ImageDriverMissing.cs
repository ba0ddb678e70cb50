using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>A driver that this machine uses to reach its dump target is not in the image.</summary>
public sealed class ImageDriverMissing : Rule
{
    public override string Id => "driver-missing-in-image";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (var group in facts.Of<TargetDriver>().Where(d => !d.InImage).GroupBy(d => d.Module.Length > 0 ? d.Module : d.Driver))
        {
            TargetDriver first = group.First();
            yield return new Finding(Id, $"the image lacks {group.Key}, which {first.Target} depends on", Severity.Critical, 0.95,
                $"The machine reaches {first.Target} through {string.Join(", ", group.Select(g => g.Device).Distinct().Take(4))}, " +
                    $"driven by {first.Driver}; without it the disk does not appear in the crash kernel.")
            {
                Subject = group.Key,
                Evidence = group.Select(g => g.Source).Take(4).ToArray(),
                Fixes = [.. DumpImage.Modules(group.Key)],
            };
        }
        foreach (TargetUnresolved u in facts.Of<TargetUnresolved>())
            yield return new Unknown($"whether the image has every driver for the dump target {u.Spec}: {u.Reason}",
                "the machine itself (--root /), or its /sys and udev database in the collected folder");
    }
}
