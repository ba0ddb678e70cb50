namespace Kdump.Sources.Cases;

/// <summary>One input of a case: its kind, and a note if it could not be used.</summary>
/// <param name="Kind">From its content: <c>kernel log</c>, <c>/proc/interrupts</c>, <c>vmcore</c>, <c>text</c> …</param>
/// <param name="Kernel">Number of lines with a kernel time stamp.</param>
/// <param name="Unreadable">It could not be opened or read.</param>
/// <param name="Partial">Not all of it could be read; the note says why.</param>
/// <param name="Unknown">It was read, but its content is not recognised.</param>
public sealed record CaseInput(string Path, string Kind, string? Note = null, bool Unreadable = false, bool Unknown = false,
    long Kernel = 0, bool Partial = false)
{
    /// <summary>
    /// Hash of what was read, unpacked: the same for a log and for its copies in any archive or compression. Null unless the caller
    /// asked for it.
    /// </summary>
    public string? Content { get; init; }

    /// <summary>The user named it, and it is not just one file of a folder or an archive.</summary>
    public bool Named { get; init; }

    /// <summary>It shows only which parts there are, not their state: lspci without the capabilities.</summary>
    public bool Names { get; init; }

    /// <summary>An input whose content was read from another path.</summary>
    public const string Copy = "copy";

    /// <summary>Kinds that only contain names and settings, and kinds for which a single line is enough.</summary>
    private static readonly string[] Settings =
    [
        "kernel log", "console log", "text", "archive", "fstab", "kernel config", "kdump.conf", "/etc/default/kdump-tools",
        "/etc/sysconfig/kdump", "systemd mount unit", "shell session", "ls -l /dev/disk", "dmidecode", "blkid", "lspci -t", Copy,
        OwnVerdict.Kind,
    ];

    /// <summary>Kinds of text that show what there is, or what is set, and no event.</summary>
    public static bool IsSettings(string kind) => kind is not ("kernel log" or "console log") && Settings.Contains(kind);

    /// <summary>
    /// The user expects that it was read, but it was not, or only in part. A file in a folder may be of any kind; but if the user
    /// names a file, an answer about the other inputs must not look like an answer about this one.
    /// </summary>
    public bool Lacking => Unreadable || Partial || (Named && !Used && Kind != OwnVerdict.Kind && !(Kind == "archive" && Note is null));

    /// <summary>
    /// True for kinds that would show a problem: a kernel log, a dump, a machine, a table. A single line that happens to look like
    /// a log line does not count.
    /// </summary>
    public bool Judged => Used && !Names && (Kernel > 0 || !NeedsStamps(Kind));

    /// <summary>A kind that shows a problem only with the kernel's stamps, or never.</summary>
    public static bool NeedsStamps(string kind) => Settings.Contains(kind);

    /// <summary>True if it can have yielded facts.</summary>
    public bool Used => !Unreadable && !Unknown && Kind is not ("empty" or "folder");
}
