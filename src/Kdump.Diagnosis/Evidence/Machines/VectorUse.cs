namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>Vectors that a device holds although /proc/interrupts does not show them, because it never asked for them one by one.</summary>
/// <param name="Device">Requester id behind the interrupt numbers, as bus:device.function.</param>
public readonly record struct HiddenVectors(string Device, string Driver, int Shown, int Allocated)
{
    public int Count => Allocated - Shown;

    /// <summary>The highest interrupt number of the block that is shown, and the next in use behind the gap.</summary>
    public int LastIrq { get; init; }

    public int NextIrq { get; init; }
}

/// <summary>
/// What a /proc/interrupts says of vectors in use. A requested interrupt holds one. A multi-message MSI block without per-vector
/// masking holds all of its power of two from the moment it is allocated (drivers/pci/msi, ahci's case), requested or not: those show
/// only as a gap in the interrupt numbers.
/// </summary>
public sealed record VectorUse(int Shown, IReadOnlyList<HiddenVectors> Hidden, IReadOnlyList<(string Owner, int Vectors)> Owners,
    int PerCpu)
{
    public int Total => Shown + Hidden.Sum(h => h.Count);

    public static VectorUse Of(InterruptTable table)
    {
        List<HiddenVectors> hidden = HiddenIn(table);
        var owners = table.Owners().ToDictionary(o => o.Owner, o => o.Vectors, StringComparer.Ordinal);
        foreach (HiddenVectors h in hidden)
            owners[h.Driver] = owners.GetValueOrDefault(h.Driver) + h.Count;
        return new(table.VectorsHeld, hidden,
            owners.Select(o => (o.Key, o.Value)).OrderByDescending(o => o.Value).ThenBy(o => o.Key, StringComparer.Ordinal).ToList(),
            table.Rows.Count(r => r.HoldsVector && IsPerCpu(r.Actions)));
    }

    /// <summary>Names of queue interrupts, of which a driver asks for one per CPU: there will be more of them with more CPUs.</summary>
    private static bool IsPerCpu(string actions) =>
        (actions.StartsWith("nvme", StringComparison.Ordinal) && !actions.EndsWith("q0", StringComparison.Ordinal)) ||
        actions.Contains("-TxRx-", StringComparison.Ordinal) || actions.Contains("_comp", StringComparison.Ordinal) ||
        actions.Contains("-rx-", StringComparison.Ordinal) || actions.Contains("-req.", StringComparison.Ordinal) ||
        actions.Contains("-input.", StringComparison.Ordinal) || actions.Contains("-output.", StringComparison.Ordinal);

    /// <summary>
    /// AHCI ports on plain MSI. The block is the largest power of two up to 32 that reaches no further than the next interrupt number in
    /// use.
    /// </summary>
    private static List<HiddenVectors> HiddenIn(InterruptTable table)
    {
        var hidden = new List<HiddenVectors>();
        foreach (var device in table.Rows.Where(IsAhci).Select(r => (Row: r, r.Message.Device, Message: r.Message.Number))
            .GroupBy(m => m.Device))
        {
            // A single message is masked as a whole and proves no block.
            if (device.Key.Length == 0 || device.Count() < 2)
                continue;
            int shown = device.Count();
            (InterruptRow first, _, int message) = device.MinBy(m => m.Row.Irq);
            int firstIrq = first.Irq - message;
            int last = device.Max(m => m.Row.Irq);
            int next = table.Rows.Where(r => r.Irq > last).Select(r => r.Irq).DefaultIfEmpty(last + 1).Min();
            int block = 1;
            while (block < 32 && firstIrq + (block * 2) <= next)
                block *= 2;
            if (block > shown)
                hidden.Add(new(device.Key, "ahci", shown, block) { LastIrq = last, NextIrq = next });
        }
        return hidden;
    }

    private static bool IsAhci(InterruptRow row) => row.HoldsVector && row.Actions.StartsWith("ahci", StringComparison.Ordinal);
}
