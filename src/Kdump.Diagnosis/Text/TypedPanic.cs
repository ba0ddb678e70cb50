namespace Kdump.Diagnosis.Text;

/// <summary>The line of a panic as people type it off a screen: other dashes, blanks and capitals than the kernel's.</summary>
internal static class TypedPanic
{
    public const string Words = "Kernel panic - not syncing";

    private const string End = "not syncing";

    /// <summary>Until Linux 2.6.8; whether the disks were written came in a line of its own.</summary>
    private const string Old = "Kernel panic: ";

    /// <summary>With nothing of a log before it, it may be the title of a question: these are the kernel's own.</summary>
    private static readonly string[] OldReasons =
    [
        "Aiee, killing", "Attempted to kill ", "VFS: ", "No init found", "Fatal exception", "CPU context corrupt", "Unable to continue",
        "Out of memory", "Machine check", "Kernel stack ", "EXT2-fs panic", "EXT3-fs ", "Killing interrupt handler",
    ];

    private static readonly (string Typed, string Meant)[] Others =
    [
        ("unknown- block(", "unknown-block("), ("unknown -block(", "unknown-block("),
        ("unknown - block(", "unknown-block("), ("unknown-block (", "unknown-block("),
        ("VFS: unable to ", "VFS: Unable to "), ("mount root on ", "mount root fs on "),
        ("unknown block", "unknown-block"), ("VFS:Unable to ", "VFS: Unable to "), ("VFS : Unable to ", "VFS: Unable to "),
        ("attempted to kill init", "Attempted to kill init"), ("no working init found", "No working init found"),
    ];

    /// <summary>True if a panic's words may be in a text.</summary>
    public static bool In(ReadOnlySpan<char> text) => EndOf(text) >= 0 || text.Contains(Old, StringComparison.Ordinal);

    /// <summary>Where the last letters of a panic's words stand; -1 in a text without them.</summary>
    /// <remarks>A whole log is searched: a search that heeds no case costs ten times as much.</remarks>
    public static int EndOf(ReadOnlySpan<char> text)
    {
        int end = text.IndexOf("yncing", StringComparison.Ordinal);
        return end < 0 ? text.IndexOf("YNCING", StringComparison.Ordinal) : end;
    }

    /// <summary>The line as the kernel writes it; null where it is so, or no panic.</summary>
    public static string? Meant(ReadOnlySpan<char> text)
    {
        int end = EndOf(text) - "not s".Length;
        if (end < 0 || !text[end..].StartsWith(End, StringComparison.OrdinalIgnoreCase))
            return OfOldKernel(text);
        ReadOnlySpan<char> head = text[..end].TrimEnd(" \t-\u2010\u2011\u2012\u2013\u2014:");
        const string Begin = "kernel panic";
        if (!head.EndsWith(Begin, StringComparison.OrdinalIgnoreCase))
            return null;
        int from = head.Length - Begin.Length;
        ReadOnlySpan<char> rest = text[(end + End.Length)..];
        // "Kernel panic - not syncing is what …": a sentence, without a reason.
        if (Sentence.BeginsWithin(rest) && rest is [' ', ..])
            return null;
        string typed = rest.ToString(), meant = typed;
        // The kernel writes ": " behind it.
        if (meant.AsSpan().TrimStart(' ') is ['-' or ':', ..] and var reason && !meant.StartsWith(": ", StringComparison.Ordinal))
            meant = $": {reason[1..].TrimStart(' ')}";
        else if (meant.Length > 1 && meant[0] == ' ' && !meant.StartsWith(" ]", StringComparison.Ordinal))
            meant = $":{meant}";
        foreach ((string wrong, string right) in Others)
            meant = meant.Replace(wrong, right, StringComparison.Ordinal);
        return meant == typed && text[from..(end + End.Length)] is Words ? null : $"{text[..from]}{Words}{meant}";
    }

    private static string? OfOldKernel(ReadOnlySpan<char> text)
    {
        int at = text.IndexOf(Old, StringComparison.Ordinal);
        if (at < 0)
            return null;
        ReadOnlySpan<char> before = text[..at], reason = text[(at + Old.Length)..];
        bool logged = before.EndsWith("kernel: ", StringComparison.Ordinal) || before.EndsWith("] ", StringComparison.Ordinal) ||
            before is [.., '>'];
        if (!logged && before.Trim().IsEmpty)
        {
            foreach (string known in OldReasons)
                logged |= reason.StartsWith(known, StringComparison.Ordinal);
        }
        return logged && !reason.Trim().IsEmpty ? $"{before}{Words}: {reason}" : null;
    }
}
