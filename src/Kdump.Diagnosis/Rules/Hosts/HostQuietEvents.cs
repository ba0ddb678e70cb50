using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>Other events that would not cause a dump. This is a matter of policy, so it is reported only for information.</summary>
public sealed class HostQuietEvents : Rule
{
    /// <summary>The setting, and the event that it turns into a panic.</summary>
    private static readonly (string Name, string Event)[] Events =
    [
        ("kernel.softlockup_panic", "a soft lockup"),
        ("kernel.hardlockup_panic", "a hard lockup"),
        ("kernel.hung_task_panic", "a hung task"),
        ("kernel.panic_on_rcu_stall", "an RCU stall"),
        ("kernel.unknown_nmi_panic", "an NMI from the management controller (unknown NMI)"),
        ("kernel.panic_on_unrecovered_nmi", "an NMI for a memory or bus error"),
        ("vm.panic_on_oom", "running out of memory"),
    ];

    public override string Id => "events-without-dump";

    public override Entry Entry => new("events-without-dump", "lockups, hung tasks, stalls and NMIs would not cause a dump")
    {
        Area = Area.Preparing,
        Signature = ["0 in /proc/sys/kernel/softlockup_panic, hardlockup_panic, hung_task_panic, panic_on_rcu_stall, unknown_nmi_panic …"],
        Cause = "These are the kernel's defaults; each is a policy, not a fault.",
        Fixes = [new("Enable the events that should be dumped", "sysctl kernel.unknown_nmi_panic=1",
            "a spurious event then crashes the machine")],
        Origin = "Documentation/admin-guide/sysctl/kernel.rst",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        (string Name, string Event, Sysctl Setting)[] off = Events
            .Select(e => (e.Name, e.Event, Setting: facts.Of<Sysctl>().FirstOrDefault(s => s.Name == e.Name)!))
                .Where(e => e.Setting is { On: false }).ToArray();
        if (off.Length == 0)
            yield break;
        bool nmi = off.Any(e => e.Name == "kernel.unknown_nmi_panic");
        yield return new Finding(Id, $"would not cause a dump: {string.Join(", ", off.Select(e => e.Event))}", Severity.Info, 0.9,
            "These are the kernel's defaults or this machine's policy." +
                (nmi ? " With unknown_nmi_panic, an NMI from the management controller dumps a machine that hangs." : ""))
        {
            Evidence = off.Select(e => e.Setting.Source).ToArray(),
            Fixes = nmi ? [new Fix("Allow dumping a machine that hangs, by ipmitool power diag or the hypervisor's inject-nmi",
                "echo 'kernel.unknown_nmi_panic = 1' > /etc/sysctl.d/99-kdump-nmi.conf && sysctl -p /etc/sysctl.d/99-kdump-nmi.conf",
                "a spurious NMI from hardware crashes the machine")
                { Undo = "rm /etc/sysctl.d/99-kdump-nmi.conf && sysctl kernel.unknown_nmi_panic=0" }] : [],
        };
    }

    /// <summary>Every event and whether it ends in a dump, for the head of the report; null where the kernel has no such setting.</summary>
    public static IEnumerable<(string Event, bool Dumps)> All(Facts facts) =>
        from e in Events.Prepend(("kernel.panic_on_oops", "an oops"))
        let setting = facts.Of<Sysctl>().FirstOrDefault(s => s.Name == e.Item1)
        where setting is not null
        select (e.Item2, setting.On);
}
