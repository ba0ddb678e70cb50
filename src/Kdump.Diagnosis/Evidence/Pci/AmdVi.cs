using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Pci;

/// <summary>The AMD IOMMU logged an event: iommu_print_event() in drivers/iommu/amd/iommu.c.</summary>
/// <param name="Name"><c>IO_PAGE_FAULT</c> …</param>
/// <param name="Device">As printed, or of the driver that the line begins with.</param>
/// <param name="Domain">0 is the default or identity domain.</param>
public sealed record AmdViEvent(Source Source, string Name, PciAddress? Device, string? Driver, uint? Domain, ulong? Address, uint? Flags,
    bool Split, double? Time) : Fact(Source)
{
    /// <summary>What the event is.</summary>
    public string Meaning => Name switch
    {
        "IO_PAGE_FAULT" => "the device asked for an address that is not mapped for it, or in a way that is not allowed",
        "ILLEGAL_DEV_TABLE_ENTRY" => "the device's entry in the device table is not valid",
        "DEV_TAB_HARDWARE_ERROR" => "the device table could not be read",
        "PAGE_TAB_HARDWARE_ERROR" => "a page table could not be read",
        "ILLEGAL_COMMAND_ERROR" or "COMMAND_HARDWARE_ERROR" => "the IOMMU could not carry out a command",
        "IOTLB_INV_TIMEOUT" => "the device did not answer when its address cache was to be emptied: its ATS died",
        "INVALID_DEVICE_REQUEST" => "the device sent a request that the IOMMU does not allow (a reserved or interrupt address range)",
        "INVALID_PPR_REQUEST" => "the device sent a page request that is not valid",
        "RMP_HW_ERROR" or "RMP_PAGE_FAULT" => "memory of a protected guest (SEV-SNP) was touched",
        "COMPLETION_WAIT_TIMEOUT" => "the IOMMU no longer finishes commands; CPUs that wait for it lock up",
        _ => "an event of the IOMMU",
    };

    /// <summary>The flags of a page fault in words (AMD I/O Virtualization Technology Specification, "IO_PAGE_FAULT").</summary>
    public string FlagWords
    {
        get
        {
            if (Flags is not { } f)
                return "";
            var words = new List<string>();
            if ((f & 1) != 0)
                words.Add("guest address");
            if ((f & 8) != 0)
                words.Add("interrupt");
            bool present = (f & 0x10) != 0;
            words.Add(present ? "present" : "not present");
            words.Add((f & 0x20) != 0 ? "write" : "read");
            if (present && (f & 0x40) != 0)
                words.Add("permission");
            if (present && (f & 0x80) != 0)
                words.Add("reserved bit set");
            if ((f & 0x100) != 0)
                words.Add("translation request");
            return string.Join(", ", words);
        }
    }
}

/// <summary>Events that were not printed: <c>amd_iommu_report_page_fault: 12345 callbacks suppressed</c>.</summary>
public sealed record AmdViSuppressed(Source Source, long Count) : Fact(Source);

/// <summary>The IOMMU's event log was full: more happened than was logged.</summary>
public sealed record AmdViOverflow(Source Source) : Fact(Source);

/// <summary>What the kernel printed about reusing the device table of the crashed kernel.</summary>
public sealed record AmdViReused(Source Source, string Words, bool Failed) : Fact(Source);

/// <summary>Reads AMD-Vi events, on one line or (to 4.16) on two.</summary>
public sealed class AmdVi : LineParser
{
    private const string Head = "Event logged [";

    private Source? half;

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs => ["AMD-Vi", "amd_iommu_"];

    public override bool Busy => half is not null;

    public override bool Line(in TextLine line, Facts facts)
    {
        if (half is null && !line.Text.Contains("AMD-Vi", StringComparison.Ordinal))
            return Suppressed(line, facts);
        KernelLine kernel = line.Kernel;
        ReadOnlySpan<char> m = kernel.Message;
        if (half is not null)
        {
            Source first = half;
            half = null;
            if (Event(m, m, kernel.Time, first, split: true, facts))
                return true;
        }
        int at = m.IndexOf(Head, StringComparison.Ordinal);
        if (at >= 0)
        {
            ReadOnlySpan<char> inside = m[(at + Head.Length)..];
            if (inside.Trim().IsEmpty)
            {
                half = line.ToSource();
                return true;
            }
            return Event(inside, m, kernel.Time, line.ToSource(), split: false, facts);
        }
        if (m.Contains("Completion-Wait loop timed out", StringComparison.Ordinal))
        {
            facts.Add(new AmdViEvent(line.ToSource(), "COMPLETION_WAIT_TIMEOUT", null, null, null, null, null, Split: false, kernel.Time));
            return true;
        }
        if (m.Contains("event log overflow", StringComparison.OrdinalIgnoreCase))
        {
            facts.Add(new AmdViOverflow(line.ToSource()));
            return true;
        }
        if (m.Contains("DEV table from previous kernel", StringComparison.Ordinal) ||
            m.Contains("ranslation is already enabled", StringComparison.Ordinal))
        {
            facts.Add(new AmdViReused(line.ToSource(), m.ToString(), m.Contains("Failed", StringComparison.Ordinal)));
            return true;
        }
        return false;
    }

    private static bool Suppressed(in TextLine line, Facts facts)
    {
        var c = new TextCursor(line.Kernel.Message);
        if (!c.Skip("amd_iommu_") || !c.SkipPast(": ") || !c.Number(out long count) || !c.Skip(" callbacks suppressed"))
            return false;
        facts.Add(new AmdViSuppressed(line.ToSource(), Math.Max(count, 0)));
        return true;
    }

    private static bool Event(ReadOnlySpan<char> inside, ReadOnlySpan<char> whole, double? time, Source source, bool split, Facts facts)
    {
        var c = new TextCursor(inside);
        ReadOnlySpan<char> name = c.Word().TrimEnd(']');
        if (name.Length < 6 || name.IndexOfAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") >= 0)
            return false;
        PciAddress? device = null;
        string? driver = null;
        TextCursor d = c;
        if (d.SkipPast("device=") && PciAddress.TryParse(d.Word().TrimEnd(']'), out PciAddress printed))
            device = printed;
        else if (Aer.DeviceOf(whole, out PciAddress owner, out _))
        {
            device = owner;
            driver = whole[..whole.IndexOf(' ')].ToString();
        }
        facts.Add(new AmdViEvent(source, name.ToString(), device, driver, (uint?)Hex(c, "domain="), Hex(c, "address="),
            (uint?)Hex(c, "flags="), split, time));
        return true;
    }

    private static ulong? Hex(TextCursor c, string name)
    {
        if (c.SkipPast(name) && c.Hex(out ulong value))
            return name == "address=" ? value : value & uint.MaxValue;
        return null;
    }
}
