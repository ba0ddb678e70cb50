namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class CoreDumpListed
{
    public static readonly Failure Entry = new("core-dump-listed", "{2} crashed (signal {3}, {4})")
    {
        Area = Area.Crashing,
        Severity = Severity.Warning,
        Signs = ["PID: {w} ({e})", "Signal: {w} ({e})"],
        Subject = 2,
        Cause = "systemd-coredump kept a core of it. " +
            "A crash of kexec, makedumpfile or a program of dracut is a fault of that program or of a library that does not fit it; " +
            "elsewhere it does not concern the kernel.",
        Fixes = [new("Read its stack; report it to the program's package, or update that", "coredumpctl info {1}")],
        Origin = "systemd src/coredump/coredumpctl.c",
    };
}
