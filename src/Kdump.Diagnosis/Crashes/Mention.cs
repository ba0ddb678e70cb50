using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// Tells the first line of a report from a text that speaks of one: readmes, wikis, commit messages, mails, rules of monitors and sources
/// of programs hold the same words. A kernel begins its message with them, behind its prefix or the name of a part; in a text they stand in
/// a sentence, in quotation marks or between tags, or with placeholders for what a kernel fills in.
/// </summary>
public static class Mention
{
    private const string Marks = "\"'`“”‘’«»„*_";

    /// <summary>What formats, patterns and markup have where a kernel prints a value.</summary>
    private static readonly string[] Placeholders =
    [
        "%s", "%p", "%d", "%u", "%x", "%l", "%0", "%i", ".*", "\\n", "\\S", "\\w", "\\d", "\\s", "\\[", "\\.", "(?", "</", "<br",
        " && ", "…",
    ];

    /// <summary>Fields of mails, trackers and commits that are titles of such texts.</summary>
    private static readonly string[] Titles =
        ["Subject:", "Re:", "Fwd:", "Fixes:", "Title:", "title:", "Summary:", "Description:", "Closes:", "Reported:", "See:", "commit "];

    /// <summary>Lines that begin a block which was quoted into a text.</summary>
    private static readonly string[] Fences = ["```", "~~~", "<pre", "<code", "{{{", "{code", ".. code", "----", "[source"];

    /// <param name="report">Without a stack and registers.</param>
    internal static bool Is(Report report)
    {
        if (report.Writer.Stamped || report.Lines.Count == 0 || report.Lines.Skip(1).Any(l => IsOfReport(l.Text)))
            return false;
        // As it stands in the file: what looks like a carrier's prefix may be the words of a list.
        string text = report.Heading.Text;
        int at = text.IndexOf(report.Family.Heading, StringComparison.Ordinal);
        return at >= 0 && (IsLedUpTo(text.AsSpan(0, at), text.AsSpan(at)) || GoesOn(text.AsSpan(at + report.Family.Heading.Length)) ||
            IsQuotedInto(report));
    }

    /// <summary>The line is a text's that quotes messages, whatever they say: nothing shows that a machine printed it.</summary>
    public static bool Quotes(Source line)
    {
        string text = line.Text.Trim();
        return !KernelLine.Parse(line.Plain).Stamped && (text.Count(c => c == '`') > 1 || text.Contains("</", StringComparison.Ordinal) ||
            text.Contains('…', StringComparison.Ordinal) || (text.StartsWith('|') && text.IndexOf('|', 1) > 0) ||
            (Sentence.LeadsUp(text) && Sentence.GoesOn(text)));
    }

    /// <summary>
    /// The line that tells the task, the modules or the machine: texts leave those out, and where they stand a log was pasted.
    /// </summary>
    private static bool IsOfReport(string line) => line.Contains(" Comm: ", StringComparison.Ordinal) ||
        line.Contains(", comm: ", StringComparison.Ordinal) || line.StartsWith("Modules linked in:", StringComparison.Ordinal) ||
        line.StartsWith("Hardware name:", StringComparison.Ordinal) || line.Contains(" (pid: ", StringComparison.Ordinal) ||
        line.StartsWith("Stack: (0x", StringComparison.Ordinal) || line.StartsWith("Krnl PSW", StringComparison.Ordinal) ||
        line.StartsWith("pgd = ", StringComparison.Ordinal) || line.StartsWith("PGD ", StringComparison.Ordinal);

    /// <summary>Something before it shows a sentence, a quotation or a title.</summary>
    private static bool IsLedUpTo(ReadOnlySpan<char> before, ReadOnlySpan<char> rest)
    {
        // Bullets, marks of quotations and of comments, numbers of a list.
        ReadOnlySpan<char> text = before.TrimStart(" \t>*-+#|/;.0123456789").TrimEnd();
        if (IsRowOfTable(before, rest) || IsTag(before.TrimEnd()))
            return true;
        ReadOnlySpan<char> bare = before.TrimEnd().TrimEnd(Marks).TrimEnd(" (");
        // crash(8) quotes the panic that it shows.
        if (bare.EndsWith("PANIC:", StringComparison.Ordinal) || bare.EndsWith("kernel:", StringComparison.Ordinal) ||
            bare.Contains("Message from syslogd@", StringComparison.Ordinal))
            return false;
        if (before.TrimEnd() is [.., var quote] && Marks.Contains(quote, StringComparison.Ordinal) && rest.Length > 1 &&
            (quote != '*' || before.TrimStart().Length > 1) && rest[1..].IndexOfAny(Marks) > 0)
            return true;
        foreach (string title in Titles)
        {
            if (text.StartsWith(title, StringComparison.Ordinal))
                return true;
        }
        // A prompt, a stamp, a bracket of a transport: what stands before those is no sentence about it.
        return text.Length > 0 && text[^1] is not (']' or '$' or '#' or '%' or '=') && Sentence.LeadsUp(text);
    }

    /// <summary><c>| the message | what it means |</c></summary>
    private static bool IsRowOfTable(ReadOnlySpan<char> before, ReadOnlySpan<char> rest) =>
        before.TrimStart() is ['|', ..] && rest.Contains('|');

    /// <summary>An element of a page, and no level of a message (<c>&lt;0&gt;</c>).</summary>
    private static bool IsTag(ReadOnlySpan<char> before) => before is [.., '>'] && before.LastIndexOf('<') is >= 0 and var open &&
        before.Length - open < 60 && open + 1 < before.Length && char.IsAsciiLetter(before[open + 1]) && before[open..].Length > 2;

    private static bool GoesOn(ReadOnlySpan<char> behind)
    {
        foreach (string mark in Placeholders)
        {
            if (behind.Contains(mark, StringComparison.Ordinal))
                return true;
        }
        return Sentence.GoesOn(behind);
    }

    /// <summary>The line above begins a quoted block, or is a sentence that the line ends or explains.</summary>
    private static bool IsQuotedInto(Report report)
    {
        if (report.Before is not [.., var above])
            return false;
        ReadOnlySpan<char> text = above.Text.AsSpan().Trim();
        bool adjacent = above.Number == report.Heading.Line - 1;
        foreach (string fence in Fences)
        {
            if (text.StartsWith(fence, StringComparison.Ordinal))
                return true;
        }
        return adjacent ? Sentence.RunsOn(text) : text.EndsWith(":", StringComparison.Ordinal) && Sentence.LeadsUp(text);
    }
}
