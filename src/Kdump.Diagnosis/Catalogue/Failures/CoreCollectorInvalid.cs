namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class CoreCollectorInvalid
{
    public static readonly Failure Entry = new("core-collector-invalid", "makedumpfile does not take the arguments it was given")
    {
        Area = Area.Preparing,
        Signs = [new Sign("makedumpfile parameter check failed.", "--num-threads cannot used with ELF format.",
            "Commandline parameter is invalid.")],
        Explains = ["makedumpfile-failed"],
        Cause = "core_collector (MAKEDUMP_ARGS, " +
            "MAKEDUMPFILE_OPTIONS) contains arguments that this makedumpfile does not know or that exclude each other.",
        Fixes = [new("Try the arguments", "makedumpfile --check-params $ARGUMENTS /dev/null /dev/null")],
        Origin = "makedumpfile.c main(); kdump-utils kdumpctl verify_core_collector(), commit 9a51c4b",
    };
}
