namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class InterruptWithoutHandler
{
    public static readonly Failure Entry = new("interrupt-without-handler", "interrupt {1} came again and again and no driver wanted it")
    {
        Area = Area.Hardware,
        Signs = ["^irq {w}: nobody cared (try booting with"],
        Subject = 1,
        Severity = Severity.Warning,
        Cause = "A device signals on this line and its driver does not see the reason: a shared line, a device that the crashed kernel " +
            "left running, a wrong interrupt routing. The kernel switches the line off.",
        Fixes =
        [
            new("See which drivers share it", "grep \" 27:\" /proc/interrupts"),
            new("A crash kernel: irqpoll on its command line", Risk: "every interrupt then asks every driver"),
        ],
        Origin = "kernel/irq/spurious.c __report_bad_irq()",
    };
}
