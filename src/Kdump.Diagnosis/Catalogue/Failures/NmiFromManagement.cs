namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class NmiFromManagement
{
    public static readonly Failure Entry = new("nmi-from-management", "the management processor stopped the machine by NMI")
    {
        Area = Area.Hardware,
        Signs = ["Kernel panic - not syncing: An NMI occurred"],
        Severity = Severity.Critical,
        Explains = ["kernel-panic"],
        Cause = "hpwdt passes on what iLO signals: its watchdog ran out, an error was logged, or somebody pressed the button.",
        Fixes = [new("Read the Integrated Management Log", "hponcfg; ipmitool sel elist")],
        Kernels = "x86, HPE ProLiant",
        Origin = "drivers/watchdog/hpwdt.c hpwdt_pretimeout()",
    };
}
