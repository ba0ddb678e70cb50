using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dumps;

/// <summary>Whether the files of <c>makedumpfile --split</c> belong together, and what is missing between them.</summary>
internal static class SplitSet
{
    /// <exception cref="InputException">The files are not parts of one dump.</exception>
    public static void RequireSameDump(DiskDumpPart first, DiskDumpPart other)
    {
        DiskDumpHeader a = first.Header, b = other.Header;
        if (Difference(a, b) is { } differs)
            throw new InputException(other.Source.Name, differs, -1, $"differs from {first.Source.Name}: not parts of one split dump");
        if (!a.Split || !b.Split)
            throw new InputException((a.Split ? other : first).Source.Name, "split", -1,
                "a whole dump, not part of a split one: give one file");
    }

    /// <summary>
    /// A part that is given twice stands in the place of one that is missing. Several may be empty: makedumpfile 1.7.8 gives the first part
    /// all pages of a 640 MB machine.
    /// </summary>
    /// <exception cref="InputException">They are the same part.</exception>
    public static void RequireAnother(DiskDumpPart earlier, DiskDumpPart part)
    {
        if (part.First == earlier.First && part.Last == earlier.Last && (part.First < part.Last || part.Source.Name == earlier.Source.Name))
            throw new InputException(part.Source.Name, "start_pfn", part.Header.BlockSize, part.Source.Name == earlier.Source.Name
                ? "was given twice: each part of a split dump once" : $"is the same part of the dump as {earlier.Source.Name}");
    }

    /// <summary>Names the ranges that no part has.</summary>
    public static void ReportGaps(DiskDumpPart[] parts, ICollection<Damage> damages)
    {
        long at = 0;
        foreach (DiskDumpPart part in parts)
        {
            if (part.First > at)
                damages.Add(Gap(part, at, part.First));
            at = Math.Max(at, part.Last);
        }
        if (at < parts[0].Dumped.Bits)
            damages.Add(Gap(parts[0], at, parts[0].Dumped.Bits));
    }

    private static Damage Gap(DiskDumpPart part, long from, long to) =>
        new(part.Source.Name, "split", -1, $"the part with frames 0x{from:x} to 0x{to:x} was not given");

    /// <summary>The field that is not the same in both.</summary>
    private static string? Difference(DiskDumpHeader a, DiskDumpHeader b)
    {
        if (a.BlockSize != b.BlockSize)
            return "block_size";
        if (a.Is64 != b.Is64 || a.BigEndian != b.BigEndian)
            return "byte order";
        if (!a.Uts.AsSpan().SequenceEqual(b.Uts))
            return "utsname";
        return a.MaxMapnr != b.MaxMapnr ? "max_mapnr" : null;
    }
}
