using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>A table that an ITS got in memory: devices, collections, virtual CPUs.</summary>
/// <param name="Its">The ITS, as the kernel names it: <c>ITS@0x0000000008080000</c>.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Flat">It holds all ids; an indirect one grows by pages when devices come.</param>
public sealed record ItsTable(Source Source, string Its, string Content, long Bytes, bool Flat) : Fact(Source);

/// <summary>How many message interrupts (LPIs) a hypervisor leaves to the machine (GICD_TYPER.num_LPIs).</summary>
public sealed record LpiLimit(Source Source, int Count) : Fact(Source);

/// <summary>A GICv2m frame: message interrupts that are SPIs, of which it has a fixed number.</summary>
public sealed record MessageFrame(Source Source, int First, int Count) : Fact(Source);

/// <summary>An ITS that the machine's tables list: MADT, device tree.</summary>
public sealed record ItsListed(Source Source, string Name) : Fact(Source);

/// <summary>
/// Reads what arm64's interrupt controllers say at boot: drivers/irqchip/irq-gic-v3-its.c its_setup_baser, its_lpi_init;
/// irq-gic-v2m.c gicv2m_init_one.
/// </summary>
public sealed class GicLines : LineParser
{
    private const int IndirectEntry = 8, MaxTables = 1024;

    private int tables;

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs => ["ITS@", "restricted LPI range", "GICv2m: range"];

    public override bool Line(in TextLine line, Facts facts)
    {
        var c = new TextCursor(line.Kernel.Message);
        TextCursor limit = c;
        if (limit.Skip("ITS: Using hypervisor restricted LPI range [") && limit.Number(out long lpis) && lpis is > 0 and <= 1 << 24)
        {
            facts.Add(new LpiLimit(line.ToSource(), (int)lpis));
            return true;
        }
        // GICv2m: range[mem 0x08020000-0x08020fff], SPI[80:143]
        if (c.Rest.StartsWith("GICv2m: range", StringComparison.Ordinal))
        {
            TextCursor v2m = c;
            if (v2m.SkipPast("SPI[") && v2m.Number(out long first) && v2m.Skip(":") && v2m.Number(out long last) && first >= 0 &&
                last >= first && last < 1 << 16)
                facts.Add(new MessageFrame(line.ToSource(), (int)first, (int)(last - first) + 1));
            return true;
        }
        return c.Rest.StartsWith("ITS@", StringComparison.Ordinal) && Table(c, line, facts);
    }

    /// <summary><c>ITS@0x…: allocated 8192 Devices @42a20000 (indirect, esz 8, psz 64K, shr 1)</c></summary>
    private bool Table(TextCursor c, in TextLine line, Facts facts)
    {
        if (!c.Before(": ", out ReadOnlySpan<char> its) || !c.Skip("allocated ") || !c.Number(out long entries) || !c.Skip(" ") ||
            !c.Before(" @", out ReadOnlySpan<char> content) || !c.SkipPast(" (") || !c.Before(",", out ReadOnlySpan<char> form) ||
            !c.Skip(" esz ") || !c.Number(out long size) || entries is < 1 or > 1 << 28 || size is < 1 or > 4096)
            return false;
        bool flat = form is "flat";
        if (tables++ < MaxTables)
            facts.Add(new ItsTable(line.ToSource(), its.ToString(), content.ToString(), entries * (flat ? size : IndirectEntry), flat));
        return true;
    }
}
