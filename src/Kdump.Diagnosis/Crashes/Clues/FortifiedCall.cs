using System.Globalization;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// What the checks of string and memory functions say in the line above their report (CONFIG_FORTIFY_SOURCE): which function, how much it
/// was to write or read, and how much room there is. Until 6.8 only the function.
/// </summary>
internal static class FortifiedCall
{
    public const string Meaning = "buffer-overflow";

    private const string Overflow = "detected buffer overflow", Field = ": detected field-spanning write (size ";

    public static Clue? Read(ClueInput input)
    {
        foreach (ReportLine line in input.Around)
        {
            if (line.Number < input.Report.Heading.Line - Near || line.Number > input.Report.Heading.Line + Near)
                continue;
            ReadOnlySpan<char> text = line.Text.AsSpan().Trim();
            if (Says(text, input.Kind) is { } says)
                return new Clue(Meaning, says, input.SourceOf(line));
        }
        return null;
    }

    /// <summary>Lines between what it says and the heading: the cut mark, and that of a list of modules.</summary>
    private const int Near = 3;

    private static string? Says(ReadOnlySpan<char> text, string kind)
    {
        int at = text.IndexOf(Overflow, StringComparison.Ordinal);
        var c = new TextCursor(text);
        // memcpy: detected buffer overflow: 104 byte write of buffer size 96 (6.9)
        if (at > 2 && c.Before(": detected buffer overflow: ", out ReadOnlySpan<char> name) && Plain(name) &&
            c.Before(" byte ", out ReadOnlySpan<char> size) && c.Before(" of buffer size ", out ReadOnlySpan<char> way) &&
            Bytes(size) is { } asked && Bytes(c.Rest.TrimEnd()) is { } there)
            return $"A fortified {name}() of the kernel was to {way} {asked} {(way is "write" ? "into" : "from")} a buffer of {there}: " +
                Ends(kind);
        // detected buffer overflow in memcpy (4.13 to 6.8)
        if (at == 0 && text[Overflow.Length..].StartsWith(" in ", StringComparison.Ordinal) && Plain(text[(Overflow.Length + 4)..]))
            return $"A fortified {text[(Overflow.Length + 4)..]}() of the kernel was to go beyond its buffer: {Ends(kind)}";
        return OfField(text);
    }

    private static string Ends(string kind) => "the code that called it, or the size it was given, is wrong, and it was stopped before " +
        "it did damage" + (kind == "warning" ? ". Right after this warning the kernel ends the task (fortify_panic)." : ".");

    /// <summary><c>memcpy: detected field-spanning write (size 104) of single field "&amp;x->y" at net/z.c:77 (size 96)</c></summary>
    private static string? OfField(ReadOnlySpan<char> text)
    {
        var c = new TextCursor(text);
        return c.Before(Field, out ReadOnlySpan<char> name) && Plain(name) &&
            c.Before(") of single field ", out ReadOnlySpan<char> size) && Bytes(size) is { } written &&
            c.Before(" at ", out ReadOnlySpan<char> field) && c.Before(" (size ", out ReadOnlySpan<char> place) &&
            c.Before(")", out ReadOnlySpan<char> room) && Bytes(room) is { } there
            ? $"{name}() wrote {written} into the field {field.Trim('"')} of {there} ({place}). The kernel let it, and only " +
                "warns: often the code means the fields behind it, too, and then nothing is damaged; its source shows which."
            : null;
    }

    private static bool Plain(ReadOnlySpan<char> name) => name.Length is > 2 and < 40 &&
        !name.ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz_0123456789");

    private static string? Bytes(ReadOnlySpan<char> number) =>
        ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out ulong count) && count <= long.MaxValue
            ? Counted.Of((long)count, "byte") : null;
}
