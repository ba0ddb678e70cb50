using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>An oops kills a task and the kernel goes on, damaged and undumped.</summary>
public sealed class HostOopsGoesOn : Rule
{
    public override string Id => "oops-makes-no-dump";

    public override Entry Entry => new("oops-makes-no-dump", "an oops would leave no dump")
    {
        Area = Area.Preparing,
        Signature = ["0 in /proc/sys/kernel/panic_on_oops"],
        Cause = "The kernel kills the task and goes on; what follows from the damage is dumped, the cause is not.",
        Fixes = [new("Let an oops panic", "sysctl kernel.panic_on_oops=1", "the machine goes down where it might have limped on")],
        Origin = "kernel/panic.c, arch/x86/kernel/dumpstack.c oops_end()",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (facts.Of<Sysctl>().FirstOrDefault(s => s.Name == "kernel.panic_on_oops") is not { On: false } off)
            yield break;
        yield return new Finding(Id, "an oops would leave no dump (kernel.panic_on_oops=0)", Severity.Warning, 0.9,
            "The task that ran dies with whatever it held locked, and the kernel goes on: what follows hours later is dumped, its cause " +
                "is not. An oops in an interrupt panics in any case.")
        {
            Evidence = [off.Source],
            Fixes = [new Fix("Let an oops panic",
                "echo 'kernel.panic_on_oops = 1' > /etc/sysctl.d/99-panic-on-oops.conf && sysctl -p /etc/sysctl.d/99-panic-on-oops.conf",
                "the machine goes down where it might have limped on")
                { Undo = "rm /etc/sysctl.d/99-panic-on-oops.conf && sysctl kernel.panic_on_oops=0" }],
        };
    }
}
