using System.Text;
using Kdump.Formats.Bytes;

namespace Kdump.Formats.Archives;

/// <summary>
/// A unified kernel image: a PE executable whose sections contain kernel, command line and initramfs (UAPI group specification, "Unified
/// Kernel Image"). Only the section table is read.
/// </summary>
public sealed class UnifiedKernel
{
    /// <summary>Maximum number of sections: the specification names about fifteen, and PE allows 96 in practice.</summary>
    private const int MaxSections = 96;

    private readonly Dictionary<string, (long Offset, long Length)> sections;
    private readonly IByteSource source;

    private UnifiedKernel(IByteSource source, Dictionary<string, (long Offset, long Length)> sections)
    {
        this.source = source;
        this.sections = sections;
    }

    public IReadOnlyDictionary<string, (long Offset, long Length)> Sections => sections;

    public static bool Recognizes(ReadOnlySpan<byte> head) => head.StartsWith("MZ"u8);

    public static UnifiedKernel Read(IByteSource source)
    {
        Span<byte> buffer = stackalloc byte[64];
        var c = new Cursor(buffer[..source.Read(0, buffer)], source.Name);
        c.Skip(0x3c, "MZ header");
        uint at = c.U32("e_lfanew");
        var head = new byte[24];
        c = new Cursor(head.AsSpan(0, source.Read(at, head)), source.Name, at);
        if (!c.Bytes(4, "PE signature").SequenceEqual("PE\0\0"u8))
            throw c.Bad("PE signature", "is missing: not a unified kernel image");
        c.Skip(2, "Machine");
        int count = c.U16("NumberOfSections");
        if (count > MaxSections)
            throw c.Bad("NumberOfSections", $"{count} is more than {MaxSections}");
        c.Skip(12, "TimeDateStamp");
        int optional = c.U16("SizeOfOptionalHeader");
        long table = at + 24L + optional;
        var rows = new byte[count * 40];
        c = new Cursor(rows.AsSpan(0, source.Read(table, rows)), source.Name, table);
        var sections = new Dictionary<string, (long, long)>(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            string name = Encoding.ASCII.GetString(c.Bytes(8, "Name")).TrimEnd('\0');
            uint size = c.U32("VirtualSize");
            c.Skip(4, "VirtualAddress");
            uint stored = c.U32("SizeOfRawData"), offset = c.U32("PointerToRawData");
            c.Skip(16, "PointerToRelocations");
            long length = Math.Min(size == 0 ? stored : Math.Min(size, stored), Math.Max(0, source.Length - offset));
            sections.TryAdd(name, (offset, length));
        }
        return new(source, sections);
    }

    /// <summary>
    /// The content of a short text section (<c>.uname</c>, <c>.cmdline</c>); null if it is missing or longer than 64 KiB.
    /// </summary>
    public string? Text(string section)
    {
        if (!sections.TryGetValue(section, out (long Offset, long Length) place) || place.Length > 64 * 1024)
            return null;
        var bytes = new byte[place.Length];
        return CpioReader.Text(bytes.AsSpan(0, source.Read(place.Offset, bytes))).TrimEnd('\0', '\n', ' ');
    }
}
