using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes;

/// <summary>What reports say below their first line and their titles need.</summary>
internal static class Details
{
    private static readonly string[] Accesses = ["Read of size ", "Write of size ", "Read at addr ", "Write at addr "];

    /// <summary>KASAN: whether it was a read or a write, some lines below the heading.</summary>
    public static bool Access(IReadOnlyList<ReportLine> lines, int from, List<string> taken)
    {
        for (int i = from + 1; i < lines.Count; i++)
        {
            foreach (string access in Accesses)
            {
                int at = lines[i].Text.IndexOf(access, StringComparison.Ordinal);
                int value = at + access.Length;
                if (at >= 0 && value < lines[i].Text.Length && char.IsAsciiHexDigit(lines[i].Text[value]))
                {
                    taken.Add(access[..access.IndexOf(' ')]);
                    return true;
                }
            }
        }
        return false;
    }

    /// <summary>The name behind <c>last function: </c>.</summary>
    public static bool LastFunction(IReadOnlyList<ReportLine> lines, int from, List<string> taken)
    {
        for (int i = from + 1; i < lines.Count; i++)
        {
            if (Shape.Find(lines[i].Text, "last function: {w}", taken) >= 0)
                return true;
        }
        return false;
    }

    /// <summary>Rust's panic prints its message below the place.</summary>
    public static bool NextLine(IReadOnlyList<ReportLine> lines, int from, List<string> taken)
    {
        if (from + 1 >= lines.Count || lines[from + 1].Text.Length == 0)
            return false;
        taken.Add(lines[from + 1].Text);
        return true;
    }

    /// <summary>Somewhere below, lines that hold these texts in this order.</summary>
    public static Func<IReadOnlyList<ReportLine>, int, List<string>, bool> Lines(params string[] texts) => (lines, from, _) =>
    {
        int next = 0;
        for (int i = from + 1; i < lines.Count && next < texts.Length; i++)
        {
            if (lines[i].Text.Contains(texts[next], StringComparison.Ordinal))
                next++;
        }
        return next == texts.Length;
    };

    /// <summary>A source file and line: <c>net/core/dev.c:123</c>.</summary>
    public static bool Place(IReadOnlyList<ReportLine> lines, int from, List<string> taken)
    {
        for (int i = from + 1; i < lines.Count; i++)
        {
            if (HasPlace(lines[i].Text))
                return true;
        }
        return false;
    }

    public static bool HasPlace(string line) => PlaceIn(line) is not null;

    public static string? PlaceIn(string line)
    {
        for (int colon = line.IndexOf(':'); colon >= 0; colon = line.IndexOf(':', colon + 1))
        {
            if (colon + 1 >= line.Length || !char.IsAsciiDigit(line[colon + 1]))
                continue;
            int start = colon;
            while (start > 0 && (char.IsAsciiLetterOrDigit(line[start - 1]) || line[start - 1] is '/' or '_' or '-' or '.'))
                start--;
            int dot = line.LastIndexOf('.', colon - 1 < 0 ? 0 : colon - 1);
            if (dot > start && dot + 1 < colon && line.AsSpan((dot + 1)..colon).IndexOfAnyExceptInRange('a', 'z') < 0)
            {
                int end = colon + 1;
                while (end < line.Length && char.IsAsciiDigit(line[end]))
                    end++;
                return line[start..end];
            }
        }
        return null;
    }
}
