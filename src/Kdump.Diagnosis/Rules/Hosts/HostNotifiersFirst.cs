using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>
/// crash_kexec_post_notifiers: code of the kernel that panicked runs before the crash kernel starts, and may hang there (kernel/panic.c).
/// </summary>
public sealed class HostNotifiersFirst : Rule
{
    public override string Id => "notifiers-run-before-dump";

    public override Entry Entry => new("notifiers-run-before-dump", "panic notifiers run before the crash kernel starts")
    {
        Area = Area.Preparing,
        Signature = ["Y in /sys/module/kernel/parameters/crash_kexec_post_notifiers"],
        Cause = "Code of the panicked kernel runs first and may hang.",
        Fixes = [new("Remove crash_kexec_post_notifiers unless a notifier is needed")],
        Origin = "kernel/panic.c panic()",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (facts.Of<Sysctl>().FirstOrDefault(s => s.Name == "kernel.crash_kexec_post_notifiers") is not { Value: "Y" or "1" } on)
            yield break;
        yield return new Finding(Id, "panic notifiers run before the crash kernel starts", Severity.Info, 0.9,
            "With crash_kexec_post_notifiers the panicked kernel still runs other code " +
                "(IPMI, pstore, hypervisor reports) after the panic; if that hangs, there is no dump.")
        {
            Evidence = [on.Source],
            Fixes = [new Fix("Remove it unless a notifier is needed (Hyper-V sets it by itself)",
                "grep -o 'crash_kexec_post_notifiers[^ ]*' /proc/cmdline")],
        };
    }
}
