namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>How objects are shown.</summary>
/// <param name="Radix">16 or 10 for every number; null: addresses and what looks like one hexadecimal, the rest decimal.</param>
/// <param name="Depth">Structs in each other.</param>
/// <param name="Flat">One line for each value, with its path.</param>
/// <param name="Limit">Elements of an array, and of a sequence.</param>
internal sealed record ObjectStyle(int? Radix = null, int Depth = 12, bool Flat = false, int Limit = 256)
{
    /// <summary>Elements of a list are counted more generously than those of an array in a struct.</summary>
    public int SequenceLimit => Limit == 256 ? 1_000_000 : Limit;
}
