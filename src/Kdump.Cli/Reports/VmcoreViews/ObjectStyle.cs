namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>How objects are shown.</summary>
/// <param name="Radix">16 or 10 for every number; null: hexadecimal for addresses and numbers that look like addresses, decimal for
/// others.</param>
/// <param name="Depth">Maximum nesting of structs.</param>
/// <param name="Flat">One line for each value, with its path.</param>
/// <param name="Most">Maximum number of elements of an array or sequence; null where the user gave none.</param>
internal sealed record ObjectStyle(int? Radix = null, int Depth = 12, bool Flat = false, int? Most = null)
{
    /// <summary>The limit for arrays inside structs.</summary>
    public int ArrayLimit => Most ?? 256;

    /// <summary>The limit for lists: higher by default.</summary>
    public int SequenceLimit => Most ?? 1_000_000;
}
