using System.Globalization;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Text;
using Kdump.Sources.Inputs;

namespace Kdump.Cli.Reports;

/// <summary>
/// One line on standard error while inputs are read that take longer than a second: how much, how fast, how long it will take. It is
/// erased at the end; nothing is printed where standard error is no terminal.
/// </summary>
internal sealed class ReadingProgress : IDisposable
{
    private const int FirstMilliseconds = 1000, EveryMilliseconds = 250;

    private readonly Context context;
    private readonly Lock gate = new();
    private readonly Timer? timer;
    private readonly long before = BytesRead.Done, expectedBefore = BytesRead.Expected, start = Environment.TickCount64;
    private bool shown, ended;

    public ReadingProgress(Context context)
    {
        this.context = context;
        if (context.Terminal.Progress)
            timer = new(_ => Show(), null, FirstMilliseconds, EveryMilliseconds);
    }

    public void Dispose()
    {
        timer?.Dispose();
        lock (gate)
        {
            ended = true;
            if (shown)
                context.Error.Write("\r\x1b[K");
        }
    }

    private void Show()
    {
        long read = BytesRead.Done - before, expected = BytesRead.Expected - expectedBefore;
        lock (gate)
        {
            // A file's head takes no time: what takes it then is something else.
            if (ended || Line(read, expected, Environment.TickCount64 - start) is not { } line)
                return;
            shown = true;
            context.Error.Write($"\r{Columns.Cut(context.Terminal.Words.Of(line), context.Terminal.Columns - 1)}\x1b[K");
        }
    }

    /// <summary>The line; null while less than a megabyte was read.</summary>
    internal static string? Line(long read, long expected, long milliseconds)
    {
        if (read < 1 << 20)
            return null;
        double rate = read * 1000.0 / Math.Max(1, milliseconds);
        string of = expected > read ? $" of {Megabytes(expected)}" : "",
            left = expected > read ? $", {Math.Ceiling((expected - read) / rate).ToString(CultureInfo.InvariantCulture)} s left" : "";
        return $"reading: {Megabytes(read)}{of}, {Megabytes((long)rate)}/s{left}";
    }

    private static string Megabytes(long bytes) => bytes < 10 << 20
        ? $"{(bytes / 1048576.0).ToString("0.0", CultureInfo.InvariantCulture)} MB" : $"{bytes >> 20} MB";
}
