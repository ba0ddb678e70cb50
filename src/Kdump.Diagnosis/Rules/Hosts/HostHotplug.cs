using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>
/// Memory or CPUs that come after the crash kernel was loaded would be missing from the dump: its ELF header was written at loading.
/// </summary>
public sealed class HostHotplug : Rule
{
    public override string Id => "dump-header-goes-stale";

    public override Entry Entry =>
        new("dump-header-goes-stale", "memory or CPUs can be plugged in and nothing loads the crash kernel again")
    {
        Area = Area.Preparing,
        Signature = ["PNP0C80, virtio_mem or hv_balloon, without crash_hotplug in sysfs and without a udev rule"],
        Cause = "The dump's ELF header was written when the crash kernel was loaded, so what came later is not in it.",
        Fixes = [new("Load it again on each change by a udev rule (98-kexec.rules)", "systemctl restart kdump")],
        Origin = "kdump-utils 98-kexec.rules; kernel/crash_core.c crash_handle_hotplug_event()",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (facts.Of<CrashHotplug>() is not [var h, ..] || h.ByKernel || h.ByUdev || h.Pluggable.Length == 0 || facts.Of<KexecLoaded>()
            .Any(l => !l.Loaded))
            yield break;
        yield return new Finding(Id, $"memory or CPUs can be plugged in ({h.Pluggable}), and nothing loads the crash kernel again then",
            Severity.Warning, 0.6,
            "What is added after loading stands in no header, so its memory is missing from the dump; and a CPU that left is looked for " +
                "in vain.")
        {
            Evidence = [h.Source],
            Fixes = [
                new Fix("Add udev rules that load it again (kdump-utils has them in 98-kexec.rules), or restart the service after each " +
                "change of memory", "systemctl try-restart kdump kdump-tools")],
        };
    }
}
