using System.Buffers;
using System.Text;

namespace Kdump.Diagnosis.Text;

/// <summary>
/// The lines of a text without what carried them here. Forms that are known (<see cref="KernelLine"/>) pass untouched; any other is
/// learnt from a block of lines by <see cref="CarrierLearner"/>, and learnt again when lines stop fitting. One pass, bounded memory:
/// only a log that runs backwards is held, up to <see cref="MaxTurned"/> characters at a time.
/// </summary>
public sealed class CarrierReader(LineReader reader)
{
    private const int BlockLines = 160, BlockChars = 64 * 1024;

    /// <summary>So many lines that show nothing of the kernel, and the next block is looked at.</summary>
    private const int FirstPatience = 48, LastPatience = 512;

    /// <summary>A form may fit and leave something over: now and then a block is looked at in any case.</summary>
    private const int FirstLook = 4096, LastLook = 1 << 18;

    private const int MaxTurned = 1 << 26;

    private static readonly SearchValues<char> oddBlanks = SearchValues.Create(
        "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200e\u200f\u202f\u205f\u3000\ufeff");

    private readonly char[] store = new char[BlockChars + LineReader.MaxRow];
    private readonly List<HeldLine> held = new(BlockLines);
    private readonly Stack<(long Number, string Text)> turned = new();
    private readonly char[] clean = new char[LineReader.MaxLine];
    private readonly CarrierText made = new();
    private readonly SplitRecord split = new();
    private readonly AtaResult result = new();
    private int at;
    private int misses;
    private int patience = FirstPatience;
    private int sinceLook;
    private int lookAfter = FirstLook;
    private bool look = true;
    private Carrier? carrier;
    private string? glued;
    private long gluedNumber;

    /// <summary>The line at hand holds many records: how they begin.</summary>
    private char many;
    private string? before;
    private bool spacedText;
    private Row? kept;

    public string Input => reader.Input;

    public bool Binary => reader.Binary;

    /// <summary>Reads the next line; false at the end. Its spans are valid until the next call.</summary>
    public bool Next(out TextLine line)
    {
        if (!NextLine(out line))
            return false;
        split.Join(ref line);
        result.Join(ref line);
        return true;
    }

    private bool NextLine(out TextLine line)
    {
        if (kept is null && carrier?.Fold is null)
        {
            if (carrier is null && at >= held.Count && !look && glued is null)
                return NextPlain(out line);
            if (!NextCarried(out line))
                return false;
            // Learnt just now: the block's first line may be folded.
            if (carrier?.Fold is null)
                return true;
            kept = new(line);
        }
        return Unfolded(out line);
    }

    /// <summary>Nothing was learnt, because every line so far was of a known form: most logs are read here from end to end.</summary>
    private bool NextPlain(out TextLine line)
    {
        if (!reader.Next(out line))
            return false;
        if ((!reader.Ascii || reader.Spelled || MangledBrackets.In(line.Text)) && HasOdd(line.Text))
            line = Bare(line.Number, line.Text);
        Watch(line);
        Unglue(ref line, reader.MayPanic);
        return true;
    }

    /// <summary>Joins lines that a mailer wrapped: a line without a time stamp whose first word did not fit on the previous line.</summary>
    private bool Unfolded(out TextLine line)
    {
        if (kept is null && NextCarried(out TextLine first))
            kept = new(first);
        if (kept is not { } row)
        {
            line = default;
            return false;
        }
        kept = null;
        int width = row.Raw.Length;
        while (NextCarried(out TextLine next))
        {
            if (carrier?.Fold is not { } fold || !fold.Joins(width, next) || row.Text.Length > LineReader.MaxLine / 2)
            {
                kept = new(next);
                break;
            }
            row.Text = fold.Hard && width == fold.Width ? $"{row.Text}{next.Text}"
                : $"{row.Text.TrimEnd()} {next.Text.TrimStart()}";
            width = next.Raw.Length;
        }
        line = new TextLine(Input, row.Number, row.Text, row.Raw) { Backwards = row.Backwards };
        return true;
    }

    private bool NextCarried(out TextLine line)
    {
        for (;;)
        {
            if (glued is { } rest)
            {
                glued = null;
                line = new TextLine(Input, gluedNumber, rest);
                if (many != '\0')
                    Unglue(ref line);
                return true;
            }
            if (turned.TryPop(out (long Number, string Text) last))
                line = Bare(last.Number, last.Text, backwards: true);
            else if (at < held.Count)
            {
                HeldLine kept = held[at++];
                line = Bare(kept.Number, store.AsSpan(kept.Start, kept.Length));
            }
            else if (look)
            {
                look = false;
                if (!Look())
                {
                    line = default;
                    return false;
                }
                continue;
            }
            else if (carrier?.Backwards == true)
            {
                if (!Turn())
                {
                    line = default;
                    return false;
                }
                continue;
            }
            else if (reader.Next(out TextLine next))
            {
                line = carrier is null && !HasOdd(next.Text) ? next : Bare(next.Number, next.Text);
                Watch(line);
            }
            else
            {
                line = default;
                return false;
            }
            if ((carrier?.Records == true && made.Dropped) || (carrier?.Twice == true && IsRepeated(line)) ||
                (carrier?.Spaced == true && IsGap(line)))
                continue;
            Unglue(ref line);
            return true;
        }
    }

    /// <summary>Steps over empty lines without handing them out one by one; they are counted.</summary>
    public void SkipEmptyLines()
    {
        if (at >= held.Count && turned.Count == 0 && kept is null && carrier?.Backwards != true)
            reader.SkipEmptyLines();
    }

    /// <summary>Fills a block and learns from it; false at the end of the input.</summary>
    private bool Look()
    {
        held.Clear();
        at = 0;
        int used = 0;
        while (held.Count < BlockLines && used < BlockChars && reader.Next(out TextLine next))
        {
            next.Text.CopyTo(store.AsSpan(used));
            held.Add(new(used, next.Text.Length, next.Number));
            used += next.Text.Length;
        }
        if (held.Count == 0)
            return false;
        var lines = new string[held.Count];
        for (int i = 0; i < lines.Length; i++)
        {
            ReadOnlySpan<char> text = store.AsSpan(held[i].Start, held[i].Length);
            lines[i] = (HasOdd(text) ? Cleaned(text) : text).ToString();
        }
        Carrier? learnt = CarrierLearner.Learn(lines);
        patience = learnt is null ? Math.Min(patience * 2, LastPatience) : FirstPatience;
        lookAfter = Math.Min(lookAfter * 2, LastLook);
        // Keep the earlier prefix until a new one is learnt: a part without it may be followed by one with it.
        carrier = learnt ?? carrier;
        misses = sinceLook = 0;
        if (carrier?.Backwards == true)
            Turn();
        return true;
    }

    /// <summary>Takes what was held and all that follows, newest first, and turns it round; false when nothing is left.</summary>
    private bool Turn()
    {
        long size = 0;
        for (; at < held.Count; at++)
            turned.Push((held[at].Number, new string(store, held[at].Start, held[at].Length)));
        while (size < MaxTurned && reader.Next(out TextLine next))
        {
            size += next.Text.Length + 32;
            turned.Push((next.Number, next.Text.ToString()));
        }
        return turned.Count > 0;
    }

    /// <summary>Counts lines that no form fits.</summary>
    private void Watch(in TextLine line)
    {
        if (line.Kernel.Stamped || made.Fitted)
            misses = 0;
        else if (line.Text.Length > 0)
            misses++;
        made.Fitted = false;
        look = misses > patience || ++sinceLook > lookAfter;
    }

    private TextLine Bare(long number, ReadOnlySpan<char> raw, bool backwards = false)
    {
        ReadOnlySpan<char> text = HasOdd(raw) ? Cleaned(raw) : raw;
        if (carrier is { } known)
            text = made.Bare(known, text);
        return new TextLine(Input, number, text, raw) { Backwards = backwards };
    }

    /// <summary>Nearly all lines are ASCII, and that is seen at once.</summary>
    private bool HasOdd(ReadOnlySpan<char> text) => (!Ascii.IsValid(text) && text.ContainsAny(oddBlanks)) ||
        (reader.Spelled && SpelledColour.In(text)) || MangledBrackets.In(text);

    /// <summary>Blanks of other scripts and of web pages become blanks; marks without width go.</summary>
    private ReadOnlySpan<char> Cleaned(ReadOnlySpan<char> raw)
    {
        if (reader.Spelled && SpelledColour.In(raw))
            raw = SpelledColour.Off(raw);
        int length = 0;
        foreach (char c in raw[..Math.Min(raw.Length, clean.Length)])
        {
            if (c < 0x80 || !oddBlanks.Contains(c))
                clean[length++] = c;
            else if (c is not ('\u200b' or '\u200e' or '\u200f' or '\ufeff'))
                clean[length++] = ' ';
        }
        MangledBrackets.Mend(clean.AsSpan(0, length));
        return clean.AsSpan(0, length);
    }

    /// <summary>Two consoles on one wire print each line twice.</summary>
    private bool IsRepeated(in TextLine line)
    {
        bool same = before is not null && line.Raw.SequenceEqual(before) && line.Text.Length > 0;
        before = same ? null : line.Raw.ToString();
        return same;
    }

    /// <summary>The empty line that follows each line. Another one behind it is the text's own.</summary>
    private bool IsGap(in TextLine line)
    {
        bool gap = line.Text.IsEmpty && spacedText;
        spacedText = !line.Text.IsEmpty;
        return gap;
    }

    /// <summary>
    /// A panic behind an unfinished line is a line of its own: <c>Unpacking initramfs...&lt;0&gt;Kernel panic - …</c>; a log that was
    /// pasted as one line is taken apart at its stamps.
    /// </summary>
    private void Unglue(ref TextLine line, bool mayPanic = true)
    {
        if ((many != '\0' || line.Text.Length >= GluedRecords.Shortest) && GluedRecords.Next(line.Text, ref many) is > 0 and var cut)
        {
            Cut(ref line, cut);
            return;
        }
        many = '\0';
        if (!mayPanic)
            return;
        if (TypedPanic.Meant(line.Text) is { } meant)
            line = new TextLine(line.Input, line.Number, meant, line.Raw) { Backwards = line.Backwards };
        const string Panic = TypedPanic.Words;
        int panic = line.Text.IndexOf(Panic, StringComparison.Ordinal);
        if (panic <= 0 || line.Text.Length - line.Kernel.Message.Length >= panic)
            return;
        ReadOnlySpan<char> head = line.Text[..panic];
        int from = panic;
        // "<0>", "[   12.345678] " or both may stand between.
        for (int i = Math.Max(0, panic - 48); i < panic; i++)
        {
            if (head[i] is '<' or '[' && KernelLine.Parse(line.Text[i..]) is { Stamped: true } inner &&
                line.Text.Length - inner.Message.Length == panic)
            {
                from = i;
                break;
            }
        }
        // A quotation, or a sentence that mentions a panic, is not a panic.
        if (from == panic && head[^1] is ' ' or '\t' or '"' or '\'' or '(' or '«' or '`' or '=')
            return;
        Cut(ref line, from);
    }

    private void Cut(ref TextLine line, int from)
    {
        glued = line.Text[from..].ToString();
        gluedNumber = line.Number;
        line = new TextLine(line.Input, line.Number, line.Text[..from].TrimEnd(), line.Raw) { Backwards = line.Backwards };
    }

    /// <summary>A line that waits for its other part.</summary>
    private sealed class Row(in TextLine line)
    {
        public string Text { get; set; } = line.Text.ToString();

        public string Raw { get; } = line.Raw.ToString();

        public long Number { get; } = line.Number;

        public bool Backwards { get; } = line.Backwards;
    }

    private readonly record struct HeldLine(int Start, int Length, long Number);
}
