namespace Kdump.Diagnosis.Text;

/// <summary>
/// A printk line without what its transport put before it: <c>&lt;6&gt;</c>, <c>[   57.333334]</c>, <c>[    T1]</c>, syslog, RFC 5424 and
/// journal prefixes up to <c>kernel: </c>, ISO time stamps of console servers, <c>kern  :info  :</c> of <c>dmesg -x</c>, the records of
/// /dev/kmsg, <c>login: </c> prompts and notes about dropped messages that stand on the same line.
/// </summary>
public readonly ref struct KernelLine
{
    private KernelLine(ReadOnlySpan<char> message, double? time, int caller, int? priority, bool stamped, bool foreign)
    {
        Message = message;
        Time = time;
        Caller = caller;
        Priority = priority;
        Stamped = stamped;
        Foreign = foreign;
    }

    /// <summary>The kernel's own text.</summary>
    public ReadOnlySpan<char> Message { get; }

    /// <summary>Seconds since the kernel started, where printed.</summary>
    public double? Time { get; }

    /// <summary>
    /// Who printed it (CONFIG_PRINTK_CALLER): a thread id + 1, minus a CPU number - 1 outside of tasks; 0 where not printed.
    /// </summary>
    public int Caller { get; }

    /// <summary>How bad the kernel thinks it is, 0 (emergency) to 7 (debug), where the transport tells.</summary>
    public int? Priority { get; }

    /// <summary>A prefix showed that the kernel wrote it; without one it may be anybody's line.</summary>
    public bool Stamped { get; }

    /// <summary>A prefix showed that somebody else wrote it: another tag of a syslog, a facility that is not the kernel's.</summary>
    public bool Foreign { get; }

    public static KernelLine Parse(ReadOnlySpan<char> text)
    {
        var prefix = new TransportPrefix(text);
        ReadOnlySpan<char> message = prefix.Strip();
        return new(message, prefix.Time, prefix.Caller, prefix.Priority, prefix.Stamped, prefix.Foreign);
    }
}
