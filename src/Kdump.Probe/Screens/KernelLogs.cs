using System.Text;
using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.ProbeReports;
using Kdump.Diagnosis.Text;
using Kdump.Probe.Machine;

namespace Kdump.Probe.Screens;

/// <summary>
/// Writes the report to places that survive a missing dump target: the kernel log (and with it every console), and /dev/pmsg0, which pstore
/// keeps over a reboot. The kernel drops more than ten records in five seconds from one open file (devkmsg_write), so it is reopened.
/// </summary>
internal static class KernelLogs
{
    private const int RecordsPerOpen = 8, FactsOfOneKind = 6;

    public static void Write(Facts facts, Verdict verdict)
    {
        int pmsg = Libc.Open("/dev/pmsg0", Libc.WriteOnly | Libc.NonBlock);
        int kmsg = -1, left = 0;
        foreach ((int level, string line) in Lines(facts, verdict))
        {
            if (left-- == 0)
            {
                if (kmsg >= 0)
                    _ = Libc.Close(kmsg);
                kmsg = Libc.Open("/dev/kmsg", Libc.WriteOnly | Libc.NonBlock);
                left = RecordsPerOpen - 1;
            }
            if (kmsg >= 0)
                _ = Libc.Write(kmsg, Encoding.UTF8.GetBytes($"<{level}>{line}\n"));
            if (pmsg >= 0)
                _ = Libc.Write(pmsg, Encoding.UTF8.GetBytes(line + "\n"));
        }
        if (kmsg >= 0)
            _ = Libc.Close(kmsg);
        if (pmsg >= 0)
            _ = Libc.Close(pmsg);
    }

    /// <summary>First the verdict, at a log level that consoles with "quiet" print, then the facts.</summary>
    private static IEnumerable<(int Level, string Line)> Lines(Facts facts, Verdict verdict)
    {
        yield return (verdict.Bad ? 3 : 5, Cut($"{ProbeMark.Prefix}verdict: {Printable.Escape(verdict.Headline)}"));
        foreach (Finding root in verdict.RootCauses)
        {
            for (int i = 0; i < root.Fixes.Count; i++)
                yield return (5, Cut($"{ProbeMark.Prefix}fix: {Printable.Escape(Screen.Advised(root, i))}"));
        }
        foreach (string line in ProbeReport.Lines(facts, FactsOfOneKind, WorthTelling))
            yield return (6, line);
    }

    /// <summary>
    /// True for facts worth reporting: devices without a driver, and devices that may contain the target; working ones are omitted.
    /// </summary>
    private static bool WorthTelling(Fact fact) => fact switch
    {
        PciFunction f => f.MayReachTarget && f.Driver.Length == 0,
        BusDevice d => d.Unbound && d.State is "block" or "scsi" or "network",
        KdumpSetting s => s.Name is "failure_action" or "final_action" or "default" or "kdump_pre" or "core_collector",
        DeviceWait => false,
        _ => true,
    };

    private static string Cut(string line) => line.Length > ProbeReport.MaxLine ? line[..ProbeReport.MaxLine] : line;
}
