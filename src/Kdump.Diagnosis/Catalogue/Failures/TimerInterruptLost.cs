namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class TimerInterruptLost
{
    public static readonly Failure Entry = new("timer-interrupt-lost", "the kernel could not get its timer interrupt through the IO-APIC")
    {
        Area = Area.Starting,
        Signs = ["IO-APIC + timer doesn't work!"],
        Severity = Severity.Critical,
        Explains = ["capture-kernel-panic", "kernel-panic"],
        Cause = "The interrupt hardware was left in a state from which this kernel cannot start its timer; " +
            "after a crash usually because the first kernel did not put the APICs back.",
        Fixes = [new("Try noapic, or no_timer_check in a virtual machine, on that kernel's command line",
            Risk: "noapic shares interrupts and is slow")],
        Kernels = "x86",
        Origin = "arch/x86/kernel/apic/io_apic.c check_timer()",
    };
}
