using Kdump.Diagnosis.Model;

namespace Kdump.Sources.Records;

/// <summary>A line of a crash that no other crash has.</summary>
/// <param name="Mark">A hash of its text.</param>
/// <param name="Strong">The line holds addresses that are random at each boot; otherwise only its moment is unique.</param>
internal sealed record CrashPrint(Source Source, string Mark, bool Strong) : Fact(Source)
{
    /// <summary>Which registers a whole line holds; null: its end is lost, or it holds none.</summary>
    public string? Names { get; init; }

    /// <summary>Another program wrote the line: see <see cref="QuotedLines"/>.</summary>
    public bool Quoted { get; init; }
}

/// <summary>Identifies a crash in an input, even if a part of the input was cut off.</summary>
/// <param name="Name">A hash; <see cref="Within"/> in front where it distinguishes crashes of one machine, but not machines.</param>
/// <param name="At">Microseconds of the kernel's clock; null: unknown, or part of the name. Equal marks of two moments are two
/// crashes.</param>
public readonly record struct CrashMark(string Name, long? At)
{
    public const char Within = 'w';

    /// <summary>Behind <see cref="Within"/>: what another boot of the machine may repeat, so that the surer marks count first.</summary>
    public const char Task = 't';

    /// <summary>The name that is made of a hash.</summary>
    public static string WithinOf(string hash, bool task = false) => Within + (task ? Task + hash[2..] : hash[1..]);

    /// <summary>A name with another hash in it, of the same kind.</summary>
    public static string Renamed(string name, Func<string, string> hash)
    {
        int kind = name.AsSpan().IndexOfAny(Hex);
        return kind <= 0 ? hash(name) : name[..kind] + hash(name)[kind..];
    }

    private static readonly System.Buffers.SearchValues<char> Hex = System.Buffers.SearchValues.Create("0123456789abcdef");

    public override string ToString() => At is long at ? $"{Name}@{at.ToString(System.Globalization.CultureInfo.InvariantCulture)}" : Name;

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static CrashMark Of(string text) => text.IndexOf('@') is >= 0 and var sign &&
        long.TryParse(text.AsSpan(sign + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture,
            out long at)
        ? new(text[..sign], at) : new(text, null);
}
