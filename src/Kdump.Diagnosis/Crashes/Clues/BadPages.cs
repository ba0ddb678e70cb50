namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// The kernel's record of a page, or a page table, holds what it never put there: mm/page_alloc.c bad_page(), mm/memory.c
/// print_bad_pte(), mm/debug.c. What stands there tells how it was broken.
/// </summary>
internal static class BadPages
{
    private static readonly Fix[] Ways =
    [
        new("Test the memory (memtest86+, or memtester on a small board) and its power and clocks; look for memory errors before it",
            "dmesg | grep -iE 'edac|mce|hardware error'"),
        new("If the memory is well, see whether it also happens without modules from outside the kernel, " +
            "and with page_poison=1 or debug_pagealloc=on", Risk: "the machine becomes slower; use it only as a test"),
    ];

    /// <summary>mm/page_alloc.c page_bad_reason(), free_tail_page_prepare().</summary>
    private static readonly (string Reason, string Means)[] Reasons =
    [
        ("nonzero mapcount", "it was freed while a process still had it mapped"),
        ("nonzero _refcount", "it was freed while somebody still used it, or its counter was overwritten"),
        ("nonzero _count", "it was freed while somebody still used it, or its counter was overwritten"),
        ("non-NULL mapping", "it was freed while it still belonged to a file or to memory of a process"),
        ("PAGE_FLAGS_CHECK_AT_FREE", AtFree),
        ("PAGE_FLAGS_CHECK_AT_PREP", "it was free and its flags say that it was not: they were changed meanwhile"),
        ("still charged to cgroup", "it was freed while it was still counted for a control group"),
        ("corrupted mapping in tail page", "a part of a large page was overwritten"),
        ("page_pool leak", "a network driver freed it while its page pool still had it"),
    ];

    private const string AtFree = "it was freed with flags that say that it is in use";

    /// <summary>More flags than this are no state of a page, but damage.</summary>
    private const int MostFlags = 3;

    /// <summary>include/trace/events/mmflags.h: what a flag of PAGE_FLAGS_CHECK_AT_FREE says of its page.</summary>
    private static readonly Dictionary<string, string> Owners = new(StringComparer.Ordinal)
    {
        ["private"] = "data of a file system or a driver hung on it",
        ["private_2"] = "data of a file system, as of its cache, hung on it",
        ["locked"] = "somebody still held its lock, as during a transfer",
        ["writeback"] = "it was still being written to a disk",
        ["lru"] = "it was still on a list of pages in use",
        ["active"] = "it was still on a list of pages in use",
        ["slab"] = "it belonged to the slab allocator",
        ["mlocked"] = "a program had locked it into memory",
        ["unevictable"] = "it was not to be taken from its owner",
        ["reserved"] = "the kernel never gives such a page out: the zero page, memory of the firmware, a hole",
    };

    /// <summary><c>flags: 0x4000000000002000(private|node=0|zone=1|lastcpupid=0x1fffff)</c></summary>
    private static string[] FlagsOf(IEnumerable<ReportLine> lines)
    {
        const string Mark = "flags: 0x";
        ReportLine line = lines.FirstOrDefault(l => l.Text.Contains(Mark, StringComparison.Ordinal));
        int open = line.Text?.IndexOf('(', StringComparison.Ordinal) ?? -1;
        int close = open < 0 ? -1 : line.Text!.IndexOf(')', open);
        return close < 0 ? [] : [.. line.Text![(open + 1)..close].Split('|').Where(f => f.Length > 0 && !f.Contains('='))];
    }

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (input.Kind is not ("bad-page" or "kernel-bug"))
            yield break;
        if (Checked(input) is { } failed)
        {
            yield return failed;
            yield break;
        }
        if (input.Kind != "bad-page")
            yield break;
        ReportLine head = input.Lines.FirstOrDefault();
        if (head.Text is null)
            yield break;
        if (head.Text.Contains("Bad page map", StringComparison.Ordinal))
        {
            yield return new Clue("page-table-damaged",
                "A page table of the process holds an entry that the kernel never makes: the page table in memory was overwritten, " +
                "by faulty memory (RAM), by DMA, or by a bug of a driver. The process is the victim.", input.SourceOf(head))
                { Elsewhere = true, Fixes = Ways };
            yield break;
        }
        if (head.Text.Contains("rss-counter", StringComparison.Ordinal) || head.Text.Contains("non-zero ", StringComparison.Ordinal))
        {
            yield return new Clue("page-count-wrong",
                $"The kernel counted the pages of a process that ended, and the number is wrong{Left(head.Text)}. Alone it does no harm; " +
                "it mostly follows damage of page tables or of memory that was reported before.", input.SourceOf(head));
            yield break;
        }
        string means = "its record in the kernel (struct page) holds what it must not";
        foreach (ReportLine line in input.Lines)
        {
            int at = line.Text.IndexOf("page dumped because: ", StringComparison.Ordinal);
            if (at >= 0 && Reasons.FirstOrDefault(r => line.Text.AsSpan(at).Contains(r.Reason, StringComparison.Ordinal)) is
                { Means: { } reason })
                means = reason;
        }
        if (means == AtFree && FlagsOf(input.Lines) is { Length: > 0 and <= MostFlags } flags && flags.All(Owners.ContainsKey))
        {
            yield return new Clue("page-freed-in-use", "A page was given back although its record says that it is in use: " +
                $"{string.Join("; ", flags.Select(f => $"{f} ({Owners[f]})"))}. Its record is otherwise sound, so a bug of the code that " +
                "gave it back is more likely than faulty memory.", input.SourceOf(head));
            yield break;
        }
        if (Repeated(input) is { } pattern)
            yield return new Clue("page-record-overwritten",
                "The page's record in the kernel (struct page) was overwritten: " +
                $"its fields hold one byte again and again ({pattern}), as pictures, fill patterns and buffers do, and no kernel code. " +
                "A device wrote it by DMA, or code wrote beyond its buffer; " +
                "the process that is named is the victim.", input.SourceOf(head)) { Elsewhere = true, Fixes = Ways };
        else
            yield return new Clue("page-record-wrong",
                $"The check of a page failed: {means}{CountOf(input.Lines)}. " +
                    "Faulty memory (RAM), a driver that frees a page twice or too early, and memory that was overwritten look so; " +
                    "the process that is named only met it.", input.SourceOf(head))
                { Elsewhere = true, Fixes = Ways };
    }

    /// <summary><c>mm:(ptrval) type:MM_FILEPAGES val:33</c>, <c>mm:… idx:1 val:512</c>: what is left when it must be 0.</summary>
    private static string Left(string text)
    {
        int at = text.IndexOf(" val:", StringComparison.Ordinal);
        var c = new Text.TextCursor(at < 0 ? default : text.AsSpan(at + " val:".Length));
        if (at < 0 || !c.Number(out long count))
            return "";
        string of;
        if (text.Contains("FILEPAGES", StringComparison.Ordinal) || text.Contains("idx:0 ", StringComparison.Ordinal))
            of = " of files";
        else if (text.Contains("ANONPAGES", StringComparison.Ordinal) || text.Contains("idx:1 ", StringComparison.Ordinal))
            of = " of its own memory";
        else
            of = text.Contains("SWAPENTS", StringComparison.Ordinal) ? " in swap" : "";
        return count < 0 ? $" ({Counted.Of(-count, "page")}{of} {(count == -1 ? "was" : "were")} given back too often)"
            : $" ({Counted.Of(count, "page")}{of} {(count == 1 ? "was" : "were")} never given back: a page table is gone or was changed)";
    }

    /// <summary>
    /// <c>page dumped because: VM_BUG_ON_PAGE(page_ref_count(page) …)</c> above the report: the kernel's own check of that page.
    /// </summary>
    private static Clue? Checked(ClueInput input)
    {
        const string Mark = "page dumped because: VM_BUG_ON";
        ReportLine line = input.Around.FirstOrDefault(l => l.Text.Contains(Mark, StringComparison.Ordinal));
        if (line.Text is null)
            return null;
        ReportLine file = input.Around.FirstOrDefault(l => l.Text.Contains("dentry name:", StringComparison.Ordinal));
        string check = line.Text[line.Text.IndexOf("VM_BUG_ON", StringComparison.Ordinal)..];
        string of = file.Text is null ? "" : " The page belongs " +
            $"to the file {file.Text[(file.Text.IndexOf("dentry name:", StringComparison.Ordinal) + "dentry name:".Length)..].Trim()}.";
        return new Clue("page-check-failed", $"The kernel's own check of a page failed: {check}{CountOf(input.Around)}.{of} " +
            (check.Contains("ref_count", StringComparison.Ordinal)
                ? "Its reference count does not fit its use: " +
                    "it was freed while somebody still worked on it, a race or a missing reference in the code that freed it. "
                : "") + "Such a check finds a bug of the kernel first, faulty memory rarely.", input.SourceOf(line)) { Elsewhere = true };
    }

    /// <summary><c>page:80f889c0 refcount:-4 mapcount:0 …</c>: below zero it was given back more often than taken.</summary>
    private static string CountOf(IEnumerable<ReportLine> lines)
    {
        const string Mark = " refcount:";
        foreach (ReportLine line in lines.Take(12))
        {
            int at = line.Text.StartsWith("page:", StringComparison.Ordinal) ? line.Text.IndexOf(Mark, StringComparison.Ordinal) : -1;
            var c = new Text.TextCursor(at < 0 ? default : line.Text.AsSpan(at + Mark.Length));
            if (at >= 0 && c.Number(out long count))
                return count switch
                {
                    < 0 => $" (its reference count is {count}: it was given back more often than it was taken)",
                    > 0 => $" (its reference count is {count})",
                    _ => "",
                };
        }
        return "";
    }

    /// <summary>Two or more different values of the page's record, each made of one byte that is neither 00 nor ff.</summary>
    private static string? Repeated(ClueInput input)
    {
        List<string> found = [];
        foreach (ReportLine line in input.Lines.Take(12))
        {
            if (!line.Text.StartsWith("page:", StringComparison.Ordinal) && !line.Text.StartsWith("page->", StringComparison.Ordinal) &&
                !line.Text.StartsWith("flags: ", StringComparison.Ordinal) && !line.Text.StartsWith("raw: ", StringComparison.Ordinal))
                continue;
            foreach (string word in line.Text.Split([' ', ':', '(', ')'], StringSplitOptions.RemoveEmptyEntries))
            {
                string hex = word.StartsWith("0x", StringComparison.Ordinal) ? word[2..] : word;
                if (hex.Length is 8 or 16 && FrameLine.IsHex(hex) && hex[..2] is not ("00" or "ff" or "6b" or "aa") && IsOneByte(hex) &&
                    !found.Contains(hex))
                    found.Add(hex);
            }
        }
        return found.Count >= 2 ? string.Join(", ", found.Take(4)) : null;
    }

    private static bool IsOneByte(string hex)
    {
        for (int i = 2; i < hex.Length; i += 2)
        {
            if (hex[i] != hex[0] || hex[i + 1] != hex[1])
                return false;
        }
        return true;
    }
}
