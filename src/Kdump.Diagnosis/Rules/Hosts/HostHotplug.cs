using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>
/// Memory or CPUs added after the crash kernel was loaded are missing from the dump: its ELF header was written at load time.
/// </summary>
public sealed class HostHotplug : Rule
{
    public override string Id => "dump-header-goes-stale";

    public override Entry Entry =>
        new("dump-header-goes-stale", "memory or CPUs can be hot-added, and the crash kernel is not reloaded then")
    {
        Area = Area.Preparing,
        Signature = ["PNP0C80, virtio_mem or hv_balloon, without crash_hotplug in sysfs and without a udev rule"],
        Cause = "The dump's ELF header was written when the crash kernel was loaded, so memory and CPUs added later are not in it.",
        Fixes = [new("Reload it on each change by a udev rule (98-kexec.rules)", "systemctl restart kdump")],
        Origin = "kdump-utils 98-kexec.rules; kernel/crash_core.c crash_handle_hotplug_event()",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (facts.Of<CrashHotplug>() is not [var h, ..] || h.ByKernel || h.ByUdev || h.Pluggable.Length == 0 || facts.Of<KexecLoaded>()
            .Any(l => !l.Loaded))
            yield break;
        yield return new Finding(Id, $"memory or CPUs can be hot-added ({h.Pluggable}), and the crash kernel is not reloaded then",
            Severity.Warning, 0.6,
            "The dump's header does not contain memory added after loading, so it is missing from the dump; " +
                "and the header still names CPUs that were removed.")
        {
            Evidence = [h.Source],
            Fixes = [.. DumpImage.ForEach(t => new Fix(
                "Add udev rules that reload it " +
                    "(kdump-utils has them in 98-kexec.rules), or restart the service after each change of memory",
                $"systemctl try-restart {DumpImage.Service(t)}"))],
        };
    }
}
