using System.Text;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Model;

namespace Kdump.Probe.Machine;

/// <summary>Receives the kernel's uevents (netlink) and log records (/dev/kmsg) from the time this object is created.</summary>
internal sealed class KernelListener : IDisposable
{
    private const int Netlink = 16, Raw = 3, Uevents = 15;

    /// <summary>Maximum number of events and lines to keep; one bind produces a few dozen.</summary>
    private const int MaxKept = 400;

    private readonly byte[] buffer = new byte[8192];
    private readonly int socket;
    private readonly int kmsg;
    private LogFeed feed;

    public unsafe KernelListener()
    {
        socket = Libc.Socket(Netlink, Raw | Libc.NonBlock | Libc.CloseOnExec, Uevents);
        // The kernel sends to multicast group 1, udevd to group 2.
        var address = new Libc.NetlinkAddress { Family = Netlink, Groups = 1 };
        if (socket >= 0 && Libc.Bind(socket, &address, (uint)sizeof(Libc.NetlinkAddress)) != 0)
            Events.Add(new(new Source("netlink", ""), "error", "/cannot-listen", "", "", ""));
        kmsg = Libc.Open("/dev/kmsg", Libc.ReadOnly | Libc.NonBlock);
        if (kmsg >= 0)
            _ = Libc.Seek(kmsg, 0, 2);
        feed = new LogFeed("/dev/kmsg", Facts);
    }

    public List<Uevent> Events { get; } = [];

    public List<string> Log { get; } = [];

    /// <summary>The facts parsed from the log lines.</summary>
    public Facts Facts { get; private set; } = new();

    public void Clear()
    {
        Events.Clear();
        Log.Clear();
        Facts = new();
        feed = new LogFeed("/dev/kmsg", Facts);
    }

    /// <summary>Reads all events and records that are available now, without waiting.</summary>
    public void Poll() => _ = Take();

    /// <summary>Reads until nothing has arrived for <paramref name="quietMs"/> milliseconds, or for ten seconds at most.</summary>
    public void Settle(int quietMs)
    {
        long until = Libc.MonotonicMs() + 10_000, quiet = Libc.MonotonicMs() + quietMs;
        while (Libc.MonotonicMs() < Math.Min(until, quiet))
        {
            if (Take())
                quiet = Libc.MonotonicMs() + quietMs;
            Libc.Sleep(20);
        }
        feed.End();
    }

    public void Dispose()
    {
        if (socket >= 0)
            _ = Libc.Close(socket);
        if (kmsg >= 0)
            _ = Libc.Close(kmsg);
    }

    private bool Take()
    {
        bool any = false;
        int n;
        while (socket >= 0 && (n = Libc.Read(socket, buffer)) > 0)
        {
            any = true;
            if (Events.Count < MaxKept && Uevent.Parse("uevent", buffer.AsSpan(0, n)) is { } message)
                Events.Add(message);
        }
        while (kmsg >= 0 && ((n = Libc.Read(kmsg, buffer)) > 0 || (n < 0 && Libc.LastError == Libc.EPIPE)))
        {
            any = true;
            if (n <= 0)
                continue;
            feed.Record(buffer.AsSpan(0, n));
            string line = Encoding.UTF8.GetString(buffer, 0, n);
            int text = line.IndexOf(';'), end = line.IndexOf('\n');
            if (Log.Count < MaxKept && text >= 0)
                Log.Add(line[(text + 1)..(end < text ? line.Length : end)]);
        }
        return any;
    }
}
