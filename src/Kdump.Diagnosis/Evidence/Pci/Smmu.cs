using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Pci;

/// <summary>
/// An Arm SMMU refused a request: drivers/iommu/arm/arm-smmu-v3 (events by number and four words, by name since 6.14) and arm-smmu
/// (context faults, unknown streams).
/// </summary>
/// <param name="Smmu">The SMMU, as the kernel names it.</param>
/// <param name="Event">The event's name of the SMMUv3 architecture: <c>C_BAD_STREAMID</c>, <c>F_TRANSLATION</c> …</param>
/// <param name="Stream">The stream id; for PCI mostly the requester id, in the lower 16 bits.</param>
/// <param name="Client">The device's name, where the kernel knows it.</param>
public sealed record SmmuEvent(Source Source, string Smmu, string Event, uint? Stream, string? Client) : Fact(Source)
{
    /// <summary>The address as the device gave it (iova).</summary>
    public ulong? Address { get; internal set; }

    /// <summary>read, write, instruction fetch; null where it does not tell.</summary>
    public string? Access { get; internal set; }

    /// <summary>An SMMUv2, or a machine by device tree: only its tables tell which device a stream id belongs to.</summary>
    public bool V2 { get; init; }

    /// <summary>What the event is.</summary>
    public string Meaning => Event switch
    {
        "C_BAD_STREAMID" => V2 ? "no driver has set up that stream: the SMMU does not know the device"
            : "the stream id is beyond the SMMU's table: the SMMU does not know the device",
        "C_BAD_STE" => "the entry of its stream is not valid",
        "F_STE_FETCH" => "the entry of its stream could not be read from memory",
        "F_STREAM_DISABLED" => "the stream is switched off",
        "F_TRANSLATION" => "the address is not mapped for the device",
        "F_PERMISSION" => "the page does not allow that access",
        "F_ADDR_SIZE" => "the address is too large",
        "F_ACCESS" => "the page was never accessed before (access flag)",
        "F_WALK_EABT" => "a page table could not be read",
        "F_TLB_CONFLICT" => "two entries of its page cache fit the same address",
        "F_UUT" => "the transaction is of a kind that is not supported",
        "F_TRANSL_FORBIDDEN" or "F_BAD_ATS_TREQ" => "the device may not use translated addresses (ATS)",
        "C_BAD_CD" => "the context of its substream is not valid",
        "F_CD_FETCH" => "the context of its substream could not be read from memory",
        "C_BAD_SUBSTREAMID" => "the number of its substream (PASID) is beyond what the stream has",
        "F_CFG_CONFLICT" => "two entries of the SMMU's cache of streams contradict each other",
        "F_VMS_FETCH" => "the structure of the virtual machine that it belongs to could not be read from memory",
        "CMDQ_ERR" => "the SMMU met a command that it cannot carry out",
        "EVTQ_OVERFLOW" => "more events came than the kernel read: some are lost",
        "QUEUE_ABORT" => "the SMMU could not write a queue or a message interrupt to memory",
        "SFM" => "the SMMU has given up (service failure mode): no device behind it reaches memory",
        "CMD_SYNC" => "the SMMU does not finish its commands",
        "GERROR" => "the SMMU reports a global error",
        _ => "the request was refused",
    };
}

/// <summary>Reads the events of Arm SMMUs.</summary>
public sealed class SmmuEvents : LineParser
{
    private const int EventWords = 4;

    private static readonly string?[] Names = new string?[0x26];

    /// <summary>FSR of a context bank (drivers/iommu/arm/arm-smmu/arm-smmu.h), by bit.</summary>
    private static readonly (int Bit, string Event)[] ContextFaults =
    [
        (1, "F_TRANSLATION"), (3, "F_PERMISSION"), (2, "F_ACCESS"), (4, "F_WALK_EABT"), (5, "F_TLB_CONFLICT"), (7, "F_ADDR_SIZE"),
        (8, "F_UUT"),
    ];

    private Source? head;
    private string smmu = "";
    private string name = "";
    private int words;
    private SmmuEvent? last;

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
        bool v3 = c.Word().StartsWith("arm-smmu-v3", StringComparison.Ordinal);
        ReadOnlySpan<char> device = c.Word().TrimEnd(':');
        c.SkipSpaces();
        if (head is not null && c.Hex(out ulong word))
        {
            Word(word, facts);
            return true;
        }
        head = null;
        smmu = device.ToString();
        if (c.Skip("event 0x") && c.Hex(out ulong number) && c.Rest.StartsWith(" received", StringComparison.Ordinal))
        {
            (head, words) = (line.ToSource(), 0);
            name = number < 0x26 && Names[number] is { } known ? known : $"0x{number:x2}";
            return true;
        }
        return Named(m, v3, line, facts);
    }

    public override void End(Facts facts) => head = null;

    /// <summary>One of the four words of an event (Arm SMMU architecture version 3, 7.3; EVTQ_0 and EVTQ_1 of arm-smmu-v3.h).</summary>
    private void Word(ulong word, Facts facts)
    {
        switch (words++)
        {
            case 0:
                facts.Add(last = new SmmuEvent(head!, smmu, name, (uint)(word >> 32), null));
                break;
            case 1 when last?.Event is "F_TRANSLATION" or "F_ADDR_SIZE" or "F_ACCESS" or "F_PERMISSION":
                if ((word >> 34 & 1) != 0)
                    last.Access = "instruction fetch";
                else
                    last.Access = (word >> 35 & 1) != 0 ? "read" : "write";
                break;
            case 2 when last?.Access is not null:
                last.Address = word;
                break;
            case EventWords - 1:
                head = null;
                break;
        }
    }

    private bool Named(ReadOnlySpan<char> m, bool v3, in TextLine line, Facts facts)
    {
        var c = new TextCursor(m);
        TextCursor e = c;
        if (e.SkipPast(": event: "))
        {
            string said = e.Word().ToString();
            TextCursor who = e;
            string? client = who.SkipPast("client: ") && who.Before(" sid:", out ReadOnlySpan<char> words) ? words.ToString() : null;
            facts.Add(last = new SmmuEvent(line.ToSource(), smmu, said, (uint?)Hex(e, " sid: "), client) { Address = Hex(e, "iova: ") });
            return true;
        }
        // The second line of an event by name: unpriv data write s1 "Input address caused fault" stag: 0x0
        if (v3 && last is { Access: null } event3 && event3.Smmu == smmu && m.Contains(" stag: ", StringComparison.Ordinal))
        {
            if (m.Contains(" inst ", StringComparison.Ordinal))
                event3.Access = "instruction fetch";
            else
                event3.Access = m.Contains(" write ", StringComparison.Ordinal) ? "write" : "read";
            return true;
        }
        if (m.Contains("context fault", StringComparison.Ordinal))
        {
            ulong fsr = Hex(c, "fsr=") ?? 2, syndrome = Hex(c, "fsynr=") ?? Hex(c, "fsynr0=") ?? 0;
            string fault = Array.Find(ContextFaults, f => (fsr >> f.Bit & 1) != 0).Event ?? "F_TRANSLATION";
            string? access;
            if (m.Contains("fsynr", StringComparison.Ordinal))
                access = (syndrome >> 4 & 1) != 0 ? "write" : "read";
            else
                access = null;
            facts.Add(new SmmuEvent(line.ToSource(), smmu, fault, (uint?)(Hex(c, "cbfrsynra=") & 0xffff), null)
            {
                Address = Hex(c, "iova="),
                Access = access,
                V2 = true,
            });
            return true;
        }
        if (Hex(c, "unknown Stream ID 0x") is { } stream)
        {
            facts.Add(new SmmuEvent(line.ToSource(), smmu, "C_BAD_STREAMID", (uint)(stream & uint.MaxValue), null) { V2 = true });
            return true;
        }
        if (Of(m) is not { } kind)
            return false;
        facts.Add(new SmmuEvent(line.ToSource(), smmu, kind, null, null) { V2 = !v3 });
        return true;
    }

    /// <summary>Errors of the SMMU itself (arm_smmu_gerror_handler, arm_smmu_evtq_thread, __arm_smmu_cmdq_skip_err).</summary>
    private static readonly (string Sign, string Event)[] OfItself =
    [
        ("CMD_SYNC timeout", "CMD_SYNC"), ("Service Failure Mode", "SFM"), ("MSI write aborted", "QUEUE_ABORT"),
        ("EVTQ write aborted", "QUEUE_ABORT"), ("PRIQ write aborted", "QUEUE_ABORT"), ("EVTQ overflow detected", "EVTQ_OVERFLOW"),
        ("CMDQ error (cons", "CMDQ_ERR"), ("unexpected global error reported", "GERROR"), ("GERROR", "GERROR"), ("global fault", "GERROR"),
    ];

    private static string? Of(ReadOnlySpan<char> m)
    {
        foreach ((string sign, string kind) in OfItself)
        {
            if (m.Contains(sign, StringComparison.Ordinal))
                return kind;
        }
        return null;
    }

    private static ulong? Hex(TextCursor c, string name) => c.SkipPast(name) && c.Hex(out ulong value) ? value : null;
}
