using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dwarf;

/// <summary>Lists of address ranges of code: .debug_ranges up to DWARF 4 (2.17.3), .debug_rnglists since DWARF 5 (7.25).</summary>
internal static class DwarfRanges
{
    /// <summary>Maximum number of ranges in a list; no function has this many.</summary>
    private const int MaxRanges = 1 << 16;

    private const int ChunkBytes = 1024;

    /// <param name="ground">Base address of the ranges, until the list sets another one.</param>
    public static IEnumerable<(ulong Low, ulong High)> Of(DwarfSections sections, DwarfUnit unit, ulong at, bool index, ulong ground)
    {
        if (unit.Version < 5)
            return Old(sections, unit, at, ground);
        ulong begin = index
            ? unchecked(unit.RangeBase + sections.Word(sections.RangeLists, unchecked(unit.RangeBase + at * (ulong)unit.OffsetSize),
                unit.OffsetSize))
            : at;
        return New(sections, unit, begin, ground);
    }

    private static List<(ulong Low, ulong High)> Old(DwarfSections sections, DwarfUnit unit, ulong at, ulong ground)
    {
        List<(ulong, ulong)> found = [];
        ulong select = unit.AddressSize == 8 ? ulong.MaxValue : uint.MaxValue;
        byte[] chunk = Chunk(sections.Ranges, at);
        for (int position = 0; found.Count < MaxRanges; position += 2 * unit.AddressSize)
        {
            if (position + 2 * unit.AddressSize > chunk.Length)
            {
                at += (ulong)position;
                position = 0;
                chunk = Chunk(sections.Ranges, at);
            }
            DwarfCursor c = new(chunk, position, sections.Ranges.Name, (long)at, sections.BigEndian);
            ulong low = c.Unsigned(unit.AddressSize), high = c.Unsigned(unit.AddressSize);
            if (low == 0 && high == 0)
                break;
            if (low == select)
                ground = high;
            else if (low != high)
                found.Add(unchecked((ground + low, ground + high)));
        }
        return found;
    }

    private static List<(ulong Low, ulong High)> New(DwarfSections sections, DwarfUnit unit, ulong at, ulong ground)
    {
        // Entries have no fixed length: read a list that does not fit in the chunk again with a longer chunk.
        for (int bytes = ChunkBytes; ; bytes *= 16)
        {
            byte[] chunk = Chunk(sections.RangeLists, at, bytes);
            try
            {
                return New(sections, unit, chunk, at, ground);
            }
            catch (InputException) when (chunk.Length == bytes && bytes < 1 << 24)
            {
                continue;
            }
        }
    }

    private static List<(ulong Low, ulong High)> New(DwarfSections sections, DwarfUnit unit, byte[] chunk, ulong at, ulong ground)
    {
        List<(ulong, ulong)> found = [];
        DwarfCursor c = new(chunk, 0, sections.RangeLists.Name, (long)at, sections.BigEndian);
        while (found.Count < MaxRanges)
        {
            ulong low, high;
            switch (c.U8())
            {
                case 0: return found;
                case 1: ground = unit.Address(c.Uleb()); continue;
                case 2: low = unit.Address(c.Uleb()); high = unit.Address(c.Uleb()); break;
                case 3: low = unit.Address(c.Uleb()); high = unchecked(low + c.Uleb()); break;
                case 4: low = unchecked(ground + c.Uleb()); high = unchecked(ground + c.Uleb()); break;
                case 5: ground = c.Unsigned(unit.AddressSize); continue;
                case 6: low = c.Unsigned(unit.AddressSize); high = c.Unsigned(unit.AddressSize); break;
                case 7: low = c.Unsigned(unit.AddressSize); high = unchecked(low + c.Uleb()); break;
                default: throw c.Bad("an entry of ranges that is not known");
            }
            if (low < high)
                found.Add((low, high));
        }
        return found;
    }

    private static byte[] Chunk(DwarfSection section, ulong at, int bytes = ChunkBytes) => at < (ulong)section.Length
        ? section.ReadUpTo((long)at, bytes) : throw new InputException(section.Name, "ranges", -1, $"0x{at:x} is outside the section");
}
