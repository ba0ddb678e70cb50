using System.Globalization;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>An EDAC driver, firmware's reports in its form, or a tool that keeps its counts, counted memory errors at a place.</summary>
/// <param name="Label">The driver's name of the place: <c>CPU_SrcID#0_Ha#0_Chan#1_DIMM#0</c>; empty where it has none.</param>
/// <param name="Detail">What stands in brackets behind it: <c>channel:1 slot:0 page:0x2031c14 offset:0x940</c>.</param>
public sealed record EdacError(Source Source, long Count, bool Uncorrected, string Label, string Detail) : Fact(Source)
{
    /// <summary>The controller's number: the n of <c>EDAC MCn</c>.</summary>
    public int? Controller { get; init; }

    /// <summary>The driver's words for the error; amd64_edac has none.</summary>
    public string Words { get; init; } = "";

    /// <summary>The driver that reports it.</summary>
    public string By { get; init; } = "EDAC";

    /// <summary>A running total that a tool read, not errors of this moment.</summary>
    public bool Total { get; init; }

    public ulong? Page { get; } = Hex(Detail, "page:");

    public ulong? Offset { get; } = Hex(Detail, "offset:");

    /// <summary>Bits of an address within a page: arm64 and powerpc may have pages of 64 KiB.</summary>
    public int PageBits { get; init; } = 12;

    /// <summary>True if page and offset give this address, whatever the size of the machine's pages.</summary>
    public bool IsAt(ulong address) => Page is > 0 and var page && Offset is { } offset &&
        ((page << 12 | offset) == address || (page << 16 | offset) == address);

    /// <summary>
    /// The physical address, if page and offset are printed; page 0 with offset 0 means that the driver does not know it.
    /// </summary>
    public ulong? Address => Page is > 0 and < 1UL << 44 && Offset is { } offset && offset < 1UL << PageBits
        ? (Page << PageBits) | offset : null;

    /// <summary>The label names one place. "any memory", "unknown memory" and several labels at once do not.</summary>
    public bool Named => Label.Length > 0 && Label is not ("any memory" or "unknown memory" or "unknown label" or "memory") &&
        !Label.Contains(" or ", StringComparison.Ordinal);

    /// <summary>The value behind a name of the detail: <c>row:32680</c>, <c>bank_group:3</c>.</summary>
    public string? this[string name]
    {
        get
        {
            for (int at = 0; (at = Detail.IndexOf(name, at, StringComparison.Ordinal)) >= 0; at += name.Length)
            {
                if (at > 0 && Detail[at - 1] is not (' ' or '(' or ','))
                    continue;
                ReadOnlySpan<char> value = Detail.AsSpan(at + name.Length);
                value = value.StartsWith(":", StringComparison.Ordinal) ? value[1..].TrimStart(' ') : default;
                int end = 0;
                while (end < value.Length && (char.IsAsciiLetterOrDigit(value[end]) || value[end] is '-' or '_'))
                    end++;
                if (end > 0)
                    return value[..end].ToString();
            }
            return null;
        }
    }

    private static ulong? Hex(string detail, string name)
    {
        int at = detail.IndexOf(name, StringComparison.Ordinal);
        if (at < 0)
            return null;
        ReadOnlySpan<char> value = detail.AsSpan(at + name.Length);
        value = value.StartsWith("0x", StringComparison.Ordinal) ? value[2..] : value;
        int end = 0;
        while (end < value.Length && char.IsAsciiHexDigit(value[end]))
            end++;
        return ulong.TryParse(value[..end], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong number) ? number : null;
    }
}

/// <summary>An error that EDAC counts and that is not memory behind a controller: a cache, a bus, a PCI bridge.</summary>
/// <param name="What"><c>L2 cache</c> or whatever the driver calls the part; for a PCI function what its status register says.</param>
public sealed record EdacDeviceError(Source Source, string What, bool Uncorrected, long Count) : Fact(Source);

/// <summary>A driver of a memory controller says that it looks into an error at this address; the line that names a DIMM comes
/// after.</summary>
public sealed record EdacLooked(Source Source, string Driver, ulong Address) : Fact(Source);

/// <summary>
/// EDAC's lines, as drivers/edac/edac_mc.c has printed them since 3.6 (<c>EDAC MC0: 1 CE words on label (location page:… offset:…)</c>,
/// where the words of amd64_edac are empty) and before (<c>CE page 0x…, offset 0x…, row 0, channel 1, label "…": words</c>), and those of
/// edac_device.c and edac_pci_sysfs.c.
/// </summary>
internal static class EdacLine
{
    public static bool Read(ReadOnlySpan<char> m, in TextLine line, Facts facts)
    {
        int at = m.IndexOf("EDAC ", StringComparison.Ordinal);
        if (at < 0)
            return false;
        var c = new TextCursor(m[(at + "EDAC ".Length)..]);
        TextCursor start = c;
        if (c.Skip("DEVICE") && c.Number(out _) && c.Skip(": "))
            return Device(c, line, facts);
        c = start;
        if (c.Skip("PCI") && c.Before(": ", out _))
            return Pci(c.Rest, line, facts);
        c = start;
        if (!c.Skip("MC") || !c.Number(out long controller) || controller is < 0 or > 4096 || !c.Skip(": "))
            return Looked(start, line, facts);
        return Counted(c, (int)controller, line, facts) || Old(c, (int)controller, line, facts);
    }

    private static bool Counted(TextCursor c, int controller, in TextLine line, Facts facts)
    {
        if (!c.Number(out long count) || count < 0 || !Severity(ref c, out bool uncorrected))
            return false;
        ReadOnlySpan<char> rest = c.Rest;
        int bracket = rest.IndexOf(" (", StringComparison.Ordinal);
        ReadOnlySpan<char> head = bracket < 0 ? rest : rest[..bracket];
        // The words may hold an "on" of their own; the label holds none.
        int on = head.StartsWith("on ", StringComparison.Ordinal) ? 0 : head.LastIndexOf(" on ", StringComparison.Ordinal) + 1;
        bool placed = on > 0 || head.StartsWith("on ", StringComparison.Ordinal);
        facts.Add(new EdacError(line.ToSource(), count, uncorrected,
            placed ? head[(on + "on ".Length)..].Trim().ToString() : "",
            bracket < 0 ? "" : rest[(bracket + 2)..].TrimEnd(" )").ToString())
        {
            Controller = controller,
            Words = (placed ? head[..on] : head).Trim().ToString(),
        });
        return true;
    }

    /// <summary>Before 3.6: <c>CE page 0x9b5ab, offset 0x1c0, grain 8, syndrome 0x70, row 1, channel 0, label "": amd64_edac</c></summary>
    private static bool Old(TextCursor c, int controller, in TextLine line, Facts facts)
    {
        bool uncorrected = c.Rest.StartsWith("UE", StringComparison.Ordinal);
        if (!c.Skip("CE ") && !c.Skip("UE "))
            return false;
        ReadOnlySpan<char> rest = c.Rest;
        bool known = rest.StartsWith("page ", StringComparison.Ordinal) || rest.StartsWith("row ", StringComparison.Ordinal) ||
            rest.StartsWith("- no information available", StringComparison.Ordinal);
        if (!known)
            return false;
        string label = "", words = "";
        var name = new TextCursor(rest);
        if ((name.SkipPast("label \"") || name.SkipPast("labels \"")) && name.Before("\"", out ReadOnlySpan<char> quoted))
        {
            label = quoted.Trim().ToString();
            words = name.Skip(": ") ? name.Rest.Trim().ToString() : "";
        }
        int named = rest.IndexOf(", label", StringComparison.Ordinal);
        string detail = (named < 0 ? rest : rest[..named]).ToString().Replace(",", "", StringComparison.Ordinal);
        foreach (string field in (ReadOnlySpan<string>)["page", "offset", "grain", "syndrome", "row", "channel"])
            detail = detail.Replace(field + " ", field + ":", StringComparison.Ordinal);
        string? row = null, channel = null;
        if (label.Length == 0)
        {
            var probe = new EdacError(line.ToSource(), 1, uncorrected, "", detail);
            (row, channel) = (probe["row"], probe["channel"]);
        }
        // What these kernels call a row is the chip select that later ones call csrow.
        facts.Add(new EdacError(line.ToSource(), 1, uncorrected,
            label.Length switch
            {
                > 0 => label,
                _ when row is null => "",
                _ => $"mc#{controller}csrow#{row}{(channel is null ? "" : $"channel#{channel}")}",
            },
            detail.Replace("row:", "csrow:", StringComparison.Ordinal))
        {
            Controller = controller,
            Words = words,
        });
        return true;
    }

    private static bool Severity(ref TextCursor c, out bool uncorrected)
    {
        uncorrected = false;
        c.SkipSpaces();
        ReadOnlySpan<char> word = c.Word();
        if (word is not ("CE" or "UE" or "FATAL" or "DE"))
            return false;
        uncorrected = word is not "CE";
        c.SkipSpaces();
        return true;
    }

    /// <summary><c>CE: name instance: cpu0 block: L2 count: 3 'words'</c></summary>
    private static bool Device(TextCursor c, in TextLine line, Facts facts)
    {
        bool uncorrected = c.Rest.StartsWith("UE: ", StringComparison.Ordinal);
        if ((!c.Skip("CE: ") && !c.Skip("UE: ")) || !c.Before(" instance: ", out ReadOnlySpan<char> name))
            return false;
        string what = name.Trim().ToString();
        if (c.Before(" block: ", out ReadOnlySpan<char> instance) || c.Before(" block ", out instance))
            what += $" {instance.Trim()}";
        if (c.Before(" count: ", out ReadOnlySpan<char> block) && block.Trim() is not ("N/A" or ""))
            what += $", {block.Trim()}";
        facts.Add(new EdacDeviceError(line.ToSource(), what, uncorrected, c.Number(out long count) && count > 0 ? count : 1));
        return true;
    }

    private static readonly (string Words, bool Uncorrected)[] PciWords =
    [
        ("Signaled System Error on ", true), ("Master Data Parity Error on ", true), ("Detected Parity Error on ", true),
    ];

    /// <summary><c>[Bridge ]Detected Parity Error on 0000:00:1e.0</c></summary>
    private static bool Pci(ReadOnlySpan<char> said, in TextLine line, Facts facts)
    {
        foreach ((string words, bool uncorrected) in PciWords)
        {
            if (!said.Contains(words, StringComparison.Ordinal))
                continue;
            facts.Add(new EdacDeviceError(line.ToSource(), $"PCI device: {said.Trim()}", uncorrected, 1));
            return true;
        }
        return false;
    }

    /// <summary><c>igen6 MC0: ADDR 0x7fffffffe0</c>, <c>amd64 MC0: CE ERROR_ADDRESS= 0x1a2b3c40</c></summary>
    private static bool Looked(TextCursor c, in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> driver = c.Word();
        if (driver.Length is 0 or > 24 || !c.SkipPast(": "))
            return false;
        bool old = c.SkipPast("ERROR_ADDRESS= ");
        if ((!old && driver is not "igen6") || (!old && !c.Skip("ADDR ")) || !c.Hex(out ulong address))
            return false;
        facts.Add(new EdacLooked(line.ToSource(), driver.TrimEnd(":").ToString(), address));
        return true;
    }
}
