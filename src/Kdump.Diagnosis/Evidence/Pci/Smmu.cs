using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Pci;

/// <summary>
/// An Arm SMMU refused a request: drivers/iommu/arm/arm-smmu-v3 (events by number and four words, by name since 6.14) and arm-smmu
/// (context faults).
/// </summary>
/// <param name="Smmu">The SMMU, as the kernel names it.</param>
/// <param name="Event">The event's name of the SMMUv3 architecture: <c>C_BAD_STREAMID</c>, <c>F_TRANSLATION</c> …</param>
/// <param name="Stream">The stream id; for PCI mostly the requester id.</param>
/// <param name="Client">Who it is, where the kernel knows.</param>
public sealed record SmmuEvent(Source Source, string Smmu, string Event, uint? Stream, ulong? Address, string? Client) : Fact(Source)
{
    /// <summary>What the event is.</summary>
    public string Meaning => Event switch
    {
        "C_BAD_STREAMID" => "the stream id is beyond the SMMU's table: the SMMU does not know the device",
        "C_BAD_STE" or "F_STE_FETCH" => "the entry of its stream is not valid or cannot be read",
        "F_STREAM_DISABLED" => "the stream is switched off",
        "F_TRANSLATION" => "the address is not mapped for the device",
        "F_PERMISSION" => "the page does not allow that access",
        "F_ADDR_SIZE" => "the address is too large",
        "F_ACCESS" => "the page was never accessed before (access flag)",
        "F_WALK_EABT" => "a page table could not be read",
        "F_UUT" => "the transaction is of a kind that is not supported",
        "F_TRANSL_FORBIDDEN" or "F_BAD_ATS_TREQ" => "the device may not use translated addresses (ATS)",
        "C_BAD_CD" or "F_CD_FETCH" or "C_BAD_SUBSTREAMID" => "the context of its substream is not valid",
        "CMD_SYNC" => "the SMMU does not finish its commands",
        "GERROR" => "the SMMU reports a global error",
        _ => "the request was refused",
    };
}

/// <summary>Reads the events of Arm SMMUs.</summary>
public sealed class SmmuEvents : LineParser
{
    private static readonly string?[] Names = new string?[0x26];

    private Source? head;
    private string smmu = "";
    private string name = "";

    static SmmuEvents()
    {
        string[] first = ["F_UUT", "C_BAD_STREAMID", "F_STE_FETCH", "C_BAD_STE", "F_BAD_ATS_TREQ", "F_STREAM_DISABLED",
            "F_TRANSL_FORBIDDEN", "C_BAD_SUBSTREAMID", "F_CD_FETCH", "C_BAD_CD", "F_WALK_EABT"];
        first.CopyTo(Names, 1);
        (Names[0x10], Names[0x11], Names[0x12], Names[0x13]) = ("F_TRANSLATION", "F_ADDR_SIZE", "F_ACCESS", "F_PERMISSION");
        (Names[0x20], Names[0x21], Names[0x24], Names[0x25]) = ("F_TLB_CONFLICT", "F_CFG_CONFLICT", "E_PAGE_REQUEST", "F_VMS_FETCH");
    }

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs => ["arm-smmu"];

    public override bool Busy => head is not null;

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> m = line.Kernel.Message.TrimStart(' ');
        if (!m.StartsWith("arm-smmu", StringComparison.Ordinal))
        {
            head = null;
            return false;
        }
        var c = new TextCursor(m);
        c.Word();
        ReadOnlySpan<char> device = c.Word().TrimEnd(':');
        c.SkipSpaces();
        if (head is not null && c.Hex(out ulong word))
        {
            facts.Add(new SmmuEvent(head, smmu, name, (uint)(word >> 32), null, null));
            head = null;
            return true;
        }
        head = null;
        smmu = device.ToString();
        if (c.Skip("event 0x") && c.Hex(out ulong number) && c.Rest.StartsWith(" received", StringComparison.Ordinal))
        {
            (head, name) = (line.ToSource(), number < 0x26 && Names[number] is { } known ? known : $"0x{number:x2}");
            return true;
        }
        return Named(m, line, facts);
    }

    public override void End(Facts facts) => head = null;

    private bool Named(ReadOnlySpan<char> m, in TextLine line, Facts facts)
    {
        var c = new TextCursor(m);
        TextCursor e = c;
        if (e.SkipPast(": event: "))
        {
            string said = e.Word().ToString();
            TextCursor who = e;
            string? client = who.SkipPast("client: ") && who.Before(" sid:", out ReadOnlySpan<char> words) ? words.ToString() : null;
            facts.Add(new SmmuEvent(line.ToSource(), smmu, said, (uint?)Hex(e, " sid: "), Hex(e, "iova: "), client));
            return true;
        }
        if (m.Contains("context fault", StringComparison.Ordinal))
        {
            facts.Add(new SmmuEvent(line.ToSource(), smmu, "F_TRANSLATION", (uint?)(Hex(c, "cbfrsynra=") & 0xffff), Hex(c, "iova="), null));
            return true;
        }
        string? kind = m.Contains("CMD_SYNC timeout", StringComparison.Ordinal) ? "CMD_SYNC"
            : m.Contains("GERROR", StringComparison.Ordinal) || m.Contains("global fault", StringComparison.Ordinal) ? "GERROR" : null;
        if (kind is null)
            return false;
        facts.Add(new SmmuEvent(line.ToSource(), smmu, kind, null, null, null));
        return true;
    }

    private static ulong? Hex(TextCursor c, string name) => c.SkipPast(name) && c.Hex(out ulong value) ? value : null;
}
