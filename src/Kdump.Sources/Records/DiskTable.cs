namespace Kdump.Sources.Records;

/// <summary>
/// A table with a column of serial numbers: <c>lsblk -o NAME,SERIAL</c>, <c>nvme list</c>, <c>nvme list -v</c>.
/// </summary>
internal sealed class DiskTable
{
    private int column = -1, next;
    private bool words;

    public bool Open => column >= 0;

    /// <summary>True if the line is the heading of such a table.</summary>
    public bool Head(ReadOnlySpan<char> text)
    {
        string first = Word(text.TrimStart()).ToString();
        bool lsblk = first is "NAME" or "KNAME" or "PATH", nvme = first is "Node" or "Device";
        if (!lsblk && !nvme)
            return false;
        column = -1;
        int at = Column(text, lsblk ? "SERIAL" : "SN");
        if (at <= 0)
            return false;
        (column, words) = (at, lsblk);
        int width = Word(text[at..]).Length;
        ReadOnlySpan<char> behind = text[(at + width)..];
        next = behind.IndexOfAnyExcept(' ') is >= 0 and var gap ? at + width + gap : int.MaxValue;
        return true;
    }

    /// <summary>The disk and its serial number; null for a row without one. The table ends with an empty line.</summary>
    public (string Disk, string Serial)? Row(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> name = Word(text.TrimStart("├─└│|`- ").TrimStart());
        if (text.Trim().IsEmpty)
            column = -1;
        if (name.StartsWith("/dev/", StringComparison.Ordinal))
            name = name["/dev/".Length..];
        if (!DiskNames.IsDisk(name) || column >= text.Length || text[column] == ' ' || text[column - 1] != ' ')
            return null;
        // lsblk's next column may be right-aligned and begin left of its heading; its serial numbers hold no blank.
        ReadOnlySpan<char> value = words ? Word(text[column..]) : text[column..Math.Min(next, text.Length)];
        return DiskSerial.Of(value) is { } serial ? (name.ToString(), serial) : null;
    }

    public void End() => column = -1;

    /// <summary>The position of a word that is a column's heading.</summary>
    private static int Column(ReadOnlySpan<char> text, string head)
    {
        for (int at = text.IndexOf(head, StringComparison.Ordinal), from = 0; at >= 0; from = at + 1,
            at = text[from..].IndexOf(head, StringComparison.Ordinal) is >= 0 and var more ? from + more : -1)
        {
            if (at > 0 && text[at - 1] == ' ' && (at + head.Length == text.Length || text[at + head.Length] == ' '))
                return at;
        }
        return -1;
    }

    private static ReadOnlySpan<char> Word(ReadOnlySpan<char> text) => text.IndexOfAny(" \t") is >= 0 and var end ? text[..end] : text;
}
