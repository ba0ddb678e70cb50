using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dumps;

/// <summary>What reading every page of a dump found.</summary>
/// <param name="Counts">Frames by state, as reading them turned out.</param>
/// <param name="Damaged">The damaged frames in order.</param>
/// <param name="RangesLeftOut">Ranges that were found and counted in <paramref name="Counts"/>, but are too many to list.</param>
public sealed record VerificationResult(PageCounts Counts, IReadOnlyList<DamagedRange> Damaged, long RangesLeftOut);

/// <summary>Frames [First, End) that cannot be had, and why the first of them cannot.</summary>
public readonly record struct DamagedRange(Pfn First, Pfn End, Damage Why);
