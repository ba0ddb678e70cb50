using Kdump.Diagnosis.Evidence.Images;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>
/// extra_modules names a module that the image does not hold: dracut says so while it builds, and builds the image all the same.
/// </summary>
public sealed class ImageConfiguredModule : Rule
{
    public override string Id => "configured-module-missing";

    public override Entry Entry => new("configured-module-missing", "extra_modules names a module that the image does not hold")
    {
        Area = Area.Image,
        Signature = ["extra_modules in kdump.conf"],
        Cause = "dracut complains while it builds, and builds the image all the same.",
        Fixes = [new("Install the module for that kernel, or correct its name", "kdumpctl rebuild")],
        Origin = "kdump-utils mkdumprd; dracut dracut-install.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (ConfiguredModuleMissing m in facts.Of<ConfiguredModuleMissing>())
        {
            yield return new Finding(Id, $"{m.Module} is not in the image, and extra_modules names it", Severity.Error, 0.95,
                "It is neither there nor built into the kernel; what was wanted from it does not happen.")
            {
                Subject = m.Module,
                Evidence = [m.Source],
                Fixes = [.. DumpImage.Rebuild(
                    "Install the module for the crash kernel's release, or correct its name, and rebuild the image")],
            };
        }
    }
}
