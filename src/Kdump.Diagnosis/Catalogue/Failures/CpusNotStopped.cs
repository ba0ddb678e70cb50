namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class CpusNotStopped
{
    public static readonly Failure Entry = new("cpus-not-stopped", "other CPUs could not be stopped before the crash kernel was started")
    {
        Area = Area.Starting,
        Signs = [new Sign("SMP: failed to stop secondary CPUs", "Some CPUs may be stale, kdump will be unreliable",
            "CPUs did not respond to crash IPI", "ERROR: {w} cpu(s) not responding")],
        Explains = ["capture-kernel-panic"],
        Cause = "They still run the old kernel, stale, while the crash kernel starts in the midst of them: " +
            "it may hang or be overwritten. Boards whose firmware starts CPUs by spin tables cannot stop them at all, " +
            "and a CPU that is stuck with interrupts off does not hear.",
        Fixes =
        [
            new("On a board with spin tables use firmware with PSCI; elsewhere look what those CPUs do (NMI backtrace)",
                "dmesg | grep -iE 'psci|spin-table'; cat /sys/firmware/devicetree/base/cpus/*/enable-method"),
        ],
        Origin = "arch/arm64/kernel/smp.c, machine_kexec.c; arch/powerpc/kexec/crash.c; raspberrypi/linux issue 6428",
    };
}
