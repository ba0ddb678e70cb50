using Kdump.Diagnosis.Evidence;

namespace Kdump.Diagnosis.Rules.Image;

/// <summary>A driver is in the image that no dump needs and that takes memory which a crash kernel does not have.</summary>
public sealed class ImageModuleAppetite : Rule
{
    public override string Id => "driver-wastes-memory";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (ModuleAppetite m in facts.Of<ModuleAppetite>())
        {
            bool loaded = m.Loaded == true;
            yield return new Finding(Id, $"{m.Module} is in the image, and the way to the dump does not need it", loaded ? Severity.Warning : Severity.Info, loaded ? 0.8 : 0.5,
                loaded ? $"The machine has such a device, so the crash kernel loads the driver too: {m.Why}." : $"{m.Why[..1].ToUpperInvariant()}{m.Why[1..]}, on a machine that has such a device.")
            {
                Subject = m.Module,
                Evidence = [m.Source],
                Fixes = loaded ? [new Fix($"Leave it out: dracut_args --omit-drivers {m.Module} in /etc/kdump.conf", "kdumpctl rebuild")] : [],
            };
        }
    }
}
