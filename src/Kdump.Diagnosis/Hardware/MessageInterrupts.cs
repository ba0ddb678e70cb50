using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Hardware;

/// <summary>
/// What arm64 has instead of vectors, in sentences: message interrupts of an ITS (LPIs) or of GICv2m frames, how many there are, and what
/// they cost a crash kernel. drivers/irqchip/irq-gic-v3-its.c (its_lpi_init, its_create_device), irq-gic-v2m.c.
/// </summary>
public static class MessageInterrupts
{
    /// <summary>GICD_TYPER.IDbits is 14 at least; the kernel uses 16 at most (ITS_MAX_LPI_NRBITS); the first 8192 are no LPIs.</summary>
    private const int Least = (1 << 14) - 8192;

    public static string Say(Facts facts, InterruptTable? now)
    {
        int messages = now?.Rows.Count(r => r.Chip.StartsWith("ITS", StringComparison.Ordinal)) ?? 0;
        int frameUses = now?.Rows.Count(r => r.Chip.Contains("GICv2m", StringComparison.Ordinal)) ?? 0;
        int its = Math.Max(facts.Of<ItsListed>().Count, facts.Of<ItsTable>().Select(t => t.Its).Distinct().Count());
        List<string> said = [];
        if (messages > 0)
            said.Add(
                $"Devices use {Counted.Of(messages, "message interrupt")} (LPIs of the GIC's {(its > 1 ? $"{its} ITSs" : "ITS")}), of " +
                (facts.Of<LpiLimit>() is [var limit, ..] ? $"{limit.Count} that the hypervisor leaves to " : $"at least {Least} for ") +
                "the whole machine: fewer CPUs leave as many.");
        else if (its > 0)
            said.Add(
                $"Message interrupts are LPIs of {(its > 1 ? $"{its} ITSs" : "the GIC's ITS")}, at least {Least} for the whole machine.");
        MessageFrame[] frames = [.. facts.Of<MessageFrame>().DistinctBy(f => f.First)];
        if (frameUses > 0)
            said.Add($"Devices use {Counted.Of(frameUses, "message interrupt")} of a GICv2m frame, which has " +
                (frames.Length > 0 ? $"{frames.Sum(f => f.Count)}" : "a fixed number") +
                    " for the whole machine: fewer CPUs leave as many.");
        long tables = facts.Of<ItsTable>().DistinctBy(t => (t.Its, t.Content)).Sum(t => t.Bytes);
        if (tables > 0)
            said.Add($"The crash kernel allocates the ITS's tables anew ({(tables + 1023) >> 10} KB by the running kernel's log" +
                (facts.Of<ItsTable>().Any(t => t is { Flat: true, Bytes: >= 1 << 20 }) ? ", flat ones in one piece" : "") +
                "): what it can lack is that memory, not interrupts.");
        return said.Count == 0 ? "" : " " + string.Join(' ', said);
    }
}
