using System.Globalization;
using System.Text;
using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Memory;

/// <summary>
/// VMCOREINFO as the layers above ask it: kernel/vmcore_info.c and arch/x86/kernel/vmcore_info_64.c. Text of KEY=VALUE lines;
/// SYMBOL and KERNELOFFSET are hexadecimal and already slid by KASLR, OFFSET, SIZE and LENGTH decimal, NUMBER signed decimal or 0x.
/// </summary>
public sealed class Keys
{
    private readonly Dictionary<string, string> lines = new(StringComparer.Ordinal);

    public Keys(ReadOnlySpan<byte> text)
    {
        foreach (Range range in text.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = text[range];
            int end = line.IndexOf((byte)0);
            if (end >= 0)
                line = line[..end];
            int equals = line.IndexOf((byte)'=');
            if (equals > 0)
                lines.TryAdd(Encoding.Latin1.GetString(line[..equals]), Encoding.Latin1.GetString(line[(equals + 1)..]));
        }
    }

    public int Count => lines.Count;

    public string? this[string key] => lines.GetValueOrDefault(key);

    public VirtualAddress? Symbol(string name) =>
        lines.TryGetValue($"SYMBOL({name})", out string? s) && ulong.TryParse(s, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong value)
            ? new VirtualAddress(value) : null;

    public int? Offset(string name) => Size32($"OFFSET({name})");

    public int? Size(string name) => Size32($"SIZE({name})");

    public int? Length(string name) => Size32($"LENGTH({name})");

    public ulong? Number(string name)
    {
        if (!lines.TryGetValue($"NUMBER({name})", out string? s))
            return null;
        if (s.StartsWith("0x", StringComparison.Ordinal))
            return ulong.TryParse(s.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong hex) ? hex : null;
        if (long.TryParse(s, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long signed))
            return unchecked((ulong)signed);
        return ulong.TryParse(s, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value : null;
    }

    /// <summary>Offsets and sizes of kernel structures: more than a few megabytes is a lie.</summary>
    private int? Size32(string key) =>
        lines.TryGetValue(key, out string? s) && int.TryParse(s, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value <= 1 << 24
            ? value : null;
}
