using Kdump.Diagnosis.Evidence.Images;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>modprobe looks up modules in modules.dep and does not find modules that are not listed there.</summary>
public sealed class ImageModuleIndex : Rule
{
    public override string Id => "module-index-missing";

    public override Entry Entry => new("module-index-missing", "modprobe does not find modules that are in the image")
    {
        Area = Area.Image,
        Signature = ["no modules.dep, or modules that it does not list"],
        Cause = "modprobe and udev look modules up in modules.dep and do not find modules that were added after depmod ran.",
        Fixes = [new("Rebuild the image", "dracut --force --kver $(uname -r)")],
        Origin = "kmod libkmod-module.c; dracut dracut-functions.sh",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (ModuleIndexBroken i in facts.Of<ModuleIndexBroken>())
        {
            yield return new Finding(Id, i.Modules.Count == 0 ? $"the image has no modules.dep for {i.Release}"
                : $"modules.dep of the image does not list {ImageModuleDependency.Few(i.Modules)}", i.Modules.Count == 0 ? Severity.Critical
                : Severity.Error, 0.9,
                i.Modules.Count == 0 ? "modprobe and udev find no module without it."
                    : "modprobe and udev look up modules in it, so these are not loaded although the files exist.")
            {
                Subject = i.Release,
                Evidence = [i.Source],
                Fixes = [new Fix("Rebuild the image; files added by hand must exist before depmod runs",
                    $"dracut --force --kver {i.Release}")],
            };
        }
    }
}
