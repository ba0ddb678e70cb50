using Kdump.Diagnosis.Model;

namespace Kdump.Sources.Records;

/// <summary>A line of a crash that no other crash has.</summary>
/// <param name="Mark">A hash of its text.</param>
/// <param name="Strong">Values of memory that was laid out by chance stand in it; else it is only its moment that is its own.</param>
internal sealed record CrashPrint(Source Source, string Mark, bool Strong) : Fact(Source);

/// <summary>By what a telling of a crash is known again, whatever was cut off it.</summary>
/// <param name="Name">A hash; <see cref="Within"/> before it where it tells crashes of one machine apart, and not machines.</param>
/// <param name="At">Microseconds of the kernel's clock; null: not told, or part of the name. Equal marks of two moments are two
/// crashes.</param>
public readonly record struct CrashMark(string Name, long? At)
{
    public const char Within = 'w';

    public override string ToString() => At is long at ? $"{Name}@{at.ToString(System.Globalization.CultureInfo.InvariantCulture)}" : Name;

    /// <summary>What <see cref="ToString"/> wrote.</summary>
    public static CrashMark Of(string text) => text.IndexOf('@') is >= 0 and var sign &&
        long.TryParse(text.AsSpan(sign + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture,
            out long at)
        ? new(text[..sign], at) : new(text, null);
}
