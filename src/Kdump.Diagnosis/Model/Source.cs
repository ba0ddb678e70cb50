namespace Kdump.Diagnosis.Model;

/// <summary>Where a fact was read, verbatim, so that a person can check it.</summary>
/// <param name="Input">The file as the user named it, or its path under the root that was read.</param>
/// <param name="Text">The text at that place, unchanged (cut to <see cref="MaxText"/> characters).</param>
/// <param name="Line">1-based line, or 0 where lines mean nothing.</param>
/// <param name="Offset">Byte offset, or -1 where offsets mean nothing.</param>
public sealed record Source(string Input, string Text, long Line = 0, long Offset = -1)
{
    /// <summary>Longest quotation kept of one line; a console line is far shorter, a hostile one is not.</summary>
    public const int MaxText = 400;

    /// <summary>The original line, if a learnt carrier was removed from it.</summary>
    public string? Bare { get; init; }

    /// <summary>The log shows its newest line first.</summary>
    public bool Backwards { get; init; }

    /// <summary>Its position in the chronological order of the lines of its input.</summary>
    public long Order => Backwards ? -Line : Line;

    /// <summary>What parsers see of it.</summary>
    public string Plain => Bare ?? Text;

    /// <summary>File and line, or file and offset, as compilers write it.</summary>
    public string Place
    {
        get
        {
            if (Line > 0)
                return $"{Input}:{Line}";
            return Offset >= 0 ? $"{Input}@0x{Offset:x}" : Input;
        }
    }

    /// <summary>Seconds since the boot of the kernel that printed the line, if the line has them.</summary>
    public double? Time { get; init; }

    public static Source Of(string input, ReadOnlySpan<char> text, long line = 0, double? time = null) =>
        new(input, (text.Length > MaxText ? text[..MaxText] : text).ToString(), line) { Time = time };
}

internal static class KnownSources
{
    /// <summary>The sources that are there.</summary>
    public static IReadOnlyList<Source> Known(this IEnumerable<Source?> sources) => [.. sources.OfType<Source>()];
}
