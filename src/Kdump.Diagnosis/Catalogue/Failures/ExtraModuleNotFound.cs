namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class ExtraModuleNotFound
{
    public static readonly Failure Entry = new("extra-module-not-found", "the module {1}, named in extra_modules, does not exist")
    {
        Area = Area.Preparing,
        Signs = ["kdump*Module {w} not found"],
        In = Life.First,
        Subject = 1,
        Severity = Severity.Warning,
        Explains = ["driver-missing-in-image"],
        Cause = "kdumpctl reports it once and builds the image without it.",
        Fixes = [new("Remove it from extra_modules in /etc/kdump.conf, or install it for this kernel", "modinfo -k $(uname -r) MODULE")],
        Origin = "kdump-utils kdumpctl check_files_modified()",
    };
}
