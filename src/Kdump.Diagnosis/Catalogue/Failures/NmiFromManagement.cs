namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class NmiFromManagement
{
    public static readonly Failure Entry = new("nmi-from-management", "the management processor stopped the machine by NMI")
    {
        Area = Area.Hardware,
        Signs = ["Kernel panic - not syncing: An NMI occurred"],
        Severity = Severity.Critical,
        Explains = ["kernel-panic"],
        Cause = "hpwdt reports signals of iLO: its watchdog expired, an error was logged, or the NMI button was pressed.",
        Fixes = [new("Read the Integrated Management Log", "hponcfg; ipmitool sel elist")],
        Kernels = "x86, HPE ProLiant",
        Origin = "drivers/watchdog/hpwdt.c hpwdt_pretimeout()",
    };
}
