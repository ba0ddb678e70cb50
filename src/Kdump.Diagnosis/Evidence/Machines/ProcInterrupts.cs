using System.Globalization;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>One numbered line of /proc/interrupts.</summary>
/// <param name="Chip"><c>IR-PCI-MSI</c>, <c>IO-APIC</c>, <c>PCI-MSIX-0000:00:03.0</c> …</param>
/// <param name="HardwareIrq">The word behind the chip: <c>524289-edge</c>.</param>
/// <param name="Actions">Handlers, comma separated; empty when the interrupt was never requested.</param>
public sealed record InterruptRow(int Irq, long Total, string Chip, string HardwareIrq, string Actions)
{
    /// <summary>The line; null in a table too large to keep it.</summary>
    public Source? Source { get; init; }

    /// <summary>
    /// True if it holds one x86 vector: it is requested, and its chip sits on the vector domain. Chips that multiplex inside the
    /// device or are not routed through an x86 vector (GPIO, demultiplexed) do not count.
    /// </summary>
    public bool HoldsVector => Actions.Length > 0 &&
        (Chip.Contains("MSI", StringComparison.Ordinal) || Chip.Contains("IO-APIC", StringComparison.Ordinal) ||
         Chip.Contains("HPET", StringComparison.Ordinal) || Chip.StartsWith("AMD-Vi", StringComparison.Ordinal) ||
         Chip.StartsWith("DMAR", StringComparison.Ordinal) || Chip.Contains("IOAPIC", StringComparison.Ordinal));

    /// <summary>
    /// Device and message number of a PCI message interrupt; an empty device for any other. Since 6.2 the chip names the device
    /// (<c>PCI-MSI-0000:00:1f.2</c>, <c>0-edge</c>); before, the number is requester id * 2048 + message, plus the segment above it.
    /// </summary>
    public (string Device, int Number) Message
    {
        get
        {
            int dash = HardwareIrq.IndexOf('-');
            if (!long.TryParse(dash < 0 ? HardwareIrq : HardwareIrq[..dash], NumberStyles.None, CultureInfo.InvariantCulture,
                out long number))
                return ("", 0);
            int named = Chip.IndexOf("PCI-MSI", StringComparison.Ordinal);
            int device = named < 0 ? -1 : Chip.IndexOf('-', named + "PCI-MSI".Length);
            if (device >= 0 && number < 2048)
                return (Chip[(device + 1)..], (int)number);
            return Chip.EndsWith("PCI-MSI", StringComparison.Ordinal)
                ? (PciAddress.FromRequesterId((int)((number >> 27) & 0xffff), (int)((number >> 11) & 0xffff)).ToString(),
                    (int)(number & 0x7ff)) : ("", 0);
        }
    }
}

/// <summary>A whole /proc/interrupts (fs/proc/interrupts.c, kernel/irq/proc.c show_interrupts).</summary>
/// <param name="Cpus">The online CPUs of its header.</param>
public sealed record InterruptTable(Source Source, IReadOnlyList<int> Cpus, IReadOnlyList<InterruptRow> Rows) : Fact(Source)
{
    /// <summary>
    /// True if its controllers are of an architecture whose CPUs have no vectors: arm64's GIC, POWER's XICS and XIVE, and no APIC.
    /// </summary>
    public bool WithoutVectors => !Rows.Any(r => r.Chip.Contains("APIC", StringComparison.Ordinal)) &&
        Rows.Any(r => r.Chip.Contains("GIC", StringComparison.Ordinal) || r.Chip.StartsWith("ITS", StringComparison.Ordinal) ||
            r.Chip.Contains("XICS", StringComparison.Ordinal) || r.Chip.Contains("XIVE", StringComparison.Ordinal));

    public int VectorsHeld => Rows.Count(r => r.HoldsVector);

    /// <summary>Vectors by the driver that asked for them, most first.</summary>
    public IReadOnlyList<(string Owner, int Vectors)> Owners() =>
        Rows.Where(r => r.HoldsVector).GroupBy(r => OwnerOf(r.Actions), StringComparer.Ordinal)
            .Select(g => (g.Key, g.Count())).OrderByDescending(g => g.Item2).ThenBy(g => g.Key, StringComparer.Ordinal).ToList();

    /// <summary>The driver behind a handler name: port services are pcieport's, queues lose their number.</summary>
    private static string OwnerOf(string actions)
    {
        string first = actions.Split(',')[0].Trim();
        if (first.StartsWith("PCIe ", StringComparison.Ordinal) || first is "pciehp" or "aerdrv" or "pcie-dpc")
            return "pcieport";
        if (first.StartsWith("nvme", StringComparison.Ordinal))
            return "nvme";
        if (first.StartsWith("ahci", StringComparison.Ordinal))
            return "ahci";
        if (first.StartsWith("virtio", StringComparison.Ordinal))
            return "virtio";
        if (first.StartsWith("mlx5", StringComparison.Ordinal))
            return "mlx5_core";
        if (first.StartsWith("mlx4", StringComparison.Ordinal))
            return "mlx4_core";
        ReadOnlySpan<char> name = first.AsSpan().TrimEnd("0123456789");
        // In i8042 the digits belong to the name; they are no queue number.
        return name.Length < 3 ? first : name.ToString();
    }
}

/// <summary>Reads /proc/interrupts, on its own or pasted between other lines (a shell prompt, a console log).</summary>
public sealed class ProcInterrupts : LineParser
{
    /// <summary>The most CPUs that are read from a header: the kernel's own limit (NR_CPUS) is 8192.</summary>
    private const int MaxCpus = 8192;

    /// <summary>Rows that are kept; interrupt numbers on the largest machines stay below this.</summary>
    private const int MaxRows = 65536;

    /// <summary>Maximum number of rows of all tables of one input: the table may have been recorded every second for a day.</summary>
    private const int MaxRowsInAll = 4 * MaxRows;

    private readonly List<InterruptRow> rows = [];
    private List<int>? cpus;
    private Source? header;
    private int kept;

    public override string Kind => "/proc/interrupts";

    public override IReadOnlyList<string> Signs => ["CPU0", "CPU1", "CPU2", "CPU3", "CPU4", "CPU5", "CPU6", "CPU7", "CPU8", "CPU9"];

    public override bool Busy => cpus is not null;

    public override bool Line(in TextLine line, Facts facts)
    {
        if (IsHeader(line.Text, out List<int> seen))
        {
            End(facts);
            cpus = seen;
            header = line.ToSource();
            // lockdep draws a table of two CPUs in each of its reports: only rows of interrupts make it this one.
            return false;
        }
        if (cpus is null)
            return false;
        ReadOnlySpan<char> text = line.Text.TrimStart(' ');
        int colon = text.IndexOf(':');
        if (colon is <= 0 or > 12)
        {
            End(facts);
            return false;
        }
        if (!int.TryParse(text[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out int irq))
        {
            // NMI:, LOC:, ERR: … belong to the table and hold no vector of the device range. Anything else ends it.
            bool architectural = text[..colon].IndexOfAnyExceptInRange('A', 'Z') < 0;
            if (!architectural)
                End(facts);
            return architectural;
        }
        if (rows.Count < MaxRows)
            rows.Add(Row(irq, text[(colon + 1)..], cpus.Count) with { Source = rows.Count < 4096 ? line.ToSource() : null });
        return true;
    }

    public override void End(Facts facts)
    {
        kept += rows.Count;
        if (cpus is not null && rows.Count > 0 && kept <= MaxRowsInAll)
            facts.Add(new InterruptTable(header!, cpus, rows.ToArray()));
        cpus = null;
        rows.Clear();
    }

    private static bool IsHeader(ReadOnlySpan<char> text, out List<int> cpus)
    {
        cpus = [];
        if (!text.TrimStart(" \t").StartsWith("CPU", StringComparison.Ordinal))
            return false;
        var c = new TextCursor(text);
        while (c.SkipSpaces())
        {
            if (!c.Skip("CPU") || !c.Number(out long cpu) || cpu is < 0 or >= MaxCpus || cpus.Count == MaxCpus)
                return false;
            cpus.Add((int)cpu);
        }
        return cpus.Count > 0;
    }

    private static InterruptRow Row(int irq, ReadOnlySpan<char> text, int cpuCount)
    {
        var c = new TextCursor(text);
        long total = 0;
        for (int i = 0; i < cpuCount; i++)
        {
            c.SkipSpaces();
            if (!c.Number(out long count))
                break;
            total = unchecked(total + count);
        }
        string chip = c.Word().ToString();
        string hardware = c.Word().ToString();
        string actions = c.Rest.Trim().ToString();
        // Chips such as "IO-APIC   2-edge" print the pin apart; "PCI-MSI-0000:00:02.0   0-edge" as well. A chip without a hardware word
        // ("XT-PIC  timer") has one word less.
        if (actions.Length == 0 && hardware.Length > 0 && !hardware.Contains('-'))
            (hardware, actions) = ("", hardware);
        return new InterruptRow(irq, total, chip, hardware, actions);
    }
}
