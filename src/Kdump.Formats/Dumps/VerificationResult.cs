using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dumps;

/// <summary>Result of reading every page of a dump.</summary>
/// <param name="Counts">Number of frames in each state, after reading them.</param>
/// <param name="Damaged">The damaged frames, in ascending order.</param>
/// <param name="RangesLeftOut">Number of further damaged ranges that are included in <paramref name="Counts"/> but not listed, because
/// there are too many.</param>
public sealed record VerificationResult(PageCounts Counts, IReadOnlyList<DamagedRange> Damaged, long RangesLeftOut);

/// <summary>Frames [First, End) that cannot be read, and the reason for the first of them.</summary>
public readonly record struct DamagedRange(Pfn First, Pfn End, Damage Why);
