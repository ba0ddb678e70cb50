namespace Kdump.Diagnosis.Text;

/// <summary>How the lines of a text were folded by a mailer or a terminal.</summary>
/// <param name="Width">Columns: no line is longer.</param>
/// <param name="Hard">Lines were cut exactly at the width, also within words, as a terminal does.</param>
/// <param name="Plain">
/// Nothing stands before the lines of this text (time, host, program) that would show where one begins, so a continuation has to begin as
/// the middle of a sentence does.
/// </param>
internal readonly record struct CarrierFold(int Width, bool Hard, bool Plain)
{
    private const int Narrowest = 55, Widest = 101, WidestTerminal = 260, ShortestBefore = 60, NarrowestMail = 68, WidestMail = 80;

    /// <summary>A last word may miss the edge by a few columns, where the mailer counted its own quotation marks.</summary>
    private const int Slack = 3;

    /// <summary>Columns before the edge that tell one folded line from another.</summary>
    private const int Edge = 8;

    private enum Begins : byte
    {
        Nothing, AsRecord, AsMessage, InSentence, Otherwise,
    }

    private readonly record struct Row(string Text, int Length, Begins Begins)
    {
        public bool Goes => Begins is Begins.InSentence or Begins.Otherwise;
    }

    /// <summary>The fold of a block of lines; null where they were not folded.</summary>
    public static CarrierFold? Of(string[] lines, Carrier carrier)
    {
        var made = new CarrierText();
        bool[] record = Array.ConvertAll(lines, l => Carried(KernelLine.Parse(made.Bare(carrier, l))));
        int records = record.Count(r => r), longest = lines.Max(l => l.Length);
        string[] texts = carrier.Quoted ? Array.ConvertAll(lines, l => Carrier.Unquoted(l).ToString()) : lines;
        bool plain = records * 4 < lines.Length && !(records > 1 && OnlyLong(lines, texts, record, longest));
        var rows = new Row[lines.Length];
        for (int i = 0; i < lines.Length; i++)
            rows[i] = new(texts[i], lines[i].Length, record[i] ? Begins.AsRecord : BeginningOf(texts[i], plain));
        if (HardAt(rows, longest, plain))
            return new(longest, Hard: true, plain);
        return (plain ? SoftPlain(rows, longest) : SoftBehindRecords(rows, longest, records)) is { } width
            ? new(width, Hard: false, plain) : null;
    }

    /// <summary>
    /// Records that are long, each folded into many lines: nearly all lines begin in the midst of one, and before each of those there was
    /// no place for its first word.
    /// </summary>
    private static bool OnlyLong(string[] lines, string[] texts, bool[] record, int longest)
    {
        int rest = 0;
        for (int i = 1; i < lines.Length; i++)
        {
            if (record[i] || string.IsNullOrWhiteSpace(texts[i]))
                continue;
            if (!HasNoPlace(longest, lines[i - 1].Length, texts[i]))
                return false;
            rest++;
        }
        return record[0] && rest > 2 && longest is >= ShortestBefore and <= Widest;
    }

    /// <summary>Whether a line is the rest of the one before it, which was <paramref name="before"/> columns wide.</summary>
    public bool Joins(int before, in TextLine line)
    {
        if (line.Text.IsEmpty || Carried(line.Kernel))
            return false;
        Begins begins = BeginningOf(line.Text, Plain);
        if (Plain && begins != Begins.InSentence)
            return false;
        return Hard ? before >= Width - 1 : HasNoPlace(Width, before, line.Text) && (!Plain || before >= ShortestBefore);
    }

    /// <summary>It begins as a record of a log does, the kernel's or a program's.</summary>
    public static bool Carried(in KernelLine line) => line.Stamped || line.Foreign;

    /// <summary>
    /// A terminal: no line is longer than its width, each that fills it goes on in the next (and one of them within a word), and hardly
    /// any other does.
    /// </summary>
    private static bool HardAt(Row[] rows, int width, bool plain)
    {
        if (width is < ShortestBefore or > WidestTerminal)
            return false;
        int full = 0, within = 0, others = 0;
        bool alike = true;
        string? edge = null;
        for (int i = 0; i + 1 < rows.Length; i++)
        {
            bool sentence = rows[i + 1].Begins == Begins.InSentence, goes = plain ? sentence : rows[i + 1].Goes;
            if (rows[i].Length != width)
            {
                // A blank at the edge is not stored.
                others += sentence && rows[i].Begins != Begins.Nothing && rows[i].Length != width - 1 ? 1 : 0;
                continue;
            }
            if (!goes)
                return false;
            full++;
            alike &= edge is null || edge == rows[i].Text[^Edge..];
            edge = rows[i].Text[^Edge..];
            within += char.IsAsciiLetterOrDigit(rows[i].Text[^1]) && char.IsAsciiLetterOrDigit(rows[i + 1].Text[0]) ? 1 : 0;
        }
        // The same line again and again was folded at one place, wherever that is.
        return within > 0 && (!alike || width is 80 or 100 or 120 or 132 or 160) && others * 3 <= full;
    }

    /// <summary>Lines without a stamp follow stamped ones whose width left no place for their first word.</summary>
    private static int? SoftBehindRecords(Row[] rows, int longest, int records)
    {
        int pairs = 0, width = 0;
        bool sentences = true, speakers = false;
        for (int i = 1; i < rows.Length; i++)
        {
            if (rows[i - 1].Begins != Begins.AsRecord || rows[i].Begins is Begins.AsRecord or Begins.Nothing)
                continue;
            pairs++;
            width = Math.Max(width, rows[i - 1].Length);
            sentences &= rows[i].Begins == Begins.InSentence;
            speakers |= BeginsWithSpeaker(rows[i].Text);
        }
        // Where long words follow (addresses), no line that was folded comes near the width, and others fill it.
        if (longest > width + 4 && longest <= Widest)
            width = longest;
        if (pairs == 0 || width is < Narrowest or > Widest || longest > width + 4)
            return null;
        int full = 0;
        for (int i = 1; i < rows.Length; i++)
        {
            if (rows[i - 1].Begins == Begins.AsRecord && rows[i].Goes && HasNoPlace(width, rows[i - 1].Length, rows[i].Text))
                full++;
        }
        bool many = pairs >= 3 && pairs * 12 >= records && full * 10 >= pairs * 8;
        // Few lines show little, and then all of them have to fit.
        bool few = full == pairs && width >= ShortestBefore && !speakers && (sentences || pairs > 1);
        return many || few ? width : null;
    }

    /// <summary>Nothing marks a beginning: the middle of a sentence follows a line that had no place for its first word.</summary>
    private static int? SoftPlain(Row[] rows, int longest)
    {
        if (longest is < ShortestBefore or > Widest)
            return null;
        int pairs = 0, others = 0;
        for (int i = 1; i < rows.Length; i++)
        {
            if (rows[i].Begins != Begins.InSentence || rows[i - 1].Begins == Begins.Nothing)
                continue;
            if (rows[i - 1].Length >= ShortestBefore && rows[i - 1].Text[^1] is not ('.' or ':' or ';' or '!' or '?') &&
                !FirstWord(rows[i - 1].Text).SequenceEqual(FirstWord(rows[i].Text)) &&
                HasNoPlace(longest, rows[i - 1].Length, rows[i].Text))
                pairs++;
            else
                others++;
        }
        // One pair alone: at the width of mails.
        return (pairs > 1 || (pairs == 1 && longest is >= NarrowestMail and <= WidestMail)) && others * 3 <= pairs ? longest : null;
    }

    /// <param name="plain">Nothing stands before records: then a name and a colon begin one, and a path may.</param>
    private static Begins BeginningOf(ReadOnlySpan<char> text, bool plain)
    {
        if (text.IsWhiteSpace())
            return Begins.Nothing;
        if (CarrierLearner.BeginsMessage(text) || (plain && BeginsWithSpeaker(text)))
            return Begins.AsMessage;
        bool clock = text.Length > 4 && text[2] == ':' && char.IsAsciiDigit(text[0]);
        bool within = text[0] switch
        {
            ',' or ')' => true,
            '(' => text.Length > 1 && !char.IsAsciiLetterUpper(text[1]),
            '/' or '=' or '+' or '"' or '\'' => !plain,
            '-' => text.Length > 1 && char.IsAsciiLetterOrDigit(text[1]),
            char c => char.IsAsciiLetterLower(c) || (char.IsAsciiDigit(c) && !clock),
        };
        return within ? Begins.InSentence : Begins.Otherwise;
    }

    /// <summary><c>mount: </c>, <c>dracut[E]: </c>, <c>x8 : </c>: a program, a driver or a register, and what is said of it.</summary>
    private static bool BeginsWithSpeaker(ReadOnlySpan<char> text)
    {
        int colon = text[..Math.Min(text.Length, 48)].IndexOf(": ", StringComparison.Ordinal);
        ReadOnlySpan<char> name = colon < 0 ? [] : text[..colon].TrimEnd(' ');
        return name.ContainsAnyExcept("0123456789") && !name.Contains(' ');
    }

    private static bool HasNoPlace(int width, int before, ReadOnlySpan<char> next) => before + 1 + FirstWord(next).Length > width - Slack;

    private static ReadOnlySpan<char> FirstWord(ReadOnlySpan<char> text)
    {
        text = text.TrimStart(' ');
        int end = text.IndexOf(' ');
        return end < 0 ? text : text[..end];
    }
}
