namespace Kdump.Formats.Dumps;

/// <summary>What a dump knows of one page frame. Every layer above keeps the four apart; none of them ever means zero.</summary>
public enum PageState : byte
{
    /// <summary>The bytes are there.</summary>
    Present,

    /// <summary>The frame was RAM and was left out on purpose (dump level), or as part of an incomplete dump's plan.</summary>
    Excluded,

    /// <summary>The frame is not RAM covered by this dump.</summary>
    Absent,

    /// <summary>The dump has the page, but its bytes cannot be had: cut, lost, or they do not decompress.</summary>
    Damaged,
}
