using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>An oops kills a task and the damaged kernel continues without a dump.</summary>
public sealed class HostOopsGoesOn : Rule
{
    public override string Id => "oops-makes-no-dump";

    public override Entry Entry => new("oops-makes-no-dump", "an oops would leave no dump")
    {
        Area = Area.Preparing,
        Signature = ["0 in /proc/sys/kernel/panic_on_oops"],
        Cause = "The kernel kills the task and continues; a later crash is dumped, but not its cause.",
        Fixes = [new("Make an oops cause a panic", "sysctl kernel.panic_on_oops=1",
            "the machine crashes where it might have continued damaged")],
        Origin = "kernel/panic.c, arch/x86/kernel/dumpstack.c oops_end()",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (facts.Of<Sysctl>().FirstOrDefault(s => s.Name == "kernel.panic_on_oops") is not { On: false } off)
            yield break;
        yield return new Finding(Id, "an oops would leave no dump (kernel.panic_on_oops=0)", Severity.Warning, 0.9,
            "The current task is killed while it may hold locks, and the kernel continues: a consequence hours later may be dumped, " +
                "but not its cause. An oops in an interrupt always causes a panic.")
        {
            Evidence = [off.Source],
            Fixes = [new Fix("Make an oops cause a panic",
                "echo 'kernel.panic_on_oops = 1' > /etc/sysctl.d/99-panic-on-oops.conf && sysctl -p /etc/sysctl.d/99-panic-on-oops.conf",
                "the machine crashes where it might have continued damaged")
                { Undo = "rm /etc/sysctl.d/99-panic-on-oops.conf && sysctl kernel.panic_on_oops=0" }],
        };
    }
}
