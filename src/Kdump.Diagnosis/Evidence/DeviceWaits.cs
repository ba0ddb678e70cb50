namespace Kdump.Diagnosis.Evidence;

/// <summary>User space waits for a device: systemd's job lines, or dracut's initqueue.</summary>
/// <param name="Device"><c>/dev/disk/by-uuid/…</c>; or the unit as printed where systemd shortened it: <c>dev-disk...233403b7c.device</c>.</param>
/// <param name="Seconds">Longest wait that a line shows.</param>
/// <param name="Limit">When it gives up, in seconds; null for never or not shown.</param>
/// <param name="GaveUp">It timed out.</param>
public sealed record DeviceWait(Source Source, string Device, int Seconds, int? Limit, bool GaveUp) : Fact(Source);

/// <summary>
/// Reads what systemd (src/core/manager.c, job.c) and dracut (initqueue) print while a device does not come. The same wait is printed
/// every second with a growing time and a shrinking name: it becomes one fact, with the line of the longest wait.
/// </summary>
public sealed class DeviceWaits : LineParser
{
    private DeviceWait? waiting;

    public override string Kind => "console log";

    public override bool Line(in TextLine line, Facts facts)
    {
        KernelLine stripped = KernelLine.Parse(line.Text);
        ReadOnlySpan<char> text = stripped.Message;
        var c = new TextCursor(text);
        if ((c.SkipPast("A start job is running for ") && c.Before(" (", out ReadOnlySpan<char> unit)) ||
            (c.SkipPast("] Job ") && c.Before("/start running (", out unit)))
            return Waiting(unit, c, line, facts);
        c = new TextCursor(text);
        if (c.SkipPast("Timed out waiting for device "))
        {
            // "dev-disk-by\x2duuid-X.device - /dev/disk/by-uuid/X." or, with a description, just the path.
            ReadOnlySpan<char> rest = c.Rest.TrimEnd(" .");
            int dash = rest.IndexOf(" - ", StringComparison.Ordinal);
            return GaveUp(PathOf(dash < 0 ? rest : rest[..dash]), line, facts);
        }
        c = new TextCursor(text);
        if (c.Before(" does not exist", out ReadOnlySpan<char> path) && path.LastIndexOf(' ') is var blank && path[(blank + 1)..].StartsWith("/dev/", StringComparison.Ordinal))
            return GaveUp(path[(blank + 1)..].Trim('"').ToString(), line, facts);
        c = new TextCursor(text);
        if (c.SkipPast("initqueue/finished/devexists-") && c.Before(".sh", out ReadOnlySpan<char> hook))
            return GaveUp(Unescape(hook), line, facts);
        return false;
    }

    public override void End(Facts facts) => Flush(facts);

    private bool Waiting(ReadOnlySpan<char> unit, TextCursor time, in TextLine line, Facts facts)
    {
        if (!Seconds(ref time, out int seconds))
            return false;
        int? limit = time.Skip("/ ") && Seconds(ref time, out int l) ? l : null;
        string device = PathOf(unit);
        if (waiting is null || waiting.Boot != facts.Boot || !SameUnit(waiting.Device, device))
            Flush(facts);
        else if (device.Contains("...") && !waiting.Device.Contains("..."))
            device = waiting.Device;
        else if (device.Contains("...") && device.Length < waiting.Device.Length)
            device = waiting.Device;
        waiting = new DeviceWait(line.ToSource(), device, Math.Max(seconds, waiting?.Seconds ?? 0), limit ?? waiting?.Limit, GaveUp: false) { Boot = facts.Boot };
        return true;
    }

    private bool GaveUp(string device, in TextLine line, Facts facts)
    {
        if (waiting is not null && SameUnit(waiting.Device, device))
        {
            facts.Add(waiting with { Source = line.ToSource(), Device = device, GaveUp = true });
            waiting = null;
        }
        else if (!facts.Of<DeviceWait>().Any(w => w.GaveUp && w.Device == device && w.Boot == facts.Boot))
            facts.Add(new DeviceWait(line.ToSource(), device, 0, null, GaveUp: true));
        return true;
    }

    private void Flush(Facts facts)
    {
        if (waiting is not null)
            facts.Add(waiting);
        waiting = null;
    }

    /// <summary>Equal, or one is the other with its middle cut out.</summary>
    private static bool SameUnit(string a, string b)
    {
        if (a == b)
            return true;
        ReadOnlySpan<char> tailA = Tail(a), tailB = Tail(b);
        return tailA.Length >= 4 && tailB.Length >= 4 &&
            (tailA.EndsWith(tailB, StringComparison.Ordinal) || tailB.EndsWith(tailA, StringComparison.Ordinal));
    }

    private static ReadOnlySpan<char> Tail(string device)
    {
        int dots = device.IndexOf("...", StringComparison.Ordinal);
        ReadOnlySpan<char> tail = dots < 0 ? device : device.AsSpan(dots + 3);
        return tail.EndsWith(".device", StringComparison.Ordinal) ? tail[..^".device".Length] : tail;
    }

    /// <summary><c>1min 30s</c>, <c>26s</c>, <c>1h 2min</c>; stops behind the last unit. "no limit" is no time.</summary>
    private static bool Seconds(ref TextCursor c, out int seconds)
    {
        long total = 0;
        bool any = false;
        while (c.SkipSpaces() && c.Number(out long n) && n is >= 0 and < 1_000_000)
        {
            long unit = c.Skip("min") ? 60 : c.Skip("ms") ? 0 : c.Skip("h") ? 3600 : c.Skip("d") ? 86400 : c.Skip("s") ? 1 : -1;
            if (unit < 0)
                break;
            total += n * unit;
            any = true;
            c.SkipSpaces();
        }
        seconds = (int)Math.Min(total, int.MaxValue);
        return any;
    }

    /// <summary>The path behind a device unit: dashes are slashes and \xNN is a byte (systemd.unit(5)); other text stays as it is.</summary>
    internal static string PathOf(ReadOnlySpan<char> unit)
    {
        unit = unit.Trim();
        if (unit.StartsWith("/", StringComparison.Ordinal) || unit.Contains("...", StringComparison.Ordinal) || !unit.EndsWith(".device", StringComparison.Ordinal))
            return unit.ToString();
        return "/" + Unescape(unit[..^".device".Length].ToString().Replace('-', '/'));
    }

    private static string Unescape(ReadOnlySpan<char> text)
    {
        var path = new System.Text.StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length && text[i + 1] == 'x' &&
                byte.TryParse(text.Slice(i + 2, 2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out byte b))
            {
                path.Append((char)b);
                i += 3;
            }
            else
                path.Append(text[i]);
        }
        return path.ToString();
    }
}
