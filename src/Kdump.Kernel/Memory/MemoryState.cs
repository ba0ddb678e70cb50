using Kdump.Formats.Dumps;

namespace Kdump.Kernel.Memory;

/// <summary>
/// State of a part of the crashed kernel's memory: the four states of a page, or not mapped to any page. None of them means zero.
/// </summary>
public enum MemoryState : byte
{
    Present,
    Excluded,
    Absent,
    Damaged,
    Unmapped,
}

/// <summary>Conversions of states: to text, and from the state of a page.</summary>
public static class MemoryStates
{
    public static MemoryState Of(PageState page) => page switch
    {
        PageState.Present => MemoryState.Present,
        PageState.Excluded => MemoryState.Excluded,
        PageState.Damaged => MemoryState.Damaged,
        _ => MemoryState.Absent,
    };

    /// <summary>Text to print in place of a value: <c>&lt;excluded&gt;</c>.</summary>
    public static string Mark(this MemoryState state) => state switch
    {
        MemoryState.Present => "<present>",
        MemoryState.Excluded => "<excluded>",
        MemoryState.Absent => "<absent>",
        MemoryState.Damaged => "<damaged>",
        _ => "<not mapped>",
    };

    /// <summary>Text that completes "the address … ".</summary>
    public static string Words(this MemoryState state) => state switch
    {
        MemoryState.Present => "is present",
        MemoryState.Excluded => "is in a page that was excluded from the dump",
        MemoryState.Absent => "is in no page of the dump",
        MemoryState.Damaged => "is in a damaged page of the dump",
        _ => "is not mapped",
    };
}
