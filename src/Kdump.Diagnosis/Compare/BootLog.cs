using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Compare;

/// <summary>One line of a boot, in a form that the same line of another boot has as well.</summary>
/// <param name="Shape">The text without what differs from boot to boot: numbers, addresses, sizes.</param>
/// <param name="Device">Driver and device of a driver's line: <c>ahci 0000:00:17.0</c>.</param>
/// <param name="Trouble">Its words report a failure.</param>
public sealed record SaidLine(Source Source, string Message, string Shape, string? Device, bool Trouble);

/// <summary>The messages of one kernel: the boot with most lines of an input.</summary>
public sealed class BootLog
{
    /// <summary>Maximum number of lines to compare; later lines no longer belong to the boot process.</summary>
    private const int MaxLines = 100_000;

    private static readonly string[] Troubles =
    [
        "fail", "error", "unable to", "cannot", "can't", "timed out", "timeout", "not respond", "warning:", "bug:", "call trace", "oops",
        "invalid", "refus", "corrupt", "link down", "inaccessible", "aborting", "not ready", "killed process",
    ];

    /// <summary>Failure words in lines that report no failure.</summary>
    private static readonly string[] Calm = ["error handling enabled", "error reporting enabled", "errors=remount-ro", "correctable error"];

    private readonly List<SaidLine> lines = [];

    private BootLog(Boot boot) => Boot = boot;

    public Boot Boot { get; }

    public IReadOnlyList<SaidLine> Lines => lines;

    public static BootLog? Read(string input, Stream stream)
    {
        var facts = new Facts { Boot = new Boot(input, 0) };
        var parsers = new LineParsers([new Dmesg()]);
        var reader = new LineReader(input, stream);
        var boots = new Dictionary<Boot, BootLog>();
        long kept = 0;
        while (kept < MaxLines && reader.Next(out TextLine line))
        {
            parsers.Line(line, facts);
            KernelLine kernel = line.Kernel;
            if (kernel.Message.IsEmpty || !kernel.Stamped || facts.Boot is not { } boot)
                continue;
            if (!boots.TryGetValue(boot, out BootLog? log))
                boots[boot] = log = new BootLog(boot);
            log.Add(line);
            kept++;
        }
        parsers.End(facts);
        return boots.Values.MaxBy(b => b.lines.Count);
    }

    private void Add(in TextLine line)
    {
        string message = line.Kernel.Message.Trim().ToString();
        string? device = ProbeErrors.Speaker(message, out ReadOnlySpan<char> driver, out ReadOnlySpan<char> of, out _)
            ? $"{driver} {of}" : null;
        bool trouble = Troubles.Any(t => message.Contains(t, StringComparison.OrdinalIgnoreCase)) &&
            !Calm.Any(c => message.Contains(c, StringComparison.OrdinalIgnoreCase));
        lines.Add(new(line.ToSource(), message, ShapeOf(message, device), device, trouble));
    }

    /// <summary>
    /// Digits, and words of hexadecimal ones, become one sign; a negative number stays, because it is an error, and so does the
    /// name of the device.
    /// </summary>
    internal static string ShapeOf(string message, string? device)
    {
        int start = device is null || !message.StartsWith(device, StringComparison.Ordinal) ? 0 : device.Length;
        var shape = new System.Text.StringBuilder(message, 0, start, message.Length);
        for (int i = start; i < message.Length;)
        {
            if (!char.IsAsciiLetterOrDigit(message[i]))
            {
                shape.Append(message[i++]);
                continue;
            }
            int end = i;
            while (end < message.Length && char.IsAsciiLetterOrDigit(message[end]))
                end++;
            ReadOnlySpan<char> word = message.AsSpan(i, end - i);
            bool error = i > 1 && message[i - 1] == '-' && !char.IsAsciiLetterOrDigit(message[i - 2]);
            if (error || !word.ContainsAnyInRange('0', '9'))
                shape.Append(word);
            else if (word.StartsWith("0x", StringComparison.Ordinal) || (word.Length > 3 && word.IndexOfAnyExcept("0123456789abcdef") < 0))
                shape.Append('#');
            else
            {
                for (int c = 0; c < word.Length; c++)
                {
                    if (!char.IsAsciiDigit(word[c]))
                        shape.Append(word[c]);
                    else if (c == 0 || !char.IsAsciiDigit(word[c - 1]))
                        shape.Append('#');
                }
            }
            i = end;
        }
        return shape.ToString();
    }
}
