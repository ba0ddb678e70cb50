namespace Kdump.Formats.Dwarf;

/// <summary>The section in which a text is stored.</summary>
internal enum DwarfTextPlace : byte
{
    /// <summary>In the unit itself (.debug_info).</summary>
    Inline,

    /// <summary>.debug_str.</summary>
    Strings,

    /// <summary>.debug_line_str.</summary>
    LineStrings,

    /// <summary>An index into .debug_str_offsets.</summary>
    Indexed,
}

/// <summary>A text by its place. It is read only when needed: a walk does not look at most names.</summary>
internal readonly record struct DwarfText(DwarfTextPlace Place, ulong Offset);
