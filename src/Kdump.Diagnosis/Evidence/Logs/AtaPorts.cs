using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>What libata found at a port, or what kind of port it is.</summary>
/// <param name="Port">Without the device's number: <c>ata5</c>.</param>
/// <param name="Parallel">A PATA (IDE) port.</param>
/// <param name="Packet">An ATAPI device: a drive for CDs, DVDs or tapes.</param>
/// <param name="Disk">A hard disk: a port may have both.</param>
/// <param name="Model">Empty where the line names none.</param>
public sealed record AtaPort(Source Source, string Port, bool Parallel, bool Packet, bool Disk, string Model) : Fact(Source);

/// <summary>
/// <c>ata5: PATA max UDMA/133 cmd 0x1f0 …</c> and <c>ata5.00: ATAPI: _NEC DVD_RW ND-2510A, 2.18, max UDMA/33</c>
/// (drivers/ata/libata-core.c ata_host_register(), ata_dev_configure()).
/// </summary>
public sealed class AtaPorts : LineParser
{
    private const int MaxKept = 256;

    private int kept;

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs { get; } = [": ATAPI", ": PATA max ", ": ATA-"];

    public override bool Line(in TextLine line, Facts facts)
    {
        var c = new TextCursor(line.Kernel.Message);
        if (!c.Before(": ", out ReadOnlySpan<char> name) || !name.StartsWith("ata", StringComparison.Ordinal) || name.Length < 4 ||
            !char.IsAsciiDigit(name[3]) || kept >= MaxKept)
            return false;
        string port = (name.IndexOf('.') is > 0 and var dot ? name[..dot] : name).ToString();
        bool packet = c.Rest.StartsWith("ATAPI", StringComparison.Ordinal), parallel = c.Rest.StartsWith("PATA max ",
            StringComparison.Ordinal);
        bool disk = c.Rest.StartsWith("ATA-", StringComparison.Ordinal);
        if (!packet && !parallel && !disk)
            return false;
        string model = packet && c.SkipPast("ATAPI: ") && c.Before(",", out ReadOnlySpan<char> said) ? said.Trim().ToString() : "";
        kept++;
        facts.Add(new AtaPort(line.ToSource(), port, parallel, packet, disk, model));
        return false;
    }

    public override void End(Facts facts) => kept = 0;
}
