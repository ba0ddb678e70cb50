namespace Kdump.Diagnosis.Text;

/// <summary>
/// The order of lines inside reports that a kernel always prints in the same order: it shows which way a log runs where its clocks do not
/// (a journal printed newest first has one second on all lines of a report).
/// </summary>
internal static class ReportOrder
{
    private const int Enough = 3;

    /// <summary>The lines of a report, by a text that stands in each, in the order of the kernel.</summary>
    private static readonly string[][] reports =
    [
        // drivers/edac/mce_amd.c
        [" error, no action required.", "_STATUS[", "]: Error Addr: ", "]: IPID: ", " Ext. Error Code: ", "]: cache level: "],
        // arch/x86/kernel/cpu/mce/core.c
        ["Machine Check", "]: RIP ", "]: TSC ", "]: PROCESSOR "],
        // drivers/firmware/efi/cper.c
        ["Hardware error from APEI", "]: event severity: ", ", type: ", "section_type: ", "port_type: ", "device_id: "],
        // drivers/pci/pcie/aer.c
        ["AER: ", "PCIe Bus Error: ", " error status/mask=", "   [", "TLP Header: "],
        // kernel/hung_task.c
        ["INFO: task ", "hung_task_timeout_secs", " state:", "Call Trace:", "</TASK>"],
        // arch/x86/kernel/dumpstack.c and process_64.c
        ["[ cut here ]", "Modules linked in: ", "Hardware name: ", "RIP: ", "Code: ", "RSP: ", "RAX: ", "RDX: ", "RBP: ", "R10: ", "R13: ",
            "FS: ", "CS: ", "CR2: ", "Call Trace:", "</TASK>", "[ end trace "],
        // arch/arm64/kernel/process.c
        ["Internal error: ", "Hardware name: ", "pstate: ", "pc : ", "lr : ", "sp : ", "x29: ", "x26: ", "x23: ", "x20: ", "x17: ", "x14: ",
            "x11: ", "x8 : ", "x5 : ", "x2 : ", "Call trace:", "[ end trace "],
        // The start of a kernel.
        ["Linux version ", "ommand line: ", "BIOS-provided physical RAM map", "e820: update "],
    ];

    /// <summary>Neighbours stand in the wrong order, and nearly none in the right one.</summary>
    public static bool RunsBackwards(string[] lines)
    {
        int back = 0, forth = 0;
        foreach (string[] report in reports)
        {
            int before = -1;
            foreach (string line in lines)
            {
                int rank = Array.FindIndex(report, t => line.Contains(t, StringComparison.Ordinal));
                if (rank < 0)
                    continue;
                // A step over the whole report is the way from one report to the next.
                back += before - rank is 1 or 2 ? 1 : 0;
                forth += rank - before is 1 or 2 && before >= 0 ? 1 : 0;
                before = rank;
            }
        }
        return back >= Enough && back > forth * 3;
    }
}
