using Kdump.Diagnosis.Text;

namespace Kdump.Sources.Cases;

/// <summary>
/// The hosts of the journal's records in forms with a field on each line (<c>-o export</c>, <c>-o verbose</c>, <c>-o json-pretty</c>), as
/// systemd-journal-remote collects them of many machines: <c>_HOSTNAME</c> may stand below the message of its record.
/// </summary>
internal sealed class RecordHosts
{
    /// <summary>The most changes of the host that are remembered; all lines after the last one belong to it.</summary>
    private const int MaxChanges = 1 << 20;

    private readonly List<(long From, string Host)> changes = [];
    private long lines, first = 1;
    private string? host;

    /// <summary>True if the first bytes of a text are in one of these forms.</summary>
    public static bool Are(ReadOnlySpan<byte> head) => head.IndexOf("__CURSOR="u8) >= 0 || head.IndexOf("\n    _TRANSPORT="u8) >= 0 ||
        head.IndexOf("\n    PRIORITY="u8) >= 0 || (head.IndexOf("\"__CURSOR\" : "u8) >= 0 &&
        head.IndexOf("{\n"u8) >= 0) || (head.IndexOf("\"__CURSOR\": "u8) >= 0 && head.IndexOf("{\n"u8) >= 0);

    /// <summary>Hosts in the order in which they first spoke.</summary>
    public IEnumerable<string> All => changes.Select(c => c.Host).Distinct(StringComparer.Ordinal);

    /// <summary>The next line of the text, whatever is in it.</summary>
    public void Line(ReadOnlySpan<char> text)
    {
        lines++;
        ReadOnlySpan<char> field = text.Trim(" \t");
        if (field.StartsWith("_HOSTNAME=", StringComparison.Ordinal))
            host = field["_HOSTNAME=".Length..].ToString();
        else if (field.StartsWith("\"_HOSTNAME\"", StringComparison.Ordinal))
            host = JsonLine.Host(field).ToString();
        // A record ends with an empty line or a brace; -o verbose begins one with a date at the margin.
        else if (field.IsEmpty || field is "}" or "},")
            End();
        else if (text.Length == field.Length && char.IsAsciiLetterUpper(text[0]) && text.EndsWith("]", StringComparison.Ordinal))
        {
            End();
            first = lines;
        }
    }

    public void End()
    {
        if (host is { Length: > 0 } own && changes.Count < MaxChanges && (changes.Count == 0 || changes[^1].Host != own))
            changes.Add((first, own));
        (host, first) = (null, lines + 1);
    }

    /// <summary>The host of a line, by its number; empty before the first record.</summary>
    public string Of(long line)
    {
        int at = changes.BinarySearch((line, ""), Comparer<(long From, string)>.Create((a, b) => a.From.CompareTo(b.From)));
        at = at >= 0 ? at : ~at - 1;
        return at < 0 ? "" : changes[at].Host;
    }
}
