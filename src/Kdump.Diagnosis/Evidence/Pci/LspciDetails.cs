using Kdump.Diagnosis.Pci;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Pci;

/// <summary>
/// The indented lines under one function of <c>lspci -v</c> to <c>-vvv</c>, of which some belong to the capability or list above them.
/// </summary>
internal sealed class LspciDetails
{
    private string capability = "";
    private string list = "";

    /// <summary>True once such a line was read.</summary>
    public bool Any { get; private set; }

    /// <summary>False: the line is not lspci's.</summary>
    public bool Line(ReadOnlySpan<char> text, LspciFunction d)
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
            case "Kernel modules":
                d.Modules = value.ToString();
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
                d.Sriov = (d.Sriov ?? new(false, 0, 0, 0, 0, "")) with { Total = NumberIn(text, "Total VFs: "),
                    Active = NumberIn(text, "Number of VFs: ") };
                break;
            case "VF offset":
                d.Sriov = (d.Sriov ?? new(false, 0, 0, 0, 0, "")) with { Offset = NumberIn(text, "VF offset: "),
                    Stride = NumberIn(text, "stride: "), DeviceId = WordBehind(text, "Device ID: ") };
                break;
            case "Subsystem" or "Status" or "Latency" or "Interrupt" or "Kernel modules" or "Flags" or "DevCap" or "DevCtl" or "DevSta" or
                "LnkCtl" or "DevCap2" or "DevCtl2" or
                "LnkCtl2" or "LnkSta2" or "LnkCap2" or "UESvrt" or "AERCap" or "IOVCap" or "IOVSta" or "ARICap" or "ARICtl" or
                    "Vector table" or "PBA" or "Address" or "Masking" or
                "Physical Slot" or "Secondary status" or "BridgeCtl" or "I/O behind bridge" or "Memory behind bridge" or
                    "Prefetchable memory behind bridge" or "Expansion ROM at" or
                "RootCtl" or "RootCap" or "RootSta" or "RootCmd" or "ErrorSrc" or "SltCap" or "SltCtl" or "SltSta" or
                    "Supported Page Size" or "VF Migration" or "AtomicOpsCap" or "AtomicOpsCtl":
                break;
            default:
                if (!key.StartsWith("Region ", StringComparison.Ordinal))
                    return false;
                if (capability != "iov")
                    d.Bars.Add($"{key[7..]}: {value}");
                break;
        }
        Any = true;
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

    /// <summary>The bits of the names that have a plus.</summary>
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
