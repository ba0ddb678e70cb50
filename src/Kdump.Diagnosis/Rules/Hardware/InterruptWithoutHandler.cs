using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>
/// An interrupt line stays active, no handler on it finds a reason, and the kernel disables it: its devices no longer get
/// interrupts.
/// </summary>
public sealed class InterruptWithoutHandler : Rule
{
    public override string Id => "interrupt-without-handler";

    public override Entry Entry => new("interrupt-without-handler", "an interrupt occurred repeatedly and no driver handled it")
    {
        Area = Area.Hardware,
        Signature = ["irq …: nobody cared (try booting with the \"irqpoll\" option)", "handlers:", "Disabling IRQ #…"],
        Cause = "A device raises this line and no driver finds the reason: " +
            "a shared line, a device that the crashed kernel or the boot loader left running, or a wrong interrupt routing " +
            "(device tree, ACPI). The kernel disables the line, and every device on it stops working, or works only by timeouts.",
        Fixes =
        [
            new("See which drivers share it", "grep \" 27:\" /proc/interrupts"),
            new("For a crash kernel: irqpoll on its command line", Risk: "every interrupt then calls every driver"),
        ],
        Origin = "kernel/irq/spurious.c __report_bad_irq()",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (SpuriousInterrupt told in facts.Of<SpuriousInterrupt>().DistinctBy(s => (s.Irq, s.Boot)).Take(16))
        {
            string[] handlers = [.. told.Handlers.Select(Name).Where(n => n.Length > 0).Distinct(StringComparer.Ordinal)];
            yield return new Finding(Id, $"interrupt {told.Irq} occurred repeatedly and no driver handled it" +
                (handlers.Length == 0 ? "" : $"; on this line: {string.Join(", ", handlers)}"), Severity.Warning, 0.95,
                (handlers.Length == 0
                    ? "A device raises this line and no driver finds the reason: a device without its driver, " +
                      "one that the crashed kernel or the boot loader left running, or a wrong interrupt routing (device tree, ACPI)."
                    : $"The handler{(handlers.Length == 1 ? "" : "s")} called did not find the reason: " +
                        "another device shares the line and has no driver, " +
                        "the device does not clear its signal, or the routing (device tree, ACPI) is wrong.") +
                (told.Disabled is null ? " The kernel then disables the line" : " The kernel disabled the line") +
                    ": devices on it stop working, or work only by timeouts.")
            {
                Subject = $"{told.Irq}",
                Evidence = [told.Source, .. told.Handlers.Take(3), .. new[] { told.Disabled }.Known()],
                Fixes =
                [
                    new Fix("See which drivers share it, and which device on it has none",
                        $"grep ' {told.Irq}:' /proc/interrupts; lspci -v | grep -B9 'IRQ {told.Irq}'"),
                    told.Boot?.Capture == true
                        ? new Fix("irqpoll on the crash kernel's command line", Risk: "every interrupt then calls every driver")
                        : new Fix("Update firmware or device tree; until then boot with irqpoll, or leave that driver out",
                            Risk: "with irqpoll every interrupt calls every driver"),
                ],
            };
        }
    }

    /// <summary><c>ssp_int [spi_pxa2xx_platform]</c> without addresses.</summary>
    private static string Name(Source line)
    {
        string text = line.Plain;
        int at = text.LastIndexOf("[<", StringComparison.Ordinal), end = at < 0 ? -1 : text.IndexOf(">]", at, StringComparison.Ordinal);
        // A threaded handler has two addresses: the first is the default primary handler, the last the driver's own.
        return end < 0 ? "" : text[(end + 2)..].Trim();
    }
}
