namespace Kdump.Sources.Cases;

/// <summary>One input of a case: what it was recognised as, and a note where it could not be used.</summary>
/// <param name="Kind">From its content: <c>kernel log</c>, <c>/proc/interrupts</c>, <c>vmcore</c>, <c>text</c> …</param>
/// <param name="Kernel">Lines that show by their stamp that a kernel wrote them.</param>
/// <param name="Unreadable">It could not be opened or read.</param>
/// <param name="Partial">Not all of it could be read; the note says why.</param>
/// <param name="Unknown">It was looked at, and it is nothing that is read here.</param>
public sealed record CaseInput(string Path, string Kind, string? Note = null, bool Unreadable = false, bool Unknown = false,
    long Kernel = 0, bool Partial = false)
{
    /// <summary>Kinds that only say how a machine is set up, and those that a single line is enough for.</summary>
    private static readonly string[] Settings =
    [
        "kernel log", "console log", "text", "archive", "fstab", "kernel config", "kdump.conf", "/etc/default/kdump-tools",
        "/etc/sysconfig/kdump", "systemd mount unit", "shell session", "ls -l /dev/disk",
    ];

    /// <summary>
    /// It is of a kind in which trouble would show: a kernel's log, a dump, a machine, a table. A stray line that happens to look like one
    /// of a log is no proof that somebody looked.
    /// </summary>
    public bool Judged => Used && (Kernel > 0 || !Settings.Contains(Kind));

    /// <summary>It can have given facts.</summary>
    public bool Used => !Unreadable && !Unknown && Kind is not ("empty" or "folder");
}
