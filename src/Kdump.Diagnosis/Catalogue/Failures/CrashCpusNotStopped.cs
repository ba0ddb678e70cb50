namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class CrashCpusNotStopped
{
    public static readonly Failure Entry = new("crash-cpus-not-stopped",
        "CPUs of the crashed kernel still ran when the crash kernel started")
    {
        Area = Area.Starting,
        In = Life.First,
        Signs =
        [
            new Sign("Some CPUs may be stale, kdump will be unreliable", "Non-crashing CPUs did not react to IPI",
                "ERROR: {w} cpu(s) not responding"),
        ],
        Explains = ["crash-kernel-silent", "no-capture-kernel"],
        Cause = "Before the jump to the crash kernel, all other CPUs must stop. Some did not respond: they hang with interrupts off, " +
            "or this machine's firmware has no way to stop a CPU (a device tree with spin-table instead of psci). " +
            "They go on running the dead kernel's code while the crash kernel starts, and it hangs or is overwritten.",
        Fixes =
        [
            new("On a board without PSCI: " +
                "boot the first kernel with maxcpus=1, or with firmware that offers PSCI (enable-method = \"psci\")",
                "cat /proc/device-tree/cpus/cpu@*/enable-method"),
            new("Else look what the other CPUs did: the lockup and RCU reports before the crash, and crash again by sysrq to compare",
                "echo c > /proc/sysrq-trigger", "crashes the machine"),
        ],
        Origin = "arch/arm64/kernel/machine_kexec.c, arch/arm/kernel/machine_kexec.c, arch/powerpc/kexec/crash.c; " +
            "raspberrypi/linux issue 6428",
    };
}
