using System.Globalization;

namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>What an error of ext2, ext3 or ext4 is about.</summary>
internal enum ExtCause
{
    /// <summary>The content of the file system is wrong.</summary>
    Damage,

    /// <summary>The device below could not be read or written.</summary>
    Below,

    /// <summary>The change was given up for a reason that other lines give: a stopped journal, no memory, no space.</summary>
    Other,
}

/// <summary>
/// ext4_error() reports three kinds of trouble in one form: most callers found wrong content, some could not read or write a block,
/// and some pass on that a change was not possible. An error number in the line decides; without one the words do (fs/ext4, fs/ext2).
/// </summary>
internal static class ExtErrors
{
    private static readonly string[] Passed =
    [
        "aborted journal", "Journal has aborted", "Detected aborted", "Readonly filesystem", "Out of memory", "No space left",
        "mark inode", "mark_inode_dirty error", "journal_dirty_metadata failed", " dquot type ", "ext4_getblk() return bh = NULL",
        "Journal got removed", "with bigalloc", "message suppressed", "Abort forced by user", "clean up the journal", "kmmpd being stopped",
    ];

    private static readonly string[] Device =
    [
        "IO failure", "I/O error", "IO error", "async write back", "unable to read", "error reading", "reading directory", "read error",
        "Read failure", "Cannot read ", "cannot read ", "Error writing to ", "Unable to copy data block",
    ];

    public static ExtCause Of(string said)
    {
        if (Number(said) is { } errno)
        {
            return errno switch
            {
                // block/blk-core.c blk_errors: what a block device returns.
                5 or 6 or 19 or 52 or 61 or 84 or 110 or 121 => ExtCause.Below,
                // EFSBADCRC and EFSCORRUPTED of fs/ext4/ext4.h.
                74 or 117 => ExtCause.Damage,
                _ => ExtCause.Other,
            };
        }
        if (Passed.Any(p => said.Contains(p, StringComparison.Ordinal)))
            return ExtCause.Other;
        return Device.Any(d => said.Contains(d, StringComparison.Ordinal)) ? ExtCause.Below : ExtCause.Damage;
    }

    /// <summary>The number behind <c>error -5</c>, <c>Error -5</c>, <c>err -5</c>, <c>err=-5</c>; null without one.</summary>
    private static int? Number(string said)
    {
        foreach (string word in (ReadOnlySpan<string>)["error -", "Error -", "err -", "err=-", "error: -", "err: -"])
        {
            int at = said.IndexOf(word, StringComparison.Ordinal);
            if (at < 0)
                continue;
            ReadOnlySpan<char> digits = said.AsSpan(at + word.Length);
            int end = digits.IndexOfAnyExceptInRange('0', '9');
            if (int.TryParse(end < 0 ? digits : digits[..end], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                return number;
        }
        return null;
    }
}
