namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class IrqpollOnArmCloud
{
    public static readonly Failure Entry = new("irqpoll-on-arm-cloud", "irqpoll silenced the crash kernel on a Graviton machine")
    {
        Area = Area.Starting,
        Signs = ["Kernel command line: * irqpoll", "DMI: Amazon EC2 ", "console [ttyS0] disabled"],
        Unless = "ttyS0 at MMIO ",
        In = Life.Capture,
        Confidence = 0.8,
        Cause = "irqpoll also calls the ACPI handler, which regards the serial console as unplugged. After that the console shows nothing.",
        Fixes = [new("Add irqpoll to KDUMP_COMMANDLINE_REMOVE in /etc/sysconfig/kdump", "kdumpctl restart")],
        Kernels = "arm64",
        Origin = "kdump-utils commit d593bfa",
    };
}
