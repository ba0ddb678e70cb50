using System.Globalization;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Pci;

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
    private LspciDetails details = new();
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
        bool taken = details.Line(text, device);
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
                configText.AddRange([.. Kdump.Diagnosis.Pci.ConfigText.Of(device.Address, space.AsSpan(0, filled)), ""]);
            if (!details.Any && filled >= 64)
            {
                foreach (string decoded in Kdump.Diagnosis.Pci.ConfigText.Of(device.Address, space.AsSpan(0, filled)).Skip(1))
                    details.Line(decoded.AsSpan().Trim(), device);
                device.Ids ??= $"{space[1]:x2}{space[0]:x2}:{space[3]:x2}{space[2]:x2}";
                if (device.Class is "" or "Class")
                    device.Class = $"{space[11]:x2}{space[10]:x2}";
                device.ShowsExtended |= filled > 256;
            }
            facts.Add(device);
        }
        device = null;
        filled = 0;
        details = new();
    }

    /// <summary>
    /// <c>04:00.0 Ethernet controller [0200]: Mellanox … [15b3:1003] (rev b0)</c>, <c>04:00.0 0200: 15b3:1003</c>, <c>0000:04:00.0
    /// Class</c>
    /// </summary>
    private static LspciFunction? Head(ReadOnlySpan<char> text, ReadOnlySpan<char> whole)
    {
        var c = new TextCursor(text);
        ReadOnlySpan<char> first = c.Word();
        if (!PciAddress.TryParse(first, out PciAddress address) || whole.Length > 0 && whole[0] == '\t' || !c.SkipSpaces())
            return null;
        ReadOnlySpan<char> rest = c.Rest;
        int colon = rest.IndexOf(": ", StringComparison.Ordinal);
        if (colon < 0)
            return char.IsAsciiLetterUpper(rest[0]) && rest.Length < 60
                ? new LspciFunction(Source.Of("", text), address) { Class = rest.ToString() } : null;
        ReadOnlySpan<char> kind = rest[..colon], name = rest[(colon + 2)..];
        // "0000:04:00.0 enp4s0f0: …" is a kernel's line; a class is words, or four digits.
        bool number = kind.Length == 4 && HexWord.TryRead(kind, out _);
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
            if (name[i] == '[' && name[i + 5] == ':' && name[i + 10] == ']' && HexWord.TryRead(name[(i + 1)..(i + 5)], out _))
                return name[(i + 1)..(i + 10)].ToString();
        }
        return null;
    }

    /// <summary><c>1f0: 00 11 22 …</c>, sixteen bytes.</summary>
    private bool Dump(ReadOnlySpan<char> text)
    {
        int colon = text.IndexOf(": ", StringComparison.Ordinal);
        if (colon is < 2 or > 3 || !int.TryParse(text[..colon], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int at) ||
            at % 16 != 0 || at > MaxSpace - 16)
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
}
