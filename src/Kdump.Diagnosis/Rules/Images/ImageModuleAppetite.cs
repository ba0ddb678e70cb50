using Kdump.Diagnosis.Evidence.Images;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>The image contains a driver that no dump needs and that uses memory which a crash kernel does not have.</summary>
public sealed class ImageModuleAppetite : Rule
{
    public override string Id => "driver-wastes-memory";

    public override Entry Entry => new("driver-wastes-memory", "the image contains a driver that no dump needs and that uses much memory")
    {
        Area = Area.Image,
        Signature = ["amdgpu, nouveau, i915, mlx5_core and similar drivers that are not on the path to the dump target"],
        Cause = "The crash kernel loads it for the device it finds, with firmware and buffers: up to several hundred megabytes.",
        Fixes = [new("Leave it out: dracut_args --omit-drivers NAME in /etc/kdump.conf", "kdumpctl rebuild && kdumpctl restart")],
        Origin = "kdump-utils commits 77a0246 and a65dde2",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (ModuleAppetite m in facts.Of<ModuleAppetite>())
        {
            bool loaded = m.Loaded == true;
            yield return new Finding(Id, $"{m.Module} is in the image, but the dump does not need it", loaded ? Severity.Warning
                : Severity.Info, loaded ? 0.8 : 0.5,
                loaded ? $"The machine has such a device, so the crash kernel loads the driver too: {m.Why}."
                    : $"{m.Why[..1].ToUpperInvariant()}{m.Why[1..]}, on a machine that has such a device.")
            {
                Subject = m.Module,
                Evidence = [m.Source],
                Fixes = loaded ? [.. DumpImage.Omit(m.Module)]
                    : [],
            };
        }
    }
}
