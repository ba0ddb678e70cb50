using System.Text;
using Kdump.Diagnosis;
using Kdump.Diagnosis.Evidence;

namespace Kdump.Probe;

/// <summary>
/// The kernel's log through /dev/kmsg, or syslog(2) where there is no such node. Nothing is waited for and nothing taken out of the log.
/// </summary>
internal sealed class LogCheck : Check
{
    /// <summary>Records that are read; the default buffer holds some 5000.</summary>
    private const int MaxRecords = 100_000;

    /// <summary>PRINTKRB_RECORD_MAX and its dictionary fit; a smaller buffer makes the kernel refuse with EINVAL.</summary>
    private const int RecordSize = 8192;

    public override string Name => "log";

    public override void Run(Root root, Facts facts)
    {
        var feed = new LogFeed("/dev/kmsg", facts);
        if (!Kmsg(root, feed) && !(root.IsLive && Syslog(feed)))
            facts.Add(new CheckFailed(new Source("/dev/kmsg", ""), Name, "neither /dev/kmsg nor syslog(2) can be read"));
        feed.End();
    }

    private static bool Kmsg(Root root, LogFeed feed)
    {
        int fd = root.Open("/dev/kmsg");
        if (fd < 0)
            return false;
        byte[] record = new byte[RecordSize];
        bool any = false;
        for (int n = 0; n < MaxRecords; n++)
        {
            int length = Libc.Read(fd, record);
            // EPIPE: records were overwritten while we read; the next read goes on with the oldest there is.
            if (length < 0 && Libc.LastError is Libc.EPIPE or Libc.EINTR)
                continue;
            if (length <= 0)
                break;
            any = true;
            feed.Record(record.AsSpan(0, length));
        }
        _ = Libc.Close(fd);
        return any;
    }

    private static bool Syslog(LogFeed feed)
    {
        byte[] buffer = new byte[256 * 1024];
        int length = Libc.KernelLog(buffer);
        if (length <= 0)
            return false;
        foreach (ReadOnlySpan<char> line in Encoding.UTF8.GetString(buffer, 0, length).AsSpan().EnumerateLines())
            feed.Line(line);
        return true;
    }
}

/// <summary>Hands log records to the parser as the lines that dmesg would print.</summary>
internal sealed class LogFeed(string input, Facts facts)
{
    private readonly Dmesg parser = new();
    private readonly Boot? live = facts.Boot;
    private long number;

    /// <summary>One read of /dev/kmsg: <c>6,339,5140900,-;text</c>, further lines of dictionary (Documentation/ABI/testing/dev-kmsg). A saved copy holds many.</summary>
    public void Record(ReadOnlySpan<byte> bytes)
    {
        foreach (ReadOnlySpan<char> line in Encoding.UTF8.GetString(bytes).AsSpan().EnumerateLines())
        {
            if (line.IsEmpty || line[0] == ' ')
                continue;
            int semicolon = line.IndexOf(';');
            var c = new TextCursor(semicolon < 0 ? default : line[..semicolon]);
            if (c.Number(out _) && c.Skip(",") && c.Number(out _) && c.Skip(",") && c.Number(out long microseconds) && microseconds >= 0)
                Line($"[{microseconds / 1_000_000,5}.{microseconds % 1_000_000:d6}] {Unescape(line[(semicolon + 1)..])}");
            else
                Line(line);
        }
    }

    public void Line(ReadOnlySpan<char> text)
    {
        // Our own report, written to the log before, is no evidence.
        if (!text.Contains("kdump-probe: ", StringComparison.Ordinal))
            parser.Line(new TextLine(input, ++number, text), facts);
    }

    public void End()
    {
        parser.End(facts);
        facts.Boot = live;
    }

    /// <summary>The kernel writes control characters and non-ASCII bytes as \xNN.</summary>
    private static string Unescape(ReadOnlySpan<char> text) => DeviceReference.Unescape(text.ToString());
}
