using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Times;

/// <summary>
/// What is known of the clocks of one kernel's life: how its seconds since the start, and its loggers' local time, become UTC.
/// </summary>
internal sealed class BootClock
{
    /// <summary>
    /// Most seconds by which a logger may be late and still read the same line: at boot it finds all that was printed before it
    /// started.
    /// </summary>
    private const double MaxLate = 120;

    /// <summary>In seconds: zones differ by quarters of an hour, and by less than a day.</summary>
    private const double Quarter = 900, MaxZone = 15 * 3600;

    /// <summary>In seconds: a clock that was set by more than this while the kernel ran cannot place its lines to the second.</summary>
    private const double Step = 5;

    private readonly List<(double Kernel, double Utc, Source Source)> anchors = [];
    private readonly List<(double Kernel, WallTime Wall, Source Source)> logged = [];

    /// <summary>Local time minus UTC, and when that was seen.</summary>
    private (double Ahead, double At)? zone;

    /// <summary>The line that shows both clocks, for a person to check.</summary>
    public Source? Joint { get; private set; }

    /// <summary>Seconds by which the clock was set while the kernel ran.</summary>
    public double Jump { get; private set; }

    /// <param name="utc">What the text of the line says; null for lines that are no <see cref="ClockAnchor"/>.</param>
    public void Learn(Source line, double? utc)
    {
        double? kernel = KernelLine.Parse(line.Plain).Time;
        WallTime? wall = WallTime.Of(line.Plain);
        if (utc is double now && kernel is double since)
            anchors.Add((since, now, line));
        if (utc is double then && wall is { Utc: false } place)
        {
            double ahead = place.InYearOf(then) - then, rounded = Math.Round(ahead / Quarter) * Quarter;
            if (Math.Abs(ahead - rounded) < MaxLate && Math.Abs(rounded) < MaxZone)
                (zone, Joint) = ((rounded, then), line);
        }
        if (kernel is double seconds && wall is { } logger)
            Learn(seconds, logger, line);
    }

    /// <summary>A moment of this kernel as a logger dated it.</summary>
    public void Learn(double kernel, WallTime wall, Source line) => logged.Add((kernel, wall, line));

    public void Settle()
    {
        if (anchors.Count > 0)
        {
            double first = anchors[0].Utc - anchors[0].Kernel;
            foreach ((double kernel, double utc, _) in anchors)
                Jump = Math.Max(Jump, Math.Abs(utc - kernel - first));
            Jump = Jump > Step ? Jump : 0;
            Joint ??= anchors[0].Source;
        }
        if (logged.Count > 0)
            Joint ??= logged[0].Source;
    }

    /// <summary>UTC of a moment of this kernel: by the nearest of its lines that holds a time in UTC, else by its loggers.</summary>
    public double? UtcOf(double kernel)
    {
        if (anchors.Count == 0)
            return Logged(kernel, utc: true)?.Seconds;
        (double Kernel, double Utc, Source Source) near = anchors.MinBy(a => Math.Abs(a.Kernel - kernel));
        return near.Utc - near.Kernel + kernel;
    }

    /// <summary>UTC of a local time that one of this kernel's loggers wrote.</summary>
    public double? UtcOf(WallTime wall) => zone is { } z ? wall.InYearOf(z.At) - z.Ahead : null;

    public WallTime? LocalOf(double kernel) => Logged(kernel, utc: false);

    /// <summary>
    /// A logger writes a line after the kernel, never before: the smallest difference of the two clocks is the most exact.
    /// </summary>
    private WallTime? Logged(double kernel, bool utc)
    {
        (double Kernel, WallTime Wall, Source Source)? best = null;
        foreach ((double Kernel, WallTime Wall, Source Source) l in logged)
        {
            if (l.Wall.Utc == utc && (best is not { } b || l.Wall.Seconds - l.Kernel < b.Wall.Seconds - b.Kernel))
                best = l;
        }
        return best is { } least ? least.Wall with { Seconds = least.Wall.Seconds - least.Kernel + kernel } : null;
    }
}
