namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class KdumpConfInvalid
{
    public static readonly Failure Entry = new("kdump-conf-invalid", "/etc/kdump.conf is not accepted: {1}")
    {
        Area = Area.Preparing,
        Signs =
        [
            new Sign("More than one dump targets {t}", "Duplicated kdump config value {t}", "Invalid kdump config {t}",
                "Deprecated kdump config option: {t}", "Error: No kdump config file {t}"),
        ],
        In = Life.First,
        Explains = ["no-capture-kernel"],
        Cause = "kdumpctl rejects the whole file because of one invalid line, and the service does not start.",
        Fixes = [new("Correct the line; then", "kdumpctl restart")],
        Origin = "kdump-utils kdumpctl parse_config()",
    };
}
