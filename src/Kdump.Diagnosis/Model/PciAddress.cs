using System.Globalization;

namespace Kdump.Diagnosis.Model;

/// <summary>Segment, bus, device and function of a PCI function, as the kernel writes it: <c>0000:ec:00.4</c>.</summary>
public readonly record struct PciAddress(int Segment, byte Bus, byte Device, byte Function) : IComparable<PciAddress>
{
    /// <summary>The 16-bit requester id: bus, device and function.</summary>
    public int RequesterId => (Bus << 8) | (Device << 3) | Function;

    public static PciAddress FromRequesterId(int segment, int id) =>
        new(segment, (byte)((id >> 8) & 0xff), (byte)((id >> 3) & 0x1f), (byte)(id & 7));

    /// <summary>Reads <c>DDDD:BB:DD.F</c> (a VMD segment has more digits) or <c>BB:DD.F</c>, nothing else.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out PciAddress address)
    {
        address = default;
        int segment = 0;
        int dot = text.LastIndexOf('.');
        if (dot < 5 || dot != text.Length - 2 || text[^1] is < '0' or > '7')
            return false;
        if (text[dot - 3] != ':' || !Hex(text[(dot - 2)..dot], out int device) || device > 0x1f ||
            !Hex(text[(dot - 5)..(dot - 3)], out int bus))
            return false;
        ReadOnlySpan<char> head = text[..(dot - 5)];
        if (!head.IsEmpty && (head.Length is < 5 or > 9 || head[^1] != ':' || !Hex(head[..^1], out segment)))
            return false;
        address = new(segment, (byte)bus, (byte)device, (byte)(text[^1] - '0'));
        return true;
    }

    public int CompareTo(PciAddress other) =>
        Segment != other.Segment ? Segment.CompareTo(other.Segment) : RequesterId.CompareTo(other.RequesterId);

    /// <summary>The form that lspci prints by default: without segment if that is 0.</summary>
    public string Short => Segment == 0 ? ToString()[5..] : ToString();

    public override string ToString() => $"{Segment:x4}:{Bus:x2}:{Device:x2}.{Function:x}";

    private static bool Hex(ReadOnlySpan<char> text, out int value) =>
        int.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
