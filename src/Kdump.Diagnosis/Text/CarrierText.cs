using System.Globalization;

namespace Kdump.Diagnosis.Text;

/// <summary>
/// A line without its carrier, in a form that <see cref="KernelLine"/> knows: the carrier's priority, time of day, seconds and
/// writer are put before the message as syslog writes them.
/// </summary>
internal sealed class CarrierText
{
    private readonly char[] text = new char[LineReader.MaxLine + 96];
    private readonly char[] value = new char[LineReader.MaxLine];
    private readonly JournalRecord record = new();
    private CarrierStamp last;
    private double since;

    /// <summary>The line had the form that was learnt.</summary>
    public bool Fitted { get; set; }

    /// <summary>The line was a field of a record other than the message.</summary>
    public bool Dropped { get; private set; }

    public ReadOnlySpan<char> Bare(Carrier carrier, ReadOnlySpan<char> line)
    {
        CarrierStamp stamp = default;
        if (carrier.Records)
        {
            Fitted = true;
            Dropped = !record.Message(line, out ReadOnlySpan<char> message);
            return Dropped ? line : Canonical(record.Stamp, !record.Foreign, message);
        }
        Dropped = false;
        if (carrier.Colour && line.Contains("m", StringComparison.Ordinal))
            line = Carrier.Uncoloured(line);
        if (carrier.Quoted)
            line = Carrier.Unquoted(line);
        bool kernel = false;
        if (carrier.Field is { } field && JsonLine.Within(line) is { IsEmpty: false } json &&
            JsonLine.Value(json, field, value) is >= 0 and var length)
        {
            stamp = JsonLine.Stamp(json).Or(CarrierStamp.Of(line[..Math.Min(48, line.Length - json.Length)]));
            bool? told = JsonLine.OfKernel(json);
            line = value.AsSpan(0, length).TrimEnd("\r\n");
            line = line.StartsWith(" [", StringComparison.Ordinal) ? line[1..] : line;
            Fitted = true;
            // The message may be a line of syslog, which names its writer itself; an object without time, level and host is no record of
            // a log.
            kernel = (line.StartsWith("[", StringComparison.Ordinal) || KernelLine.Parse(line) is { Stamped: false, Foreign: false }) &&
                (told ?? (!carrier.Inner && (stamp.Tells || !JsonLine.Host(json).IsEmpty)));
        }
        if (carrier.Suffix.Length > 0 && line.EndsWith(carrier.Suffix, StringComparison.Ordinal))
            line = line[..^carrier.Suffix.Length];
        if (carrier.ShapeOf(line, out int end) is { } shape || (shape = SisterOf(carrier, line, out end)) is not null)
        {
            Fitted = true;
            ReadOnlySpan<char> prefix = line[..end];
            stamp = CarrierStamp.Of(prefix).Or(stamp);
            stamp.Priority ??= shape.PriorityIn(prefix);
            kernel = !carrier.Inner && (shape.OfKernel || shape.Clock || shape.Bracket || shape.Priority >= 0);
            line = line[end..];
        }
        if (carrier.Html && line.Contains('&'))
            line = Unescaped(line);
        return Canonical(stamp, kernel, line);
    }

    private static PrefixShape? SisterOf(Carrier carrier, ReadOnlySpan<char> line, out int end)
    {
        end = 0;
        foreach (PrefixShape shape in carrier.Shapes)
        {
            if (shape.FitsSister(line, out end))
                return shape;
        }
        return null;
    }

    /// <summary><c>&lt;4&gt;2026-11-21T02:11:35.123456Z kernel: [   12.345678] text</c>, of which each part may be absent.</summary>
    private ReadOnlySpan<char> Canonical(CarrierStamp stamp, bool kernel, ReadOnlySpan<char> line)
    {
        bool own = line.Length > 0 && line[0] is '[' or '<' && KernelLine.Parse(line).Stamped;
        int n = 0;
        if (stamp.Priority is int priority && (kernel || own) && !line.StartsWith("<", StringComparison.Ordinal))
        {
            text[n++] = '<';
            text[n++] = (char)('0' + priority);
            text[n++] = '>';
        }
        if (stamp.Delta is double delta)
        {
            since += delta;
            if (last.Day is { } from)
                stamp.Day = from.AddSeconds(since);
            stamp.HasYear = last.HasYear;
        }
        else if (stamp.Day is not null)
        {
            last = stamp;
            since = 0;
        }
        if (stamp.Day is { } day && (kernel || own))
        {
            Date(day, stamp.HasYear, ref n);
            if (stamp.HasYear && stamp.Utc)
                text[n++] = 'Z';
            text[n++] = ' ';
        }
        if (kernel)
            Put("kernel: ", ref n);
        if (kernel && !own && stamp.Seconds is double seconds)
        {
            seconds.TryFormat(text.AsSpan(n + 1), out int written, "00000.000000", CultureInfo.InvariantCulture);
            text[n] = '[';
            n += written + 1;
            Put("] ", ref n);
        }
        if (n == 0)
            return line;
        int fits = Math.Min(line.Length, text.Length - n);
        line[..fits].CopyTo(text.AsSpan(n));
        return text.AsSpan(0, n + fits);
    }

    /// <summary>
    /// <c>2026-11-21T02:11:35.123456</c>, <c>Nov 21 02:11:35.123456</c>; formatted by hand, because every line has one.
    /// </summary>
    private void Date(DateTime day, bool year, ref int n)
    {
        if (year)
        {
            Digits(day.Year, 4, '-', ref n);
            Digits(day.Month, 2, '-', ref n);
        }
        else
        {
            Put("JanFebMarAprMayJunJulAugSepOctNovDec".AsSpan((day.Month - 1) * 3, 3), ref n);
            text[n++] = ' ';
        }
        Digits(day.Day, 2, year ? 'T' : ' ', ref n);
        Digits(day.Hour, 2, ':', ref n);
        Digits(day.Minute, 2, ':', ref n);
        Digits(day.Second, 2, '.', ref n);
        Digits((int)(day.Ticks % TimeSpan.TicksPerSecond / 10), 6, '\0', ref n);
    }

    private void Digits(int value, int count, char behind, ref int n)
    {
        for (int i = count - 1; i >= 0; i--, value /= 10)
            text[n + i] = (char)('0' + (value % 10));
        n += count;
        if (behind != '\0')
            text[n++] = behind;
    }

    private void Put(ReadOnlySpan<char> word, ref int n)
    {
        word.CopyTo(text.AsSpan(n));
        n += word.Length;
    }

    private static string Unescaped(ReadOnlySpan<char> line) => line.ToString().Replace("&lt;", "<", StringComparison.Ordinal)
        .Replace("&gt;", ">", StringComparison.Ordinal).Replace("&quot;", "\"", StringComparison.Ordinal)
        .Replace("&#39;", "'", StringComparison.Ordinal).Replace("&#x27;", "'", StringComparison.Ordinal)
        .Replace("&nbsp;", " ", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal);
}
