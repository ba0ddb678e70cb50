using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>A hardware watchdog is active, and the crash kernel has no driver to feed or stop it.</summary>
public sealed class HostWatchdog : Rule
{
    public override string Id => "watchdog-reset";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        DumpTime? time = facts.Of<DumpTime>().FirstOrDefault();
        foreach (WatchdogState w in facts.Of<WatchdogState>())
        {
            // softdog is a timer of the crashed kernel, so it ends with that kernel.
            if (!w.Active || w.InImage != false || w.Identity.Contains("oftware", StringComparison.Ordinal) || w.Module == "softdog")
                continue;
            yield return new Finding(Id, $"{w.Name} ({w.Identity}) runs and kdump.img has no driver for it", Severity.Warning, 0.8,
                (w.TimeoutSeconds > 0 ? $"It resets the machine {Counted.Of(w.TimeoutSeconds, "second")} after it was last fed"
                    : "It resets the machine when it is not fed") +
                (time is null ? "; writing a dump takes longer"
                    : $"; a dump taken now needs about {HostDumpOutlasts.Words(time.LowSeconds)} to " +
                    HostDumpOutlasts.Words(time.HighSeconds)) +
                $", and without {w.Module} the crash kernel can neither feed nor stop it.")
            {
                Subject = w.Name,
                Evidence = [w.Source],
                Fixes =
                [
                    .. DumpImage.Modules(w.Module),
                    new Fix("Or set a watchdog timeout longer than a dump takes (RuntimeWatchdogSec= in /etc/systemd/system.conf)", null,
                        "a machine that hangs is reset later"),
                ],
            };
        }
    }
}
