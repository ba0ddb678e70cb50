using System.Globalization;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>A memory device of SMBIOS (type 17): a slot, filled or not.</summary>
/// <param name="Locator">What is printed beside the slot: <c>DIMM_A1</c>, <c>P1-DIMMB2</c>.</param>
/// <param name="Bank">The bank locator, which on some machines names node and channel.</param>
/// <param name="Size">As dmidecode prints it; empty for an empty slot.</param>
public sealed record MemoryDevice(Source Source, string Handle, string Locator, string Bank, string Size, string Part) : Fact(Source);

/// <summary>Physical addresses of a memory device (type 20), its own or interleaved with other devices.</summary>
public sealed record MemoryDeviceRange(Source Source, ulong First, ulong Last, string Device) : Fact(Source);

/// <summary>Reads the memory part of <c>dmidecode</c>'s text: structures begin with <c>Handle 0x…, DMI type N, M bytes</c>.</summary>
public sealed class Dmidecode : LineParser
{
    private const int Device = 17, Mapped = 20;

    private readonly Dictionary<string, string> fields = new(StringComparer.Ordinal);
    private Source? handle;
    private int type;

    public override string Kind => "dmidecode";

    public override IReadOnlyList<string> Signs { get; } = ["Handle 0x"];

    public override bool Busy => handle is not null;

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Text;
        if (text.StartsWith("Handle 0x", StringComparison.Ordinal))
        {
            End(facts);
            int at = text.IndexOf("DMI type ", StringComparison.Ordinal);
            var c = new TextCursor(at < 0 ? [] : text[(at + "DMI type ".Length)..]);
            if (!c.Number(out long number))
                return false;
            handle = line.ToSource();
            type = number is Device or Mapped ? (int)number : 0;
            return true;
        }
        if (handle is null)
            return false;
        if (text.IsWhiteSpace())
        {
            End(facts);
            return true;
        }
        int colon = text.IndexOf(": ", StringComparison.Ordinal);
        bool inside = text[0] is '\t' or ' ';
        if (type != 0 && inside && colon > 0 && fields.Count < 64)
            fields.TryAdd(text[..colon].Trim().ToString(), text[(colon + 2)..].Trim().ToString());
        // The title of a structure stands at the left edge, once.
        return inside || fields.Count == 0;
    }

    public override void End(Facts facts)
    {
        if (handle is { } source)
        {
            string id = source.Text["Handle ".Length..].Split(',')[0];
            if (type == Device && fields.TryGetValue("Locator", out string? locator))
            {
                string size = Value("Size");
                facts.Add(new MemoryDevice(source with { Text = $"{source.Text} Locator: {locator}" }, id, locator, Value("Bank Locator"),
                    size.StartsWith("No Module", StringComparison.Ordinal) ? "" : size, Value("Part Number")));
            }
            else if (type == Mapped && Hex(Value("Starting Address"), out ulong first) && Hex(Value("Ending Address"), out ulong last) &&
                first < last)
                facts.Add(new MemoryDeviceRange(source, first, last, Value("Physical Device Handle")));
        }
        handle = null;
        type = 0;
        fields.Clear();
    }

    private string Value(string name) => fields.TryGetValue(name, out string? value) ? value : "";

    private static bool Hex(string text, out ulong value)
    {
        value = 0;
        return text.StartsWith("0x", StringComparison.Ordinal) &&
            ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
