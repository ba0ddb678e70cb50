using Kdump.Diagnosis.Evidence.Images;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>
/// The kernel accepts only signed modules, but modules of the image have no signature: they were never signed, or were stripped.
/// </summary>
public sealed class ImageModuleSignature : Rule
{
    public override string Id => "module-signature-missing";

    public override Entry Entry =>
        new("module-signature-missing", "the kernel accepts only signed modules, but modules of the image have no signature")
    {
        Area = Area.Image,
        Signature =
            ["no \"~Module signature appended~\" at the end of a .ko, with module.sig_enforce, CONFIG_MODULE_SIG_FORCE or lockdown"],
        Cause = "They were stripped, or built outside of the kernel's package.",
        Fixes = [new("Build the image from the package's modules without stripping; sign your own modules and enrol the " +
            "key", "kdumpctl rebuild && kdumpctl restart")],
        Origin = "kernel/module/signing.c module_sig_check()",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        List<ModuleUnsigned> unsigned = facts.Of<ModuleUnsigned>().OrderByDescending(m => m.Wanted).ToList();
        if (unsigned.Count == 0)
            yield break;
        bool wanted = unsigned[0].Wanted;
        yield return new Finding(Id,
            $"{ImageModuleDependency.Few(unsigned.ConvertAll(m => m.Module))} {(unsigned.Count == 1 ? "has" : "have")} no signature, " +
                "and the kernel accepts only signed modules", wanted ? Severity.Critical : Severity.Warning, 0.9,
            wanted ? "It is on the path to the dump target; " +
                "loading it fails with \"Key was rejected by service\" or \"Loading of unsigned module is rejected\"."
                : "Loading it fails with \"Key was rejected by service\" or \"Loading of unsigned module is rejected\".")
        {
            Subject = unsigned[0].Module,
            Evidence = [unsigned[0].Demand, .. unsigned.Take(4).Select(m => m.Source)],
            Fixes = [
                .. DumpImage.Rebuild(
                    "Build the image from the signed modules of the kernel's package, without stripping them; " +
                "sign modules of your own and enrol the key")],
        };
    }
}
