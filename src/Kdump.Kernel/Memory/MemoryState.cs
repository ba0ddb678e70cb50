using Kdump.Formats.Dumps;

namespace Kdump.Kernel.Memory;

/// <summary>
/// What is known of a part of the crashed kernel's memory: the four states of a page, and no mapping to any page. None of them means zero.
/// </summary>
public enum MemoryState : byte
{
    Present,
    Excluded,
    Absent,
    Damaged,
    Unmapped,
}

/// <summary>States in words, and pages' states as memory's.</summary>
public static class MemoryStates
{
    public static MemoryState Of(PageState page) => page switch
    {
        PageState.Present => MemoryState.Present,
        PageState.Excluded => MemoryState.Excluded,
        PageState.Damaged => MemoryState.Damaged,
        _ => MemoryState.Absent,
    };

    /// <summary>Stands where a value would: <c>&lt;excluded&gt;</c>.</summary>
    public static string Mark(this MemoryState state) => state switch
    {
        MemoryState.Present => "<present>",
        MemoryState.Excluded => "<excluded>",
        MemoryState.Absent => "<absent>",
        MemoryState.Damaged => "<damaged>",
        _ => "<not mapped>",
    };

    /// <summary>Completes "the address … ".</summary>
    public static string Words(this MemoryState state) => state switch
    {
        MemoryState.Present => "is present",
        MemoryState.Excluded => "is in a page that was excluded from the dump",
        MemoryState.Absent => "is in no page of the dump",
        MemoryState.Damaged => "is in a damaged page of the dump",
        _ => "is not mapped",
    };
}
