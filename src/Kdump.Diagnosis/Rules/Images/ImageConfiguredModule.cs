using Kdump.Diagnosis.Evidence.Images;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>
/// extra_modules names a module that is not in the image: dracut reports it during the build, but builds the image anyway.
/// </summary>
public sealed class ImageConfiguredModule : Rule
{
    public override string Id => "configured-module-missing";

    public override Entry Entry => new("configured-module-missing", "extra_modules names a module that is not in the image")
    {
        Area = Area.Image,
        Signature = ["extra_modules in kdump.conf"],
        Cause = "dracut reports it during the build, but builds the image anyway.",
        Fixes = [new("Install the module for that kernel, or correct its name", "kdumpctl rebuild && kdumpctl restart")],
        Origin = "kdump-utils mkdumprd; dracut dracut-install.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (ConfiguredModuleMissing m in facts.Of<ConfiguredModuleMissing>())
        {
            yield return new Finding(Id, $"{m.Module} is not in the image, and extra_modules names it", Severity.Error, 0.95,
                "It is neither in the image nor built into the kernel, so its function is missing.")
            {
                Subject = m.Module,
                Evidence = [m.Source],
                Fixes = [.. DumpImage.Rebuild(
                    "Install the module for the crash kernel's release, or correct its name, and rebuild the image")],
            };
        }
    }
}
