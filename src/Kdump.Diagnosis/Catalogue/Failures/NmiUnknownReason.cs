namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class NmiUnknownReason
{
    public static readonly Failure Entry = new("nmi-unknown-reason", "an NMI arrived for an unknown reason (status {1})")
    {
        Area = Area.Hardware,
        Signs = ["Uhhuh. NMI received for unknown reason {w} on CPU"],
        // Status bit 7: older kernels say so in the next line, and the finding about that line reports it.
        Unless = "You have some hardware problem, likely on the PCI bus",
        Severity = Severity.Warning,
        Confidence = 0.9,
        Explains = ["kernel-panic"],
        Cause = "The dump button was pressed, the diagnostic interrupt was sent, or hardware signalled an error that no driver handles.",
        Fixes =
        [
            new("Read the event log of the machine", "ipmitool sel elist"),
            new("To get a dump from the button: kernel.unknown_nmi_panic=1", "sysctl kernel.unknown_nmi_panic=1",
                "any stray NMI then crashes the machine"),
        ],
        Kernels = "x86",
        Origin = "arch/x86/kernel/nmi.c unknown_nmi_error()",
    };
}
