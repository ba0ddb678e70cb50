namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class DumpNotRenamed
{
    public static readonly Failure Entry = new("dump-not-renamed", "the dump arrived but could not be given its final name")
    {
        Area = Area.Writing,
        Signs = ["moving vmcore failed, exitcode:"],
        In = Life.Capture,
        Severity = Severity.Warning,
        Explains = ["vmcore-incomplete"],
        Cause = "Over ssh the file is written as vmcore-incomplete and renamed at the end. " +
            "The renaming failed, so tools regard the dump as incomplete.",
        Fixes = [new("Check the file; if it is complete, rename it", "kdt vmcore verify vmcore-incomplete")],
        Origin = "kdump-utils dracut/99kdumpbase/kdump.sh dump_ssh()",
    };
}
