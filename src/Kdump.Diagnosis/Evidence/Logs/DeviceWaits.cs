using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>User space waits for a device: systemd's job lines, dracut's initqueue, or initramfs-tools.</summary>
/// <param name="Device"><c>/dev/disk/by-uuid/…</c>; or the unit as printed where systemd shortened it:
/// <c>dev-disk...233403b7c.device</c>.</param>
/// <param name="Seconds">Longest wait that a line shows.</param>
/// <param name="Limit">When it gives up, in seconds; null for never or not shown.</param>
/// <param name="GaveUp">It timed out.</param>
public sealed record DeviceWait(Source Source, string Device, int Seconds, int? Limit, bool GaveUp) : Fact(Source)
{
    /// <summary>The line that tells the device's full name, where systemd shortened it in the other lines.</summary>
    public Source? Named { get; init; }
}

/// <summary>
/// Reads what systemd (src/core/manager.c, job.c), dracut (initqueue) and initramfs-tools print while a device does not come. The same
/// wait is printed every second with a growing time and a shrinking name: it becomes one fact, with the line of the longest wait. A
/// device that is found in the end was not missing.
/// </summary>
public sealed class DeviceWaits : LineParser
{
    /// <summary>The most waits followed at once; a boot has a handful.</summary>
    private const int MaxWaits = 64;

    /// <summary>Seconds assumed for a wait that a person reports without its time: longer than a disk takes.</summary>
    internal const int ToldSeconds = 60;

    /// <summary>systemd src/core/manager.c manager_print_jobs_in_progress().</summary>
    internal const string Running = "A start job is running for ";

    private const string Ended = "/start failed with result 'timeout'";

    private readonly List<DeviceWait> waits = [];
    private readonly List<(string Device, Source Source)> names = [];
    private Boot? boot;

    private static readonly string[] Texts =
        [Running, "rt running (", "Expecting device ", "Found device ", "Timed out waiting for device ",
        "/start timed out", Ended, " does not exist", "initqueue/finished/devexists-"];

    public override string Kind => "console log";

    public override IReadOnlyList<string> Signs => Texts;

    public override bool Line(in TextLine line, Facts facts)
    {
        if (facts.Boot != boot)
        {
            End(facts);
            boot = facts.Boot;
        }
        ReadOnlySpan<char> text = line.Kernel.Message;
        var c = new TextCursor(text);
        if (c.SkipPast(Running))
            return Jobs(text, line);
        c = new TextCursor(text);
        if (c.SkipPast("] Job ") && c.Before("rt running (", out ReadOnlySpan<char> unit))
            return Waiting(Job(unit), c, line);
        c = new TextCursor(text);
        if (c.SkipPast("] (") && c.SkipPast(") Job ") && c.Before("rt running (", out unit))
            return Waiting(Job(unit), c, line);
        c = new TextCursor(text);
        if (c.SkipPast("Expecting device "))
            return Expected(c.Rest, line);
        c = new TextCursor(text);
        if (c.SkipPast("Found device "))
            return Found(FirstOf(c.Rest));
        c = new TextCursor(text);
        if (c.SkipPast("Timed out waiting for device "))
            return GaveUp(FirstOf(c.Rest), line);
        c = new TextCursor(text);
        if (c.SkipPast("Job ") && c.Before("/start timed out", out unit))
            return GaveUp(DeviceUnit.PathOf(unit), line);
        c = new TextCursor(text);
        if (c.SkipPast("Job ") && c.Before(Ended, out unit))
            return GaveUp(DeviceUnit.PathOf(unit), line);
        c = new TextCursor(text);
        if (c.Before(" does not exist", out ReadOnlySpan<char> path))
            return Missing(path, line);
        c = new TextCursor(text);
        if (c.SkipPast("initqueue/finished/devexists-") && c.Before(".sh", out ReadOnlySpan<char> hook))
            return GaveUp(DeviceUnit.Unescape(hook), line);
        return false;
    }

    public override void End(Facts facts)
    {
        foreach (DeviceWait wait in waits)
            facts.Add(wait);
        waits.Clear();
        names.Clear();
        boot = null;
    }

    /// <summary>A person who tells of a hang in one sentence may name several jobs in it.</summary>
    private bool Jobs(ReadOnlySpan<char> text, in TextLine line)
    {
        bool any = false;
        var c = new TextCursor(text);
        while (c.SkipPast(Running))
        {
            ReadOnlySpan<char> rest = c.Rest;
            int end = rest.IndexOf(" (", StringComparison.Ordinal), quote = rest.IndexOfAny('`', '"');
            bool quoted = quote >= 0 && (end < 0 || quote < end);
            ReadOnlySpan<char> unit;
            if (quoted)
                unit = rest[..quote];
            else
                unit = end < 0 ? rest : rest[..end];
            var time = new TextCursor(quoted || end < 0 ? default : rest[end..]);
            time.Skip(" (");
            any |= Waiting(unit.Trim(" '."), time, line);
        }
        return any;
    }

    private bool Waiting(ReadOnlySpan<char> unit, TextCursor time, in TextLine line)
    {
        if (!DeviceUnit.Is(unit))
            return false;
        // systemd always prints a time: without one the line is the sentence of a person to whom the wait was too long.
        bool told = time.Rest.IsEmpty || time.Rest.Contains(" / ", StringComparison.Ordinal);
        if (!Seconds(ref time, out int seconds))
        {
            if (!told)
                return false;
            seconds = ToldSeconds;
        }
        int? limit = time.Skip("/ ") && Seconds(ref time, out int l) ? l : null;
        string device = DeviceUnit.PathOf(unit);
        int at = waits.FindIndex(w => DeviceUnit.Same(w.Device, device));
        (string Device, Source Source) full = names.Find(n => DeviceUnit.Same(n.Device, device));
        if (at < 0 && waits.Count == MaxWaits)
            return true;
        DeviceWait? before = at < 0 ? null : waits[at];
        if (full.Device is not null)
            device = full.Device;
        else if (before is not null && (!DeviceUnit.IsShortened(before.Device) || before.Device.Length > device.Length))
            device = before.Device;
        // A job that gave up may be started again: its first end stays.
        if (before?.GaveUp == true)
            return true;
        var wait = new DeviceWait(line.ToSource(), device, Math.Max(seconds, before?.Seconds ?? 0), limit ?? before?.Limit, GaveUp: false)
        {
            Boot = boot,
            Named = full.Source ?? before?.Named,
        };
        Put(at, wait);
        return true;
    }

    /// <summary>Of <c>UNIT/sta</c> or <c>UNIT…ta</c>, as systemd shortens long lines, the unit; the mark of the cut is kept.</summary>
    private static ReadOnlySpan<char> Job(ReadOnlySpan<char> text)
    {
        int slash = text.LastIndexOf("/sta", StringComparison.Ordinal), cut = text.LastIndexOf('…');
        if (cut > slash && text.Length - cut <= "…/sta".Length)
            return text[..(cut + 1)];
        return slash > 0 ? text[..slash] : text;
    }

    private bool Expected(ReadOnlySpan<char> rest, in TextLine line)
    {
        string device = FirstOf(rest);
        if (device.StartsWith('/') && !DeviceUnit.IsShortened(device) && names.Count < MaxWaits && !names.Exists(n => n.Device == device))
            names.Add((device, line.ToSource()));
        return true;
    }

    private bool Found(string device)
    {
        waits.RemoveAll(w => DeviceUnit.Same(w.Device, device));
        return true;
    }

    private bool GaveUp(string device, in TextLine line)
    {
        if (!DeviceUnit.Is(device))
            return false;
        int at = waits.FindIndex(w => DeviceUnit.Same(w.Device, device));
        if (at >= 0 && waits[at].GaveUp)
            return true;
        DeviceWait? before = at < 0 ? null : waits[at];
        (string Device, Source Source) full = names.Find(n => DeviceUnit.Same(n.Device, device));
        string name = full.Device ?? (DeviceUnit.IsShortened(device) && before is not null ? before.Device : device);
        Put(at, new DeviceWait(line.ToSource(), name, before?.Seconds ?? 0, before?.Limit, GaveUp: true) { Boot = boot,
            Named = full.Source ?? before?.Named });
        return true;
    }

    /// <summary>
    /// <c>dracut Warning: "/dev/disk/by-uuid/X" does not exist</c>; <c>ALERT!  UUID=X does not exist.  Dropping to a shell!</c>
    /// </summary>
    private bool Missing(ReadOnlySpan<char> before, in TextLine line)
    {
        ReadOnlySpan<char> device = before[(before.LastIndexOf(' ') + 1)..].Trim('"');
        bool speaks = before.Contains("Warning: ", StringComparison.Ordinal) || before.Contains("ALERT!", StringComparison.Ordinal);
        return speaks && GaveUp(device.StartsWith("UUID=", StringComparison.Ordinal) ? $"/dev/disk/by-uuid/{device[5..]}"
            : device.ToString(), line);
    }

    private void Put(int at, DeviceWait wait)
    {
        if (at >= 0)
            waits[at] = wait;
        else if (waits.Count < MaxWaits)
            waits.Add(wait);
    }

    /// <summary>Out of <c>dev-disk-by\x2duuid-X.device - /dev/disk/by-uuid/X.</c> the path; either part may stand alone.</summary>
    private static string FirstOf(ReadOnlySpan<char> rest)
    {
        rest = rest.TrimEnd(" .");
        int dash = rest.IndexOf(" - ", StringComparison.Ordinal);
        ReadOnlySpan<char> first = dash < 0 ? rest : rest[..dash];
        // Two writers on one console: the words of the other follow without a blank.
        if (first.StartsWith("/dev/", StringComparison.Ordinal) && first.IndexOf(']') is > 0 and var other)
            first = first[..other].TrimEnd('.');
        return DeviceUnit.PathOf(first);
    }

    /// <summary>Seconds of a unit of time; -1 where none stands.</summary>
    private static long Unit(ref TextCursor c)
    {
        if (c.Skip("min"))
            return 60;
        if (c.Skip("ms"))
            return 0;
        if (c.Skip("h"))
            return 3600;
        if (c.Skip("d"))
            return 86400;
        return c.Skip("s") ? 1 : -1;
    }

    /// <summary><c>1min 30s</c>, <c>26s</c>, <c>1h 2min</c>; stops behind the last unit. "no limit" is no time.</summary>
    internal static bool Seconds(ref TextCursor c, out int seconds)
    {
        long total = 0;
        bool any = false;
        while (c.SkipSpaces() && c.Number(out long n) && n is >= 0 and < 1_000_000)
        {
            long unit = Unit(ref c);
            if (unit < 0)
                break;
            total += n * unit;
            any = true;
            c.SkipSpaces();
        }
        seconds = (int)Math.Min(total, int.MaxValue);
        return any;
    }
}
