using System.Text;

namespace Kdump.Diagnosis.Text;

/// <summary>
/// Splits a stream into lines without trusting it: any bytes (invalid UTF-8 becomes U+FFFD), CR, LF or CRLF ends, progress bars
/// that redraw with bare CR, lines without end (cut at <see cref="MaxLine"/> characters, the rest skipped). Memory is fixed.
/// </summary>
public sealed class LineReader(string input, Stream stream)
{
    /// <summary>Characters of a line that are kept; console lines are at most about 1000.</summary>
    public const int MaxLine = 8192;

    /// <summary>
    /// Characters of a row of /proc/interrupts that are kept: a column of 11 for each of 8192 CPUs (show_interrupts() in
    /// kernel/irq/proc.c), and the words around them. Only lines below a header of CPUs may be so long.
    /// </summary>
    public const int MaxRow = 8192 * 12;

    private readonly byte[] bytes = new byte[32 * 1024];
    private readonly char[] chars = new char[32 * 1024 + 16];
    private char[] line = new char[MaxLine];
    private readonly Decoder decoder = Encoding.UTF8.GetDecoder();
    private int count;
    private int used;
    private bool lastWasCr;

    /// <summary>A header of /proc/interrupts was seen that is longer than the limit for other lines.</summary>
    private bool rows;

    private bool ended;

    /// <summary>
    /// True if the buffer contains neither NUL nor ESC, which is usual: one search of the buffer saves a search of each line.
    /// </summary>
    private bool plain;

    private bool ascii;

    /// <summary>The buffer holds the end of a panic's line, as the kernel writes it or as somebody typed it.</summary>
    private bool panics;

    /// <summary>The buffer holds an escape that a tool wrote in letters (^[, #033, \x1b, \033).</summary>
    private bool spelled;

    public string Input { get; } = input;

    /// <summary>True if the last line is known to be ASCII only; false if not checked.</summary>
    internal bool Ascii { get; private set; }

    /// <summary>False if the last line is known to hold no words of a panic: one search of the buffer saves two of each line.</summary>
    internal bool MayPanic { get; private set; } = true;

    /// <summary>Lines here may hold colours whose escape is spelled in letters.</summary>
    internal bool Spelled => spelled;

    /// <summary>1-based number of the line read last.</summary>
    public long Number { get; private set; }

    /// <summary>A NUL was seen in the lines so far, so this is hardly text.</summary>
    public bool Binary { get; private set; }

    /// <summary>Chooses the lines that are handed out; null for all. The others are still counted.</summary>
    public LineFilter? Only { get; init; }

    /// <summary>Blogs and manuals typeset 0x10 as 0\u00d710, with the sign of a multiplication.</summary>
    private static void Untypeset(Span<char> text)
    {
        const char Times = '\u00d7';
        for (int at = text.IndexOf(Times), from = 0; at >= 0;)
        {
            int i = from + at;
            if (i > 0 && text[i - 1] == '0' && i + 1 < text.Length && char.IsAsciiHexDigit(text[i + 1]))
                text[i] = 'x';
            from = i + 1;
            at = text[from..].IndexOf(Times);
        }
    }

    /// <summary>Reads the next line; false at the end. The span is valid until the next call.</summary>
    public bool Next(out TextLine text)
    {
        while (Read(out text))
        {
            if (Only is null || Only(text.Text))
                return true;
        }
        return false;
    }

    private bool Read(out TextLine text)
    {
        int length = 0;
        bool any = false;
        for (;;)
        {
            if (used == count && !Fill())
            {
                if (!any)
                {
                    text = default;
                    return false;
                }
                break;
            }
            if (lastWasCr && chars[used] == '\n')
            {
                lastWasCr = false;
                used++;
                continue;
            }
            lastWasCr = false;
            any = true;
            Span<char> rest = chars.AsSpan(used, count - used);
            int end = rest.IndexOfAny('\n', '\r');
            Span<char> part = end < 0 ? rest : rest[..end];
            used += end < 0 ? rest.Length : end + 1;
            Binary = Binary || (!plain && part.Contains('\0'));
            if (end >= 0)
            {
                lastWasCr = rest[end] == '\r';
                // Nearly every line is completely in the buffer: return it without copying.
                if (length == 0)
                {
                    part = part[..Math.Min(part.Length, part.Length > MaxLine ? Most(part) : MaxLine)];
                    part = part[..WithoutShownReturn(part)];
                    Number++;
                    (Ascii, MayPanic) = (ascii, panics);
                    text = new TextLine(Input, Number, plain ? part : part[..StripColour(part)]);
                    return true;
                }
            }
            int most = MaxLine;
            if (length + part.Length > MaxLine)
            {
                most = Math.Max(Most(length > 0 ? line.AsSpan(0, length) : part), length);
                if (most > line.Length)
                    Array.Resize(ref line, most);
            }
            int fits = Math.Min(part.Length, most - length);
            part[..fits].CopyTo(line.AsSpan(length));
            length += fits;
            if (end >= 0)
                break;
        }
        Number++;
        (Ascii, MayPanic) = (false, true);
        text = new TextLine(Input, Number, line.AsSpan(0, StripColour(line.AsSpan(0, length))));
        return true;
    }

    /// <summary>A serial console's carriage return as <c>cat -v</c> and <c>less</c> show it: <c>^M</c> at the end of each line.</summary>
    private static int WithoutShownReturn(ReadOnlySpan<char> part)
    {
        int length = part.Length;
        while (length > 2 && part[length - 1] == 'M' && part[length - 2] == '^')
            length -= 2;
        return length;
    }

    /// <summary>How many characters of a line longer than usual are kept.</summary>
    private int Most(ReadOnlySpan<char> begin)
    {
        ReadOnlySpan<char> words = begin.TrimStart(" \t");
        if (words.StartsWith("CPU", StringComparison.Ordinal) && words[..Math.Min(words.Length, 64)].Count("CPU") > 1)
        {
            rows = true;
            return MaxRow;
        }
        return rows && words.IndexOf(':') is > 0 and <= 12 ? MaxRow : MaxLine;
    }

    /// <summary>Steps over empty lines without handing them out one by one; they are counted.</summary>
    public void SkipEmptyLines()
    {
        while (!lastWasCr && (used < count || Fill()))
        {
            int run = chars.AsSpan(used, count - used).IndexOfAnyExcept('\n');
            int empty = run < 0 ? count - used : run;
            Number += empty;
            used += empty;
            if (run >= 0)
                return;
        }
    }

    private bool Fill()
    {
        while (!ended)
        {
            int n = stream.Read(bytes, 0, bytes.Length);
            ended = n == 0;
            count = decoder.GetChars(bytes, 0, n, chars, 0, flush: ended);
            used = 0;
            WithoutHoles();
            plain = !chars.AsSpan(0, count).ContainsAny('\0', '\x1b');
            ascii = System.Text.Ascii.IsValid(chars.AsSpan(0, count));
            if (!ascii)
                Untypeset(chars.AsSpan(0, count));
            spelled = SpelledColour.In(chars.AsSpan(0, count));
            // What is taken out of a line may stand within the words.
            panics = !plain || !ascii || spelled || TypedPanic.In(chars.AsSpan(0, count));
            if (count > 0)
                return true;
        }
        return false;
    }

    /// <summary>
    /// Takes out blocks of NULs: what a file system leaves in a log where the machine lost power while it was written. The lines before and
    /// after such a block are text; a few NULs stay, and show that this is hardly text.
    /// </summary>
    private void WithoutHoles()
    {
        const int Hole = 64;
        Span<char> text = chars.AsSpan(0, count);
        int to = text.IndexOf('\0');
        if (to < 0)
            return;
        for (int i = to; i < text.Length;)
        {
            int run = text[i..].IndexOfAnyExcept('\0');
            run = run < 0 ? text.Length - i : run;
            if (run < Hole)
            {
                text.Slice(i, run).CopyTo(text[to..]);
                to += run;
            }
            i += run;
            int next = i == text.Length ? 0 : text[i..].IndexOf('\0');
            next = next < 0 ? text.Length - i : next;
            text.Slice(i, next).CopyTo(text[to..]);
            to += next;
            i += next;
        }
        count = to;
    }

    /// <summary>Removes ECMA-48 control sequences (ESC [ … final byte) in place; returns the new length.</summary>
    private static int StripColour(Span<char> text)
    {
        int to = text.IndexOf('\x1b');
        if (to < 0)
            return text.Length;
        for (int i = to; i < text.Length; i++)
        {
            if (text[i] != '\x1b')
            {
                text[to++] = text[i];
                continue;
            }
            if (i + 1 < text.Length && text[i + 1] == '[')
            {
                i += 2;
                while (i < text.Length && text[i] is >= ' ' and <= '?')
                    i++;
            }
            else
                i++;
        }
        return to;
    }
}
