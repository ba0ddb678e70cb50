using System.Globalization;
using System.Text;

namespace Kdump.Formats.Elf;

/// <summary>
/// VMCOREINFO: the text note in which the crashed kernel tells readers of its memory what they need (kernel/vmcore_info.c, before 6.9
/// kernel/crash_core.c, and arch/*/kernel/). Lines are <c>KEY=value</c>; addresses are those of the running kernel, slid by KASLR.
/// Every getter returns null for a key that is missing or has no such number: kernels differ, and the note is one page that may be cut.
/// </summary>
public sealed class VmcoreInfo
{
    /// <summary>The kernel gives it one page; whatever is longer was not written by it.</summary>
    private const int MaxLength = 64 * 1024;

    private readonly Dictionary<string, string> values = new(256, StringComparer.Ordinal);

    private VmcoreInfo(string text)
    {
        Text = text;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            int equals = line.IndexOf('=');
            // The first of two lines with one key counts: appended debris cannot overrule what the kernel said.
            if (equals > 0)
                values.TryAdd(line[..equals].ToString(), line[(equals + 1)..].ToString());
        }
    }

    /// <summary>The note as it is.</summary>
    public string Text { get; }

    public IReadOnlyDictionary<string, string> Values => values;

    /// <summary>The value of a key as it is written, or null.</summary>
    public string? this[string key] => values.GetValueOrDefault(key);

    public string? OsRelease => this["OSRELEASE"];

    /// <summary>Absent before 5.9, and wrong in some stable kernels of 2024: it may not identify a kernel.</summary>
    public string? BuildId => this["BUILD-ID"];

    public int? PageSize => Decimal("PAGESIZE") is > 0 and <= 1 << 20 and var size ? (int)size : null;

    /// <summary>How far KASLR moved the kernel.</summary>
    public ulong? KernelOffset => Hex("KERNELOFFSET");

    /// <summary>Seconds since the epoch at the crash; only a real crash writes it.</summary>
    public long? CrashTime => Decimal("CRASHTIME");

    public static VmcoreInfo Parse(ReadOnlySpan<byte> note)
    {
        int end = note.IndexOf((byte)0);
        if (end >= 0)
            note = note[..end];
        return new VmcoreInfo(Encoding.Latin1.GetString(note[..Math.Min(note.Length, MaxLength)]));
    }

    /// <summary><c>SYMBOL(name)</c>: an address, hexadecimal without a prefix.</summary>
    public ulong? Symbol(string name) => Hex($"SYMBOL({name})");

    /// <summary><c>OFFSET(struct.member)</c> in bytes.</summary>
    public long? Offset(string name) => Decimal($"OFFSET({name})");

    /// <summary><c>SIZE(struct)</c> in bytes.</summary>
    public long? Size(string name) => Decimal($"SIZE({name})");

    /// <summary><c>LENGTH(array)</c> in elements.</summary>
    public long? Length(string name) => Decimal($"LENGTH({name})");

    /// <summary><c>NUMBER(name)</c>: signed decimal, or bits in hexadecimal with 0x.</summary>
    public long? Number(string name) => Decimal($"NUMBER({name})");

    private long? Decimal(string key)
    {
        if (this[key] is not { } text)
            return null;
        ReadOnlySpan<char> value = text.AsSpan().Trim();
        if (value.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return ulong.TryParse(value[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong bits)
                ? unchecked((long)bits) : null;
        if (long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
            return number;
        return ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong large) ? unchecked((long)large) : null;
    }

    private ulong? Hex(string key)
    {
        if (this[key] is not { } text)
            return null;
        ReadOnlySpan<char> value = text.AsSpan().Trim();
        if (value.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            value = value[2..];
        return ulong.TryParse(value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong number) ? number : null;
    }
}
