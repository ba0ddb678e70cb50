using System.Globalization;
using Kdump.Diagnosis.Pci;

namespace Kdump.Diagnosis.Evidence;

/// <summary>What a device can do about SR-IOV, and does.</summary>
/// <param name="Offset">First VF's distance to the PF in routing ids.</param>
public sealed record SriovState(bool Enabled, int Total, int Active, int Offset, int Stride, string DeviceId)
{
    /// <summary>The routing id of each active VF; they may lie on a later bus.</summary>
    public IEnumerable<PciAddress> Functions(PciAddress pf)
    {
        for (int i = 0; i < Math.Min(Active, 256); i++)
        {
            int id = pf.RequesterId + Offset + (i * Stride);
            if (id > 0xffff)
                yield break;
            yield return PciAddress.FromRequesterId(pf.Segment, id);
        }
    }
}

/// <summary>A link as a port or device states it.</summary>
public sealed record PciLink(string Speed, int Width);

/// <summary>One PCI function as lspci shows it, or its config space says; what was not shown is null.</summary>
public sealed record LspciFunction(Source Source, PciAddress Address) : Fact(Source)
{
    /// <summary>The class in words, or as a number with -n: <c>Ethernet controller</c>, <c>0200</c>.</summary>
    public string Class { get; set; } = "";

    /// <summary>Vendor and device in words, or as <c>vvvv:dddd</c> with -n.</summary>
    public string Name { get; set; } = "";

    /// <summary><c>15b3:1003</c>, where shown (-n, -nn, or config space).</summary>
    public string? Ids { get; set; }

    public string? Driver { get; set; }

    /// <summary>It would have been shown, so that a missing one is a missing one.</summary>
    public bool ShowsDriver { get; set; }

    public bool? BusMaster { get; set; }

    public bool? Memory { get; set; }

    public int? Numa { get; set; }

    public int? Group { get; set; }

    public int? Secondary { get; set; }

    public int? Subordinate { get; set; }

    /// <summary>Endpoint, Root Port …, without the slot sign.</summary>
    public string? PortType { get; set; }

    public PciLink? LinkCan { get; set; }

    public PciLink? Link { get; set; }

    public bool LinkMarkedDowngraded { get; set; }

    public bool HasAer { get; set; }

    public uint UeStatus { get; set; }

    public uint UeMask { get; set; }

    public uint CeStatus { get; set; }

    public uint CeMask { get; set; }

    public string? HeaderLog { get; set; }

    /// <summary>Capabilities were shown at all, so that a missing one is a missing one.</summary>
    public bool ShowsExtended { get; set; }

    /// <summary>What Access Control Services can do and what is switched on; null where the capability was not shown.</summary>
    public string? AcsCan { get; set; }

    public string? AcsDoes { get; set; }

    public bool Ari { get; set; }

    public SriovState? Sriov { get; set; }

    public int? MsiX { get; set; }

    public bool MsiXEnabled { get; set; }

    public int? Msi { get; set; }

    public bool MsiEnabled { get; set; }

    public List<string> Bars { get; } = [];

    public bool IsBridge => Class.Contains("bridge", StringComparison.OrdinalIgnoreCase) && Class.Contains("PCI", StringComparison.Ordinal) || Class.StartsWith("0604", StringComparison.Ordinal) || Secondary is not null;
}

/// <summary>
/// Reads <c>lspci</c> in all its verbosities, of any version and with any indentation (people paste it), and config space dumps
/// (<c>-x</c> to <c>-xxxx</c>), which are decoded here.
/// </summary>
public sealed class Lspci : LineParser
{
    /// <summary>Bytes of PCI Express config space.</summary>
    private const int MaxSpace = 4096;

    private readonly byte[] space = new byte[MaxSpace];
    private int filled;
    private LspciFunction? device;
    private string capability = "";
    private bool details;
    private string list = "";

    private readonly List<string> configText = [];

    public override string Kind => "lspci";

    /// <summary>Keep the text that config space dumps decode to.</summary>
    public bool KeepConfigText { get; init; }

    /// <summary>Every dumped function in the words of lspci, if kept.</summary>
    public IReadOnlyList<string> ConfigText => configText;

    public override bool Line(in TextLine line, Facts facts)
    {
        // A listing carries no kernel's stamp.
        if (device is null && line.Kernel.Stamped)
            return false;
        ReadOnlySpan<char> text = line.Text.Trim().Trim('*');
        if (text.IsEmpty)
            return false;
        if (Head(text, line.Text) is { } found)
        {
            End(facts);
            device = found with { Source = line.ToSource() };
            return true;
        }
        if (device is null)
            return false;
        if (Dump(text))
            return true;
        bool taken = Detail(text, device);
        device.ShowsDriver |= taken;
        // The first line that is not indented and not lspci's ends the device.
        if (!taken && line.Text.Length > 0 && line.Text[0] is not (' ' or '\t'))
            End(facts);
        return taken;
    }

    public override void End(Facts facts)
    {
        if (device is not null)
        {
            if (KeepConfigText && filled >= 64)
                configText.AddRange([.. Pci.ConfigText.Of(device.Address, space.AsSpan(0, filled)), ""]);
            if (!details && filled >= 64)
            {
                foreach (string decoded in Pci.ConfigText.Of(device.Address, space.AsSpan(0, filled)).Skip(1))
                    Detail(decoded.AsSpan().Trim(), device);
                device.Ids ??= $"{space[1]:x2}{space[0]:x2}:{space[3]:x2}{space[2]:x2}";
                if (device.Class is "" or "Class")
                    device.Class = $"{space[11]:x2}{space[10]:x2}";
                device.ShowsExtended |= filled > 256;
            }
            facts.Add(device);
        }
        device = null;
        filled = 0;
        details = false;
        capability = "";
        list = "";
    }

    /// <summary><c>04:00.0 Ethernet controller [0200]: Mellanox … [15b3:1003] (rev b0)</c>, <c>04:00.0 0200: 15b3:1003</c>, <c>0000:04:00.0 Class</c></summary>
    private static LspciFunction? Head(ReadOnlySpan<char> text, ReadOnlySpan<char> whole)
    {
        var c = new TextCursor(text);
        ReadOnlySpan<char> first = c.Word();
        if (!PciAddress.TryParse(first, out PciAddress address) || whole.Length > 0 && whole[0] == '\t' || !c.SkipSpaces())
            return null;
        ReadOnlySpan<char> rest = c.Rest;
        int colon = rest.IndexOf(": ", StringComparison.Ordinal);
        if (colon < 0)
            return char.IsAsciiLetterUpper(rest[0]) && rest.Length < 60 ? new LspciFunction(Source.Of("", text), address) { Class = rest.ToString() } : null;
        ReadOnlySpan<char> kind = rest[..colon], name = rest[(colon + 2)..];
        // "0000:04:00.0 enp4s0f0: …" is a kernel's line; a class is words, or four digits.
        bool number = kind.Length == 4 && MachineChecks.MceReader.IsHex(kind, out _);
        if (!number && (!char.IsAsciiLetterUpper(kind[0]) || (!kind.Contains(' ') && kind is not ("SMBus" or "Bridge" or "Class"))))
            return null;
        var device = new LspciFunction(Source.Of("", text), address) { Class = kind.ToString(), Name = name.ToString() };
        if (number)
            device.Ids = name.Length >= 9 && name[4] == ':' ? name[..9].ToString() : null;
        else if (LastIds(name) is { } ids)
            device.Ids = ids;
        return device;
    }

    private static string? LastIds(ReadOnlySpan<char> name)
    {
        for (int i = name.Length - 11; i >= 0; i--)
        {
            if (name[i] == '[' && name[i + 5] == ':' && name[i + 10] == ']' && MachineChecks.MceReader.IsHex(name[(i + 1)..(i + 5)], out _))
                return name[(i + 1)..(i + 10)].ToString();
        }
        return null;
    }

    /// <summary><c>1f0: 00 11 22 …</c>, sixteen bytes.</summary>
    private bool Dump(ReadOnlySpan<char> text)
    {
        int colon = text.IndexOf(": ", StringComparison.Ordinal);
        if (colon is < 2 or > 3 || !int.TryParse(text[..colon], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int at) || at % 16 != 0 || at > MaxSpace - 16)
            return false;
        var c = new TextCursor(text[(colon + 2)..]);
        Span<byte> row = stackalloc byte[16];
        int n = 0;
        while (n < 16 && c.SkipSpaces())
        {
            ReadOnlySpan<char> word = c.Word();
            if (word.Length != 2 || !byte.TryParse(word, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out row[n]))
                return false;
            n++;
        }
        // A hole in the dump ends it: what follows would be decoded at the wrong place.
        if (at == filled)
        {
            row[..n].CopyTo(space.AsSpan(at));
            filled += n;
        }
        return n > 0;
    }

    private bool Detail(ReadOnlySpan<char> text, LspciFunction d)
    {
        int colon = text.IndexOf(':');
        if (colon < 0 && list.Length > 0 && text[^1] is '+' or '-')
            return More(text, d);
        list = "";
        if (colon <= 0 || colon > 40)
            return false;
        ReadOnlySpan<char> key = text[..colon], value = text[(colon + 1)..].Trim();
        switch (key)
        {
            case "Control":
                d.BusMaster = value.Contains("BusMaster+", StringComparison.Ordinal);
                d.Memory = value.Contains("Mem+", StringComparison.Ordinal);
                break;
            case "Bus":
                d.Secondary = HexIn(value, "secondary=");
                d.Subordinate = HexIn(value, "subordinate=");
                break;
            case "NUMA node":
                d.Numa = int.TryParse(value, out int node) ? node : null;
                break;
            case "IOMMU group":
                d.Group = int.TryParse(value, out int group) ? group : null;
                break;
            case "Kernel driver in use":
                d.Driver = value.ToString();
                break;
            case "Capabilities":
                Capability(value, d);
                break;
            case "LnkCap":
                d.LinkCan = LinkIn(value);
                break;
            case "LnkSta":
                d.Link = LinkIn(value);
                d.LinkMarkedDowngraded = value.Contains("(downgraded)", StringComparison.Ordinal);
                break;
            case "UESta":
                list = "UESta";
                d.UeStatus = Bits(value, correctable: false);
                break;
            case "UEMsk":
                list = "UEMsk";
                d.UeMask = Bits(value, correctable: false);
                break;
            case "CESta":
                d.CeStatus = Bits(value, correctable: true);
                break;
            case "CEMsk":
                d.CeMask = Bits(value, correctable: true);
                break;
            case "HeaderLog":
                d.HeaderLog = value.ToString();
                break;
            case "ACSCap":
                d.AcsCan = value.ToString();
                break;
            case "ACSCtl":
                d.AcsDoes = value.ToString();
                break;
            case "IOVCtl":
                d.Sriov = (d.Sriov ?? new(false, 0, 0, 0, 0, "")) with { Enabled = value.Contains("Enable+", StringComparison.Ordinal) };
                break;
            case "Initial VFs":
                d.Sriov = (d.Sriov ?? new(false, 0, 0, 0, 0, "")) with { Total = NumberIn(text, "Total VFs: "), Active = NumberIn(text, "Number of VFs: ") };
                break;
            case "VF offset":
                d.Sriov = (d.Sriov ?? new(false, 0, 0, 0, 0, "")) with { Offset = NumberIn(text, "VF offset: "), Stride = NumberIn(text, "stride: "), DeviceId = WordBehind(text, "Device ID: ") };
                break;
            case "Subsystem" or "Status" or "Latency" or "Interrupt" or "Kernel modules" or "Flags" or "DevCap" or "DevCtl" or "DevSta" or "LnkCtl" or "DevCap2" or "DevCtl2" or
                "LnkCtl2" or "LnkSta2" or "LnkCap2" or "UESvrt" or "AERCap" or "IOVCap" or "IOVSta" or "ARICap" or "ARICtl" or "Vector table" or "PBA" or "Address" or "Masking" or
                "Physical Slot" or "Secondary status" or "BridgeCtl" or "I/O behind bridge" or "Memory behind bridge" or "Prefetchable memory behind bridge" or "Expansion ROM at" or
                "RootCtl" or "RootCap" or "RootSta" or "RootCmd" or "ErrorSrc" or "SltCap" or "SltCtl" or "SltSta" or "Supported Page Size" or "VF Migration" or "AtomicOpsCap" or "AtomicOpsCtl":
                break;
            default:
                if (!key.StartsWith("Region ", StringComparison.Ordinal))
                    return false;
                if (capability != "iov")
                    d.Bars.Add($"{key[7..]}: {value}");
                break;
        }
        details = true;
        return true;
    }

    /// <summary>pciutils since 3.13 spreads the uncorrectable bits over three lines.</summary>
    private bool More(ReadOnlySpan<char> text, LspciFunction d)
    {
        if (list == "UESta")
            d.UeStatus |= Bits(text, correctable: false);
        else
            d.UeMask |= Bits(text, correctable: false);
        return true;
    }

    private void Capability(ReadOnlySpan<char> value, LspciFunction d)
    {
        int close = value.IndexOf("] ", StringComparison.Ordinal);
        ReadOnlySpan<char> name = close < 0 ? value : value[(close + 2)..];
        bool extended = close > 4 && value[..close].Contains(" v", StringComparison.Ordinal);
        d.ShowsExtended |= extended;
        capability = "";
        if (name.StartsWith("Express (v", StringComparison.Ordinal))
        {
            int at = name.IndexOf(") ", StringComparison.Ordinal);
            ReadOnlySpan<char> type = at < 0 ? name : name[(at + 2)..];
            int end = type.IndexOfAny(',', '(');
            d.PortType = (end < 0 ? type : type[..end]).Trim().ToString();
        }
        else if (name.StartsWith("MSI-X:", StringComparison.Ordinal))
        {
            d.MsiX = NumberIn(name, "Count=");
            d.MsiXEnabled = name.Contains("Enable+", StringComparison.Ordinal);
        }
        else if (name.StartsWith("MSI:", StringComparison.Ordinal))
        {
            d.Msi = NumberIn(name, "/");
            d.MsiEnabled = name.Contains("Enable+", StringComparison.Ordinal);
        }
        else if (name.StartsWith("Advanced Error", StringComparison.Ordinal))
            d.HasAer = true;
        else if (name.StartsWith("Access Control", StringComparison.Ordinal))
            d.AcsCan ??= "";
        else if (name.StartsWith("Alternative Routing", StringComparison.Ordinal))
            d.Ari = true;
        else if (name.StartsWith("Single Root", StringComparison.Ordinal))
            capability = "iov";
    }

    private static PciLink? LinkIn(ReadOnlySpan<char> value)
    {
        int speed = value.IndexOf("Speed ", StringComparison.Ordinal), width = value.IndexOf("Width x", StringComparison.Ordinal);
        if (speed < 0 || width < 0)
            return null;
        ReadOnlySpan<char> words = value[(speed + 6)..];
        int end = words.IndexOfAny(',', ' ');
        return new((end < 0 ? words : words[..end]).ToString(), NumberIn(value, "Width x"));
    }

    /// <summary>Names with a plus.</summary>
    private static uint Bits(ReadOnlySpan<char> value, bool correctable)
    {
        uint bits = 0;
        var c = new TextCursor(value);
        while (c.SkipSpaces())
        {
            ReadOnlySpan<char> word = c.Word();
            if (word[^1] == '+' && AerBits.BitOf(word[..^1], correctable) is >= 0 and var bit)
                bits |= 1u << bit;
        }
        return bits;
    }

    private static int NumberIn(ReadOnlySpan<char> text, string name)
    {
        int at = text.IndexOf(name, StringComparison.Ordinal);
        if (at < 0)
            return 0;
        var c = new TextCursor(text[(at + name.Length)..]);
        return c.Number(out long value) && value is >= 0 and <= 65536 ? (int)value : 0;
    }

    private static int? HexIn(ReadOnlySpan<char> text, string name)
    {
        int at = text.IndexOf(name, StringComparison.Ordinal);
        if (at < 0)
            return null;
        var c = new TextCursor(text[(at + name.Length)..]);
        return c.Hex(out ulong value) && value < 256 ? (int)value : null;
    }

    private static string WordBehind(ReadOnlySpan<char> text, string name)
    {
        int at = text.IndexOf(name, StringComparison.Ordinal);
        if (at < 0)
            return "";
        var c = new TextCursor(text[(at + name.Length)..]);
        return c.Word().TrimEnd(',').ToString();
    }
}
