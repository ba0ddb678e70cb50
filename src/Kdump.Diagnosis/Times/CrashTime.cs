using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Times;

/// <summary>The time of a crash, by the clocks in its log.</summary>
/// <param name="Seconds">Since 1970.</param>
/// <param name="Utc">False: local time in a zone that the log does not name, counted as if it were UTC.</param>
/// <param name="HasYear">False: the logger wrote no year, and another moment gave it.</param>
public readonly record struct CrashTime(double Seconds, bool Utc, bool HasYear = true)
{
    /// <summary>
    /// The date before a line, as its logger wrote it; without a year it is in 2000. Null: none, or one that dmesg -T made of the
    /// kernel's clock.
    /// </summary>
    public static CrashTime? Written(Source line) => !line.Plain.AsSpan().TrimStart().StartsWith("[", StringComparison.Ordinal) &&
        WallTime.Of(line.Plain) is { } wall ? new(wall.Seconds, wall.Utc, wall.HasYear) : null;

    /// <summary>
    /// The time that the line itself has: seconds of the kernel's clock, else the date as written, with or without a year; null:
    /// none.
    /// </summary>
    public static string? Stated(Source line) => KernelLine.Parse(line.Plain).Time is > 0 and double since
        ? since.ToString("f6", System.Globalization.CultureInfo.InvariantCulture)
        : WallTime.Of(line.Plain)?.Seconds.ToString("f6", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The latest moment of the lines that tell something; null: none of them has a time of day.</summary>
    public static CrashTime? Last(Facts facts, double year)
    {
        CrashTime? last = null;
        foreach (IGrouping<Boot?, Fact> boot in facts.All.Where(f => f.Source.Line > 0).GroupBy(f => f.Boot))
        {
            foreach (IGrouping<string, Fact> input in boot.GroupBy(f => f.Source.Input))
            {
                if (Of(input.MaxBy(f => f.Source.Line)!.Source, boot.Key, facts, year) is { } told && !(told.Seconds <= last?.Seconds))
                    last = told;
            }
        }
        return last;
    }

    /// <param name="year">A moment near the crash (seconds since 1970), which gives the year where loggers write none.</param>
    /// <returns>Null where no line tells the time of day.</returns>
    public static CrashTime? Of(Crash crash, Facts facts, double year) => Of(crash.Source, crash.Boot, facts, year);

    /// <inheritdoc cref="Of(Crash, Facts, double)"/>
    /// <param name="line">Of any other kind of trouble.</param>
    /// <param name="boot">The life in which it stands.</param>
    public static CrashTime? Of(Source line, Boot? boot, Facts facts, double year)
    {
        if (WallTime.Of(line.Plain) is { Utc: true } told)
            return new(told.Seconds, true);
        var clock = new BootClock();
        foreach (Fact fact in facts.All.Where(f => f.Boot == boot && f.Source.Line > 0))
            clock.Learn(fact.Source, (fact as ClockAnchor)?.UnixSeconds);
        clock.Settle();
        double? kernel = KernelLine.Parse(line.Plain).Time;
        if (kernel is double since && clock.UtcOf(since) is double utc)
            return new(utc, true);
        if (WallTime.Of(line.Plain) is { } wall)
            return clock.UtcOf(wall) is double known ? new(known, true)
                : new(wall.InYearOf(year), false, wall.HasYear);
        return kernel is double here && clock.LocalOf(here) is { } local ? new(local.InYearOf(year), false, local.HasYear) : null;
    }
}
