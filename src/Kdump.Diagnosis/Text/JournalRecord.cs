using System.Globalization;

namespace Kdump.Diagnosis.Text;

/// <summary>
/// The records of <c>journalctl -o export</c>, <c>-o verbose</c> and <c>-o json-pretty</c>: a field on a line, of which one is the message
/// (systemd's Journal Export Formats).
/// </summary>
internal sealed class JournalRecord
{
    private readonly char[] value = new char[LineReader.MaxLine];
    private CarrierStamp stamp;
    private bool foreign;

    /// <summary>What is known of the record so far, and whether a program other than the kernel wrote it.</summary>
    public CarrierStamp Stamp => stamp;

    public bool Foreign => foreign;

    /// <summary><c>    MESSAGE=text</c>, <c>"MESSAGE" : "text",</c></summary>
    public static bool IsField(ReadOnlySpan<char> line, out ReadOnlySpan<char> name, out ReadOnlySpan<char> value)
    {
        name = value = default;
        line = line.TrimStart(" \t");
        bool quoted = line.StartsWith("\"", StringComparison.Ordinal);
        ReadOnlySpan<char> rest = quoted ? line[1..] : line;
        int end = 0;
        while (end < rest.Length && end < 64 && (char.IsAsciiLetterUpper(rest[end]) || char.IsAsciiDigit(rest[end]) || rest[end] == '_'))
            end++;
        if (end < 3 || end == rest.Length)
            return false;
        name = rest[..end];
        rest = rest[end..];
        if (!quoted)
        {
            value = rest[1..];
            return rest[0] == '=';
        }
        rest = rest[1..].TrimStart(' ');
        if (rest.Length < 2 || rest[0] != ':')
            return false;
        value = rest[1..].Trim(" ,");
        if (value.Length > 1 && value[0] == '"' && value[^1] == '"')
            value = value[1..^1];
        return true;
    }

    /// <summary>Reads a line of a record; true if it contains the message, to which the line is then reduced.</summary>
    public bool Message(ReadOnlySpan<char> line, out ReadOnlySpan<char> message)
    {
        message = default;
        if (!IsField(line, out ReadOnlySpan<char> name, out ReadOnlySpan<char> text))
        {
            // An empty line, a brace or a date begins the next one.
            (stamp, foreign) = (CarrierStamp.Of(line[..Math.Min(48, line.Length)]), false);
            return false;
        }
        switch (name)
        {
            case "MESSAGE":
                bool escaped = line.TrimStart(" \t").StartsWith("\"", StringComparison.Ordinal);
                message = escaped ? value.AsSpan(0, JsonLine.Unescape(text, value)) : text;
                return true;
            case "PRIORITY" when text.Length == 1 && text[0] is >= '0' and <= '7':
                stamp.Priority = text[0] - '0';
                break;
            case "_SOURCE_MONOTONIC_TIMESTAMP" or "__MONOTONIC_TIMESTAMP" when stamp.Seconds is null || name[1] == 'S':
                stamp.Seconds = double.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out double us) ? us / 1e6 : null;
                break;
            case "__REALTIME_TIMESTAMP" when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long real) &&
                real < 4_000_000_000_000_000:
                (stamp.Day, stamp.HasYear, stamp.Utc) = (DateTime.UnixEpoch.AddTicks(real * 10), true, true);
                break;
            case "_TRANSPORT":
                foreign |= text is not "kernel";
                break;
            case "SYSLOG_IDENTIFIER":
                foreign |= text is not "kernel";
                break;
            default:
                break;
        }
        return false;
    }
}
