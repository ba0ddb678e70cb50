namespace Kdump.Formats.Dwarf;

/// <summary>Where a text is stored.</summary>
internal enum DwarfTextPlace : byte
{
    /// <summary>In the unit itself.</summary>
    Inline,

    /// <summary>.debug_str.</summary>
    Strings,

    /// <summary>.debug_line_str.</summary>
    LineStrings,

    /// <summary>An index of .debug_str_offsets.</summary>
    Indexed,
}

/// <summary>A text by its place: most names on a walk are never looked at.</summary>
internal readonly record struct DwarfText(DwarfTextPlace Place, ulong Offset);
