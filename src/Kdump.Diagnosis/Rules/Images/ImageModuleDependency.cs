using Kdump.Diagnosis.Evidence.Images;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>A module is in the image, and one that it depends on is not.</summary>
public sealed class ImageModuleDependency : Rule
{
    public override string Id => "module-dependency-missing";

    public override Entry Entry => new("module-dependency-missing", "a module depends on one that is not in the image")
    {
        Area = Area.Image,
        Signature = ["modules.dep"],
        Cause = "It cannot be loaded.",
        Fixes = [new("Rebuild the image; name the module in extra_modules")],
        Origin = "init/initramfs.c, dracut, kdump-utils",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (var group in facts.Of<ModuleNeedUnmet>().GroupBy(n => n.Needs))
        {
            bool wanted = group.Any(n => n.Wanted);
            string[] modules = group.Select(n => n.Module).Distinct().Order(StringComparer.Ordinal).ToArray();
            yield return new Finding(Id, $"{group.Key} is not in the image, and {Few(modules)} cannot load without it", wanted
                ? Severity.Critical : Severity.Error, 0.95,
                wanted ? "It is on the path to the dump target."
                    : "modprobe first loads the modules that a module depends on, and fails if one is missing: " +
                    "\"Unknown symbol in module\".")
            {
                Subject = group.Key,
                Evidence = group.Select(n => n.Source).Take(4).ToArray(),
                Fixes = [.. DumpImage.Modules(group.Key)],
            };
        }
    }

    internal static string Few(IReadOnlyList<string> names) =>
        names.Count <= 3 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(3))} and {names.Count - 3} more";
}
