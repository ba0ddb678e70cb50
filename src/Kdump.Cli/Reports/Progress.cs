using Kdump.Cli.Terminals;

namespace Kdump.Cli.Reports;

/// <summary>A progress bar on standard error; nothing is printed if that is not a terminal.</summary>
internal sealed class Progress(Context context, string what, long total) : IDisposable
{
    private const int Bars = 30;

    private readonly Lock gate = new();
    private readonly long start = Environment.TickCount64;
    private int shown = -1;

    /// <summary>Sets how much of the total is done. May be called from any thread.</summary>
    public void At(long done)
    {
        if (!context.Terminal.Progress || total <= 0)
            return;
        int percent = (int)(Math.Min(done, total) * 100 / total);
        lock (gate)
        {
            if (percent <= shown)
                return;
            shown = percent;
            int bars = percent * Bars / 100;
            string bar = new string('#', bars) + new string('.', Bars - bars);
            context.Error.Write($"\r{context.Terminal.Words.Of(what)} [{bar}] {percent,3} %{Left(done)}\x1b[K");
        }
    }

    /// <summary>Time left, once a second of it has shown how fast it goes.</summary>
    private string Left(long done)
    {
        long passed = Environment.TickCount64 - start;
        return passed < 1000 || done <= 0 || done >= total ? ""
            : ", " + context.Terminal.Words.Of($"{(long)Math.Ceiling(passed / 1000.0 * (total - done) / done)} s left");
    }

    public void Dispose()
    {
        lock (gate)
        {
            if (shown >= 0)
                context.Error.Write("\r\x1b[K");
            shown = -1;
        }
    }
}
