using System.Globalization;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Times;

/// <summary>A line whose text says what time it was in UTC when it was printed, whatever clock its prefix shows.</summary>
public sealed record ClockAnchor(Source Source, double UnixSeconds) : Fact(Source)
{
    /// <summary>2001 to 2100: a clock whose battery is dead starts before that.</summary>
    public static bool Plausible(double seconds) => seconds is > 1e9 and < 4.1e9;
}

/// <summary>
/// The lines of a kernel that hold a time: <c>rtc_cmos 00:00: setting system clock to 2026-11-21T02:11:35 UTC (1763691095)</c>
/// (drivers/rtc/class.c, and hctosys.c before 5.5) and <c>audit: type=2000 audit(1763691095.515:1)</c> (kernel/audit.c).
/// </summary>
public sealed class ClockAnchors : LineParser
{
    private const string Rtc = "setting system clock to ", Audit = " audit(1";

    /// <summary>The most of one boot: the first tell the time at the start, the last the time that was set later.</summary>
    private const int MaxOfBoot = 64;

    private Boot? boot;
    private int count;

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs => [Rtc, Audit];

    public override bool Line(in TextLine line, Facts facts)
    {
        KernelLine kernel = line.Kernel;
        // A machine with auditing prints its time a thousand times.
        if (boot == facts.Boot && count >= MaxOfBoot)
            return false;
        if (kernel.Foreign || Time(kernel.Message) is not double seconds || !ClockAnchor.Plausible(seconds))
            return false;
        if (boot != facts.Boot)
            (boot, count) = (facts.Boot, 0);
        if (count++ < MaxOfBoot)
            facts.Add(new ClockAnchor(line.ToSource(), seconds));
        return false;
    }

    public override void End(Facts facts) => (boot, count) = (null, 0);

    private static double? Time(ReadOnlySpan<char> message)
    {
        int at = message.IndexOf(Rtc, StringComparison.Ordinal);
        int open = at < 0 ? message.IndexOf(Audit, StringComparison.Ordinal) + " audit".Length : at + message[at..].IndexOf('(');
        ReadOnlySpan<char> rest = message[(open + 1)..];
        int end = rest.IndexOfAny(')', ':');
        return end > 0 && double.TryParse(rest[..end], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds)
            ? seconds : null;
    }
}
