using System.Globalization;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// The object that KASAN and KFENCE say was hit, and where: mm/kasan/report.c describe_object(), print_address_description(),
/// mm/kfence/report.c. The words for the side changed in 6.2 (<c>located 4 bytes to the right of allocated 96-byte region</c>), and the
/// region stood on a line of its own before.
/// </summary>
internal static class SanitizedObjects
{
    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (input.Kind is not ("kasan" or "kfence"))
            yield break;
        var taken = new List<string>();
        // mm/kasan/report_tags.c, mm/kasan/report.c print_address_description(): hardware or software tags.
        foreach (ReportLine line in input.Lines)
        {
            if (Shape.Find(line.Text, "Pointer tag: [{e}], memory tag: {t}", taken) < 0)
                continue;
            string memory = taken[1].Trim('[', ']', ' ') is { Length: > 0 } tag ? $" ({tag})" : "";
            yield return new Clue("other-tag", $"The pointer's tag ({taken[0]}) is not the memory's{memory}: " +
                "the object was freed, or the access went beyond it.", input.SourceOf(line));
            break;
        }
        ReportLine? told = null;
        string? cache = null, size = null, where = null, thing = null;
        foreach (ReportLine line in input.Lines)
        {
            string text = line.Text;
            if (cache is null && Shape.Find(text, "belongs to the cache {w} of size {w}", taken) >= 0)
                (cache, size, told) = (taken[0], taken[1], told ?? line);
            else if (where is null && Shape.Find(text, "The buggy address is located {t}", taken) >= 0 && Side(taken[0]) is { } side)
                (where, told) = (side, told ?? line);
            else if (thing is null && Shape.Find(text, "The buggy address belongs to the variable:", taken) >= 0)
                (thing, told) = ("a variable of the kernel or of a module", told ?? line);
            else if (thing is null && Shape.Find(text, "is located in stack of task {t}", taken) >= 0)
                (thing, told) = ($"the stack of task {taken[0]}", told ?? line);
            else if (cache is null && Shape.Find(text, "kfence-#*size={w}, cache={w}", taken) >= 0)
                (cache, size, told) = (taken[1], taken[0].TrimEnd(','), told ?? line);
            else if (where is null && Shape.Find(text, " ({e}B {w} of kfence-#", taken) >= 0)
                (where, told) = ($"{Bytes(taken[0])} {(taken[1] == "right" ? "behind the end of" : "before the beginning of")}", told ??
                    line);
        }
        if (told is not { } source || (cache is null && where is null && thing is null))
            yield break;
        string of = cache is null ? "the object" : string.Create(CultureInfo.InvariantCulture,
            $"an object of {Bytes(size)} of the cache {cache}");
        string says;
        if (where is not null)
            says = $"The access was {where} {of}.";
        else
            says = cache is not null ? $"It concerns {of}." : $"It concerns {thing}.";
        yield return new Clue("hit-object", says, input.SourceOf(source));
    }

    /// <summary>A number as the kernel printed it.</summary>
    private static string Bytes(string? number) => number + (number == "1" ? " byte" : " bytes");

    /// <summary><c>12 bytes to the right of</c>, <c>0 bytes inside of</c>, <c>4 bytes to the left of</c>.</summary>
    private static string? Side(string text)
    {
        int bytes = text.IndexOf(" bytes ", StringComparison.Ordinal);
        if (bytes is < 1 or > 8)
            return null;
        string freed = text.Contains("freed ", StringComparison.Ordinal) ? " freed memory," : "";
        ReadOnlySpan<char> rest = text.AsSpan(bytes + " bytes ".Length);
        if (rest.StartsWith("to the right of", StringComparison.Ordinal))
            return $"{Bytes(text[..bytes])} behind the end of{freed}";
        if (rest.StartsWith("to the left of", StringComparison.Ordinal))
            return $"{Bytes(text[..bytes])} before the beginning of{freed}";
        if (rest.StartsWith("inside of", StringComparison.Ordinal))
            return $"{Bytes(text[..bytes])} inside of{freed}";
        return null;
    }
}
