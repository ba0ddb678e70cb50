namespace Kdump.Formats.Dumps;

/// <summary>
/// State of one page frame in a dump. Every layer above distinguishes the four states; none of them ever means that the page is zero.
/// </summary>
public enum PageState : byte
{
    /// <summary>The dump contains the page.</summary>
    Present,

    /// <summary>
    /// The frame was RAM, and the writer left the page out: on purpose (dump level), or because the dump is incomplete.
    /// </summary>
    Excluded,

    /// <summary>The frame is not RAM, or this dump does not cover it.</summary>
    Absent,

    /// <summary>
    /// The dump should contain the page, but its bytes cannot be read: they are cut off or lost, or cannot be decompressed.
    /// </summary>
    Damaged,
}
