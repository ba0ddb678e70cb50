using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Times;

/// <summary>When a crash happened by the clocks that its log shows.</summary>
/// <param name="Seconds">Since 1970.</param>
/// <param name="Utc">False: the local time of a place that the log does not name, counted as if it were UTC.</param>
public readonly record struct CrashTime(double Seconds, bool Utc)
{
    /// <param name="year">A moment near the crash (seconds since 1970), which gives the year where loggers write none.</param>
    /// <returns>Null where no line tells the time of day.</returns>
    public static CrashTime? Of(Crash crash, Facts facts, double year)
    {
        if (WallTime.Of(crash.Source.Plain) is { Utc: true } told)
            return new(told.Seconds, true);
        var clock = new BootClock();
        foreach (Fact fact in facts.All.Where(f => f.Boot == crash.Boot && f.Source.Line > 0))
            clock.Learn(fact.Source, (fact as ClockAnchor)?.UnixSeconds);
        clock.Settle();
        double? kernel = KernelLine.Parse(crash.Source.Plain).Time;
        if (kernel is double since && clock.UtcOf(since) is double utc)
            return new(utc, true);
        if (WallTime.Of(crash.Source.Plain) is { } wall)
            return clock.UtcOf(wall) is double known ? new(known, true) : new(wall.InYearOf(year), false);
        return kernel is double here && clock.LocalOf(here) is { } local ? new(local.InYearOf(year), false) : null;
    }
}
