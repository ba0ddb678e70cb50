using System.Globalization;

namespace Kdump.Diagnosis.Speakers;

/// <summary>
/// Why a driver could not do something, by the negative error number in its line (<c>ret -12</c>, <c>failed: -110</c>, <c>err=-5</c>)
/// or by its name (<c>-EIO</c>, as %pe prints): include/uapi/asm-generic/errno-base.h and errno.h.
/// </summary>
public static class ErrorNumber
{
    /// <summary>What the last such number of the line means: <c>-12 (ENOMEM): memory is short</c>; null if it has none.</summary>
    public static string? Of(ReadOnlySpan<char> line)
    {
        for (int at = line.LastIndexOf('-'); at > 0; at = line[..at].LastIndexOf('-'))
        {
            if (line[at - 1] is not (' ' or '=' or '(' or ':' or '[') || NumberAt(line[(at + 1)..]) is not { } errno ||
                !Tells(line[..at]) || Means(errno) is not { } means)
                continue;
            return $"-{errno} ({Errno.Name(errno)}): {means}";
        }
        return null;
    }

    /// <summary>A number or a name, and nothing of a longer word behind it.</summary>
    private static int? NumberAt(ReadOnlySpan<char> text)
    {
        int end = text.IndexOfAnyExcept(Word);
        ReadOnlySpan<char> word = end < 0 ? text : text[..end];
        if (end >= 0 && text[end] is ':' or '.' && end + 1 < text.Length && char.IsAsciiLetterOrDigit(text[end + 1]))
            return null;
        if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            return number;
        if (word.Length < 3 || word[0] != 'E')
            return null;
        foreach (int known in Known)
        {
            if (word.SequenceEqual(Errno.Name(known)))
                return known;
        }
        return null;
    }

    private static readonly System.Buffers.SearchValues<char> Word =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

    private static readonly int[] Known = [.. Enumerable.Range(1, 135).Where(n => Means(n) is not null), 517];

    /// <summary>A negative number is an error number where a word of failure or of a result stands before it.</summary>
    private static bool Tells(ReadOnlySpan<char> before)
    {
        foreach (string word in (ReadOnlySpan<string>)["fail", "Fail", "FAIL", "err", "Err", "ERR", "ret", "rc", "status", "returned",
            "cannot", "can't", "could not", "couldn't", "Couldn't", "Could not", "Cannot", "unable", "Unable", "abort"])
        {
            if (before.Contains(word, StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    private static string? Means(int errno) => errno switch
    {
        1 => "it is not permitted",
        2 => "a file or entry of that name is not there",
        5 => "the device, its bus or its firmware gave an error",
        6 => "there is no such device or address",
        7 => "the list or request is too long",
        11 => "it was not ready, or a limit is reached",
        12 => "memory was short, of the kind that it needs",
        13 => "access is denied",
        14 => "an address in memory is not valid",
        16 => "it is in use or still at work",
        17 => "there is one already",
        19 => "there is no such device",
        22 => "the kernel or the device does not accept what was asked for",
        28 => "no space is left, or no interrupt, ring or other resource",
        30 => "it is read-only",
        32 => "the other end is gone",
        34 => "a number is out of range",
        38 or 95 or 524 => "it is not supported",
        61 => "there is no data, or the disk cannot read the place",
        71 => "the other side broke the protocol, as on a bad cable",
        74 => "a checksum or a message is wrong",
        84 => "the data is not as it should be",
        104 => "the other end broke the connection off",
        107 => "it is not connected",
        108 => "the other side was shut down",
        110 => "no answer came in time",
        111 => "nothing listens there",
        113 => "there is no way to that machine",
        116 => "the handle is stale",
        117 => "the file system is damaged",
        121 => "the device at the other end gave an error",
        125 => "it was cancelled",
        126 => "the key is not there",
        129 => "the key was rejected",
        _ => null,
    };
}
