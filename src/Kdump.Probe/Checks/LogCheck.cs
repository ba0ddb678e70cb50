using System.Text;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Model;
using Kdump.Probe.Machine;

namespace Kdump.Probe.Checks;

/// <summary>
/// The kernel's log through /dev/kmsg, or syslog(2) if there is no such node. Reading does not wait, and removes nothing from the log.
/// </summary>
internal sealed class LogCheck : Check
{
    /// <summary>Maximum number of records to read; the default buffer has about 5000.</summary>
    private const int MaxRecords = 100_000;

    /// <summary>
    /// Buffer size in bytes: fits a record of PRINTKRB_RECORD_MAX with its dictionary. With a smaller buffer the read fails with EINVAL.
    /// </summary>
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
            // EPIPE: records were overwritten during reading; the next read continues with the oldest record.
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
