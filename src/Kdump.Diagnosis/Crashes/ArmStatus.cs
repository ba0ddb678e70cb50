using System.Globalization;

namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// 32-bit arm's fault status in <c>Internal error: : 1008 [#1] PREEMPT SMP ARM</c>, where the line above that names the fault is lost: bits
/// 10 and 3:0 (short descriptors), or 5:0 with bit 9 set (LPAE); bit 12 tells who answered. Arm ARM DFSR; arch/arm/mm/fsr-2level.c,
/// fsr-3level.c.
/// </summary>
internal static class ArmStatus
{
    private const string Mark = "Internal error: : ";

    /// <summary>What kind of external abort the line's status is; null for any other fault.</summary>
    public static string? AbortIn(string text)
    {
        int at = text.IndexOf(Mark, StringComparison.Ordinal), end = at < 0 ? -1 : text.IndexOf(" [#", at, StringComparison.Ordinal);
        if (end < 0 || !(text.EndsWith(" ARM", StringComparison.Ordinal) || text.EndsWith(" THUMB2", StringComparison.Ordinal)) ||
            !uint.TryParse(text.AsSpan((at + Mark.Length)..end), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
                out uint status))
            return null;
        string? kind = (status & 0x200) != 0 ? Long(status & 0x3f) : Short((status & 0xf) | (status >> 6 & 0x10));
        return kind is null ? null : $"{kind} by its fault status (0x{status:x}): " +
            "the bus answered the access with an error, or nothing answered at that address";
    }

    private static string? Short(uint status) => status switch
    {
        4 or 6 or 8 or 10 => "an external abort",
        12 or 14 => "an external abort while page tables were read",
        22 => "an external abort that came late (imprecise), so the place may be a later one,",
        _ => null,
    };

    private static string? Long(uint status) => status switch
    {
        0x10 => "an external abort",
        0x11 => "an external abort that came late (asynchronous), so the place may be a later one,",
        >= 0x14 and < 0x18 => "an external abort while page tables were read",
        _ => null,
    };
}
