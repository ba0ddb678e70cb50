using Kdump.Diagnosis.Evidence;

namespace Kdump.Diagnosis.Rules.Image;

/// <summary>extra_modules names a module that the image does not hold: dracut says so while it builds, and builds the image all the same.</summary>
public sealed class ImageConfiguredModule : Rule
{
    public override string Id => "configured-module-missing";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (ConfiguredModuleMissing m in facts.Of<ConfiguredModuleMissing>())
        {
            yield return new Finding(Id, $"{m.Module} is not in the image, and extra_modules names it", Severity.Error, 0.95, "It is neither there nor built into the kernel; what was wanted from it does not happen.")
            {
                Subject = m.Module,
                Evidence = [m.Source],
                Fixes = [new Fix("Install the module for the crash kernel's release, or correct its name, and rebuild the image", "kdumpctl rebuild")],
            };
        }
    }
}
