using System.Globalization;
using System.Text;

namespace Kdump.Formats.Elf;

/// <summary>
/// VMCOREINFO: the text note of the crashed kernel with the addresses, sizes and offsets that a reader of its memory needs
/// (kernel/vmcore_info.c, before 6.9 kernel/crash_core.c, and arch/*/kernel/). Lines are <c>KEY=value</c>; addresses are virtual and
/// include the KASLR offset. Every getter returns null if the key is missing or its value is not a number: kernels differ, and the note
/// has one page and may be cut.
/// </summary>
public sealed class VmcoreInfo
{
    /// <summary>Maximum length in bytes. The kernel limits the note to one page, so a longer text was not written by it.</summary>
    private const int MaxLength = 64 * 1024;

    private readonly Dictionary<string, string> values = new(256, StringComparer.Ordinal);

    private VmcoreInfo(string text)
    {
        Text = text;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            int equals = line.IndexOf('=');
            // If a key occurs twice, the first line counts: garbage at the end must not override what the kernel wrote.
            if (equals > 0)
                values.TryAdd(line[..equals].ToString(), line[(equals + 1)..].ToString());
        }
    }

    /// <summary>The text of the note, unchanged.</summary>
    public string Text { get; }

    public IReadOnlyDictionary<string, string> Values => values;

    /// <summary>The value of a key, unchanged; null if the key is missing.</summary>
    public string? this[string key] => values.GetValueOrDefault(key);

    public string? OsRelease => this["OSRELEASE"];

    /// <summary>BUILD-ID. Missing before 5.9, and wrong in some stable kernels of 2024, so it may not identify a kernel.</summary>
    public string? BuildId => this["BUILD-ID"];

    public int? PageSize => Decimal("PAGESIZE") is > 0 and <= 1 << 20 and var size ? (int)size : null;

    /// <summary>The KASLR offset of the kernel's virtual addresses, in bytes.</summary>
    public ulong? KernelOffset => Hex("KERNELOFFSET");

    /// <summary>Time of the crash in seconds since 1970; only a real crash writes it.</summary>
    public long? CrashTime => Decimal("CRASHTIME");

    public static VmcoreInfo Parse(ReadOnlySpan<byte> note)
    {
        int end = note.IndexOf((byte)0);
        if (end >= 0)
            note = note[..end];
        return new VmcoreInfo(Encoding.Latin1.GetString(note[..Math.Min(note.Length, MaxLength)]));
    }

    /// <summary><c>SYMBOL(name)</c>: a virtual address, written in hexadecimal without a prefix.</summary>
    public ulong? Symbol(string name) => Hex($"SYMBOL({name})");

    /// <summary><c>OFFSET(struct.member)</c>: offset of a member in bytes.</summary>
    public long? Offset(string name) => Decimal($"OFFSET({name})");

    /// <summary><c>SIZE(struct)</c>: size in bytes.</summary>
    public long? Size(string name) => Decimal($"SIZE({name})");

    /// <summary><c>LENGTH(array)</c>: number of elements.</summary>
    public long? Length(string name) => Decimal($"LENGTH({name})");

    /// <summary><c>NUMBER(name)</c>: a signed decimal number, or a bit mask in hexadecimal with 0x.</summary>
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
