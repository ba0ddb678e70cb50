namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class IrqpollCallsHandler
{
    public static readonly Failure Entry =
        new("irqpoll-calls-handler", "irqpoll called the interrupt handler of a driver that had no interrupt to expect")
    {
        Area = Area.Starting,
        Signs = ["try_one_irq", "note_interrupt"],
        Confidence = 0.85,
        Explains = ["kernel-oops", "capture-kernel-panic", "kernel-panic"],
        Cause = "With irqpoll, which crash kernels get by default, an unhandled interrupt makes note_interrupt() " +
            "call every handler (try_one_irq), also of drivers whose data are not set up yet. " +
            "The driver at the top of that stack does not bear it; its device and the memory are not to blame.",
        Fixes =
        [
            new("Leave that driver out of the crash kernel: " +
                "module_blacklist=MODULE on its command line (KDUMP_COMMANDLINE_APPEND in /etc/sysconfig/kdump; " +
                "Debian: KDUMP_CMDLINE_APPEND in /etc/default/kdump-tools, which replaces its default, so keep that)"),
            new("Or take irqpoll out, where the machine's interrupts work without it",
                "grep -rn irqpoll /etc/sysconfig/kdump /etc/default/kdump-tools"),
        ],
        Origin = "kernel/irq/spurious.c note_interrupt(), misrouted_irq()",
    };
}
