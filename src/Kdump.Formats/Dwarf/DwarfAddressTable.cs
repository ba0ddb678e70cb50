using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dwarf;

/// <summary>
/// .debug_aranges (DWARF 5, 6.1.2): which unit has the code of an address, without a look into the units. gcc writes it for every unit
/// with code, clang for none.
/// </summary>
internal static class DwarfAddressTable
{
    private const int MaxBytes = 256 << 20;

    /// <summary>Pieces of code and the offset of their unit in .debug_info.</summary>
    public static List<(ulong Low, ulong High, long Unit)> Read(DwarfSection section, bool bigEndian, Action<InputException> note)
    {
        List<(ulong, ulong, long)> all = [];
        if (section.Length is 0 or > MaxBytes)
            return all;
        try
        {
            byte[] bytes = section.Read(0, section.Length, "section");
            for (int at = 0; at < bytes.Length;)
                at = ReadSet(bytes, at, section.Name, bigEndian, all);
        }
        catch (InputException e)
        {
            note(e);
        }
        return all;
    }

    /// <summary>The set at an offset; the offset behind it.</summary>
    private static int ReadSet(byte[] bytes, int start, string name, bool bigEndian, List<(ulong, ulong, long)> all)
    {
        DwarfCursor c = new(bytes, start, name, 0, bigEndian);
        ulong length = c.U32();
        int offsetSize = 4;
        if (length == uint.MaxValue)
            (length, offsetSize) = (c.Unsigned(8), 8);
        if (length > (ulong)c.Remaining)
            throw c.Bad($"a set of {length} bytes, of which the section does not have so many");
        int end = c.Position + (int)length;
        ushort version = c.U16();
        ulong unit = c.Unsigned(offsetSize);
        byte addressSize = c.U8(), segmentSize = c.U8();
        if (version != 2 || addressSize is not (4 or 8) || segmentSize != 0)
            return end;
        int tuple = 2 * addressSize;
        c.Skip((ulong)((tuple - (c.Position - start) % tuple) % tuple));
        while (c.Position + tuple <= end)
        {
            ulong low = c.Unsigned(addressSize), bytesOfCode = c.Unsigned(addressSize);
            if (low == 0 && bytesOfCode == 0)
                break;
            if (bytesOfCode > 0 && unit <= long.MaxValue)
                all.Add((low, unchecked(low + bytesOfCode), (long)unit));
        }
        return end;
    }
}
