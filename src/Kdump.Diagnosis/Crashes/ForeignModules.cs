namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// <c>Modules linked in: a b(OE) c(P)</c>: the letters behind a module's name say what it brought into the kernel (kernel/module/main.c
/// module_flags): O is not of the kernel's tree, P not under its licence.
/// </summary>
internal static class ForeignModules
{
    private const string Mark = "Modules linked in:";

    /// <summary>The first module of the stack that the list marks as foreign.</summary>
    public static string? First(Report report, List<StackFrame> frames)
    {
        string[] modules = [.. frames.Where(f => f.Reliable && f.Module is not null).Select(f => f.Module!)
            .Distinct(StringComparer.Ordinal)];
        if (modules.Length == 0)
            return null;
        for (int i = 0; i < report.End; i++)
        {
            string text = report.Lines[i].Text;
            if (!text.StartsWith(Mark, StringComparison.Ordinal))
                continue;
            string[] words = Words(report.Lines, i, Mark.Length);
            return Array.Find(modules, m => words.Any(w => IsForeign(w, m)));
        }
        return null;
    }

    public static Fix Without(string module) => new($"Check whether it also happens without {module}, which is not part of this kernel",
        Risk: "its devices are then missing");

    /// <summary>
    /// For a report that names no function at all, or one that only works on what it is handed: the modules from outside the kernel are
    /// where to look first.
    /// </summary>
    public static IEnumerable<Clues.Clue> Read(Clues.ClueInput input)
    {
        const int Most = 3;
        if (input.Function is { } function && !Library.Has(function) || input.Frames.Count > 0 || input.Find(Mark) is not { } line)
            yield break;
        string[] foreign = [.. Words(input.Report.Lines, input.Report.Lines.IndexOf(line),
                line.Text.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)
            .Where(w => w.IndexOf('(') is > 0 and var open && w.AsSpan(open).Contains('O')).Select(w => w[..w.IndexOf('(')])];
        // nvidia_drm and nvidia_modeset come with nvidia.
        foreign = [.. foreign.Where(m => !foreign.Any(o => m.StartsWith(o + "_", StringComparison.Ordinal)))];
        // If there are many, they say nothing, unless one of them spoke just before.
        if (foreign.Length > Most && SpokeAbove(foreign, input.Report.Before) is var (module, above))
        {
            yield return new("foreign-modules", $"The stack is missing, so nothing shows whose code it was; just before, {module} spoke, " +
                "a module from outside the kernel.", input.SourceOf(above));
        }
        if (foreign.Length is 0 or > Most)
            yield break;
        yield return new("foreign-modules",
            "The stack is missing, so nothing shows whose code it was; " +
            $"the modules from outside the kernel were {string.Join(", ", foreign)}.", input.SourceOf(line));
    }

    /// <summary>The words of the list in that line, and in those below that a screen or a mail made of it.</summary>
    private static string[] Words(List<ReportLine> lines, int at, int from)
    {
        const int MostLines = 20;
        string rest = lines[at].Text[from..];
        for (int i = at + 1; i < lines.Count && i < at + MostLines && lines[i].Text.Length > 0 &&
            lines[i].Text.AsSpan().IndexOfAnyExcept(NameCharacters) < 0; i++)
            rest += " " + lines[i].Text;
        return rest.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    private static readonly System.Buffers.SearchValues<char> NameCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-()+[] ");

    /// <summary>The last of the lines above that begins with the name of a module, or of its device: <c>mic0: Resetting</c>.</summary>
    private static (string Module, ReportLine Line)? SpokeAbove(string[] modules, List<ReportLine> before)
    {
        const int Near = 4;
        foreach (ReportLine line in before.AsEnumerable().Reverse().Take(Near))
        {
            int colon = line.Text.IndexOf(": ", StringComparison.Ordinal);
            string name = colon > 0 ? line.Text[..colon].TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9') : "";
            if (Array.IndexOf(modules, name) >= 0)
                return (name, line);
        }
        return null;
    }

    private static bool IsForeign(string word, string module)
    {
        int open = word.IndexOf('(');
        return open > 0 && word.AsSpan(0, open).SequenceEqual(module) && word.AsSpan(open).IndexOfAny('O', 'P') >= 0;
    }
}
