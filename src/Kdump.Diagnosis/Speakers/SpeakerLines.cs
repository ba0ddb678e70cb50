using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Speakers;

/// <summary>
/// Classifies every line of a log: which driver or program printed it, about what, and whether it reports a problem, independent of
/// the rules. Lines without a word of failure are skipped after the search that all parsers share.
/// </summary>
public sealed class SpeakerLines : LineParser
{
    public const int MaxNumbers = 64;

    /// <summary>The most speakers of one kernel's life that are kept: where more complain, they have one cause.</summary>
    private const int MaxSpeakers = 256;

    private const int MaxLines = 5, MaxHarmless = 512;

    /// <summary>In a text of more lines nothing slight is kept; the most speakers of such lines.</summary>
    private const int Piece = 150, MaxSlight = 16;

    /// <summary>
    /// The most shapes of lines that are kept; characters of a line that count; how many of them, at the front, with their numbers.
    /// </summary>
    private const int Shapes = 4096, MaxShape = 512, Front = 64;

    /// <summary>What a line was found to be: harmless, trouble of a speaker, or neither.</summary>
    private readonly record struct Judged(ulong Shape, HarmlessMessage? Harmless, Speaker? Speaker, Gravity Gravity, ulong Words)
    {
        /// <summary>Words that this speaker also uses for minor things.</summary>
        public bool Faint { get; init; }

        /// <summary>Words that mean nothing in a log; among few lines they may be all that a person selected.</summary>
        public bool Slight { get; init; }

        /// <summary>0 counts, 1 is faint, 2 is slight.</summary>
        public int Weight => (Faint ? 1 : 0) + (Slight ? 1 : 0);
    }

    private readonly Judged[] judged = new Judged[Shapes];
    private readonly Dictionary<(string, string?, PciAddress?, int), Trouble> troubles = [];
    private readonly Dictionary<HarmlessMessage, (Source First, long Count)> harmless = [];

    /// <summary>PCI addresses of devices with a name of their own: <c>nvme1</c> → <c>0000:02:00.0</c>.</summary>
    private readonly Dictionary<string, PciAddress> places = new(StringComparer.Ordinal);

    private long lines, boots, lastFilled;

    /// <summary>The previous line ended in a colon: its content may be in the next line, which then has no time stamp.</summary>
    private string announced = "", announces = "";
    private bool kernelSpoke;
    private Boot? boot, counted;
    private string? input;

    private sealed class Trouble(Speaker speaker, Boot? boot)
    {
        public Speaker Speaker { get; } = speaker;

        public Boot? Boot { get; } = boot;

        public bool Faint { get; init; }

        public bool Slight { get; init; }

        public Gravity Gravity { get; set; }

        public ulong Words { get; set; }

        public long Count { get; set; }

        public double? First { get; set; }

        public double? Last { get; set; }

        public long LastLine { get; set; }

        public bool Priority { get; set; }

        public List<(Gravity Gravity, ulong Words, Source Source)> Lines { get; } = [];

        public List<long> Numbers { get; } = [];
    }

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs { get; } = [.. TroubleWords.Signs, ": pci function ", ":err   :", ":crit  :",
        ":alert :", ":emerg :"];

    public override bool SeesAll => true;

    public override bool Pass(in TextLine line, Facts facts)
    {
        Count(line, facts);
        if (Urgent(line.Text))
            Look(line, facts, priority: true);
        return false;
    }

    public override bool Line(in TextLine line, Facts facts)
    {
        Count(line, facts);
        ReadOnlySpan<char> message = line.Kernel.Message;
        if (message.IndexOf(": pci function ", StringComparison.Ordinal) is > 0 and var at && message.StartsWith("nvme ",
            StringComparison.Ordinal) &&
            PciAddress.TryParse(message[(at + ": pci function ".Length)..].Trim(), out PciAddress bdf) && places.Count < MaxSpeakers)
            places[message[5..at].ToString()] = bdf;
        Look(line, facts, Urgent(line.Text));
        return false;
    }

    public override void End(Facts facts)
    {
        Flush(facts);
        // Words of failure alone must not turn any text into evidence.
        if (lines > 0 && input is not null && (facts.Any<RootSign>() || facts.Any<StartJob>()))
            facts.Add(new TextLength(new Source(input, ""), lines));
        if (lines > 0 && input is not null && kernelSpoke)
            facts.Add(new LinesRead(new Source(input, ""), lines, (int)Math.Max(1, boots)) { LastFilled = lastFilled });
        foreach ((HarmlessMessage message, (Source first, long count)) in harmless)
            facts.Add(new HarmlessLines(first, message, count));
        harmless.Clear();
        places.Clear();
        lines = boots = lastFilled = 0;
        boot = counted = null;
        kernelSpoke = false;
    }

    private void Count(in TextLine line, Facts facts)
    {
        lines++;
        announced = announces;
        ReadOnlySpan<char> said = line.Kernel.Message.TrimEnd(' ');
        lastFilled = said.IsEmpty ? lastFilled : line.Number;
        announces = line.Kernel.Stamped && said.Length is > 2 and < 64 && said[^1] == ':' ? said.ToString() : "";
        input ??= line.Input;
        kernelSpoke |= line.Kernel.Stamped;
        // What stands before a first kernel's first line (journalctl's own, a comment) is no boot.
        if (line.Kernel.Stamped && facts.Boot != counted)
        {
            counted = facts.Boot;
            boots++;
        }
        if (facts.Boot == boot)
            return;
        Flush(facts);
        boot = facts.Boot;
    }

    private void Look(in TextLine line, Facts facts, bool priority)
    {
        KernelLine kernel = line.Kernel;
        ReadOnlySpan<char> message = kernel.Message;
        if (announced.Length > 0 && !kernel.Stamped && line.Text.StartsWith(" ", StringComparison.Ordinal))
        {
            string whole = $"kernel: {announced} {line.Text.Trim()}";
            announced = "";
            Look(new TextLine(line.Input, line.Number, whole, line.Raw), facts, priority);
            return;
        }
        // A report of a driver's vendor holds settings and rules, with comments; a line of a log never begins like one.
        bool comment = lines > Piece && !kernel.Stamped && !kernel.Foreign && CommentLine.Is(line.Text);
        if (message.Length < 6 || message.StartsWith(ProbeMark.Prefix, StringComparison.Ordinal) || IsList(line.Text, message) ||
            IsOops(message) || comment)
            return;
        // Logs repeat messages: cache the result by the line's shape, if the shape determines it.
        ulong shape = kernel.Foreign ? 0 : ShapeOf(message, kernel.Stamped, priority);
        ref Judged known = ref judged[shape >> 52];
        if (shape != 0 && known.Shape == shape)
        {
            if (known.Harmless is { } again)
                Count(again, line);
            else if (known.Speaker is { } who)
                Add(line, who, known, priority);
            return;
        }
        Judged now = Judge(line, message, priority) with { Shape = shape };
        known = shape != 0 ? now : known;
        if (now.Harmless is { } message0)
            Count(message0, line);
        else if (now.Speaker is { } speaker)
            Add(line, speaker, now, priority);
    }

    private static Judged Judge(in TextLine line, ReadOnlySpan<char> message, bool priority)
    {
        ulong words = TroubleWords.In(message, out Gravity gravity);
        // A priority of error counts as much as a word of failure.
        if (priority && gravity < Gravity.Plain)
            gravity++;
        if (gravity == Gravity.None)
            return default;
        if (Harmless.Find(line.Text) is { } known)
            return new(0, known, null, gravity, words);
        Speaker speaker = SpeakerForms.Of(line);
        if (speaker.Name == "kdump-probe")
            return default;
        if (speaker.Name == "systemd" && Announces(message))
            return default;
        // systemd and its generators write so of what they go on without.
        if (speaker.Name.Contains("systemd", StringComparison.Ordinal) && gravity < Gravity.Grave &&
            message.Contains(", ignoring", StringComparison.Ordinal))
            return new(0, null, speaker, gravity, words) { Faint = true, Slight = true };
        Gravity least = speaker.Kind.Least;
        // A single reset means nothing; the count is known only at the end.
        if (least == Gravity.Plain && speaker.Kind.Listed && (words & TroubleWords.Repeating) != 0)
            least = Gravity.Weak;
        // Without a stamp or a tag it may be the sentence of a person.
        if (speaker.Name.Length == 0 && !line.Kernel.Stamped)
        {
            least = Gravity.Grave;
            if (Sentence.OfPerson(line.Text))
                return default;
        }
        if (gravity == Gravity.Weak && speaker.Kind.ReadsOwn && (words & TroubleWords.NotValid) != 0)
            gravity = Gravity.Plain;
        if (gravity >= least)
            return new(0, null, speaker, gravity, words);
        // Words too weak to count in a whole boot may be all that a person pasted.
        bool faint = least == Gravity.Grave && gravity == Gravity.Plain && speaker.Name.Length > 0 &&
            (line.Kernel.Stamped || line.Kernel.Foreign);
        bool passing = gravity == Gravity.Weak && least == Gravity.Plain && speaker is { Program: true, Kind.Listed: true } &&
            (words & ~TroubleWords.Repeating) != 0;
        if (faint || passing)
            return new(0, null, speaker, gravity, words) { Faint = true };
        return least != Gravity.Never && line.Kernel.Stamped && !speaker.Program
            ? new(0, null, speaker, gravity, words) { Faint = true, Slight = true } : default;
    }

    /// <summary>
    /// What systemd starts, stops, reaches or skips (src/core/job.c, unit.c): the words are a unit's description, such as "Reminder for
    /// degraded MD arrays".
    /// </summary>
    private static bool Announces(ReadOnlySpan<char> message)
    {
        if (message.StartsWith("systemd", StringComparison.Ordinal) &&
            message.IndexOf("]: ", StringComparison.Ordinal) is > 0 and < 40 and var tag)
            message = message[(tag + 3)..];
        if (message.Contains(" was skipped because ", StringComparison.Ordinal))
            return true;
        foreach (string verb in Announced)
        {
            if (message.StartsWith(verb, StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    private static readonly string[] Announced =
    [
        "Starting ", "Started ", "Stopping ", "Stopped ", "Finished ", "Reached target ", "Stopped target ", "Listening on ", "Closed ",
        "Created slice ", "Removed slice ", "Mounting ", "Mounted ", "Unmounting ", "Unmounted ", "Activating ", "Activated ",
        "Deactivating ", "Deactivated ", "Reloading ", "Reloaded ", "Set up automount ", "Unset automount ", "Found device ",
        "Expecting device ", "Condition check resulted in ", "Queued start job ", "Startup finished ",
    ];

    private void Count(HarmlessMessage message, in TextLine line)
    {
        if (harmless.TryGetValue(message, out (Source First, long Count) seen))
            harmless[message] = (seen.First, seen.Count + 1);
        else if (harmless.Count < MaxHarmless)
            harmless[message] = (line.ToSource(), 1);
    }

    /// <summary>The shape: the speaker and its device stand in front; after them numbers are left out.</summary>
    private static ulong ShapeOf(ReadOnlySpan<char> message, bool stamped, bool priority)
    {
        const ulong Prime = 0x9E3779B97F4A7C15;
        ulong hash = Prime ^ (stamped ? 1UL : 0) ^ (priority ? 2UL : 0);
        unchecked
        {
            for (int i = 0; i < message.Length && i < MaxShape; i++)
            {
                if (i < Front || !char.IsAsciiDigit(message[i]))
                    hash = (hash ^ message[i]) * Prime;
            }
        }
        return hash ^ (ulong)(message.Length > MaxShape ? message.Length : 0);
    }

    private void Add(in TextLine line, Speaker speaker, in Judged judgement, bool priority)
    {
        (Gravity gravity, ulong words) = (judgement.Gravity, judgement.Words);
        if (judgement.Slight && lines > Piece)
            return;
        (string, string?, PciAddress?, int) key = (speaker.Name, speaker.Bdf is null ? speaker.Device : null, speaker.Bdf,
            judgement.Weight);
        if (!troubles.TryGetValue(key, out Trouble? trouble))
        {
            // Lines with weak words must not take the place of grave ones.
            if (troubles.Count >= judgement.Weight switch { 2 => MaxSlight, 1 => MaxSpeakers / 4, _ => MaxSpeakers })
                return;
            troubles.Add(key, trouble = new(speaker, boot) { Faint = judgement.Faint, Slight = judgement.Slight });
        }
        trouble.Count++;
        trouble.Gravity = (Gravity)Math.Max((int)trouble.Gravity, (int)gravity);
        trouble.Priority |= priority;
        trouble.First ??= line.Kernel.Time;
        trouble.Last = line.Kernel.Time ?? trouble.Last;
        trouble.LastLine = lines;
        if (trouble.Numbers.Count < MaxNumbers)
            trouble.Numbers.Add(line.Number);
        // A line with another group of words, or with graver ones, is worth keeping.
        if ((words & ~trouble.Words) != 0 && (trouble.Lines.Count < MaxLines || gravity > trouble.Lines[^1].Gravity))
        {
            trouble.Lines.Add((gravity, words, line.ToSource()));
            trouble.Lines.Sort((a, b) => a.Gravity != b.Gravity ?
            b.Gravity.CompareTo(a.Gravity) : a.Source.Line.CompareTo(b.Source.Line));
            if (trouble.Lines.Count > MaxLines)
                trouble.Lines.RemoveAt(MaxLines);
        }
        else if (trouble.Lines.Count == 0)
            trouble.Lines.Add((gravity, words, line.ToSource()));
        trouble.Words |= words;
    }

    private void Flush(Facts facts)
    {
        foreach (Trouble t in troubles.Values.Where(t => !t.Slight || lines <= Piece))
        {
            facts.Add(new TroubleLines(t.Lines[0].Source, t.Speaker)
            {
                Boot = t.Boot,
                Gravity = t.Gravity,
                Words = t.Words,
                Count = t.Count,
                Lines = [.. t.Lines.Select(l => l.Source)],
                Numbers = t.Numbers,
                First = t.First,
                Last = t.Last,
                ToEnd = lines - t.LastLine,
                Among = lines,
                Priority = t.Priority,
                Faint = t.Faint,
                Slight = t.Slight,
                Bdf = t.Speaker.Bdf ?? (t.Speaker.Device is { } d && places.TryGetValue(d, out PciAddress at) ? at : null),
            });
        }
        troubles.Clear();
    }

    /// <summary><c>Oops[#1]:</c>, as mips and loongarch print it: no program of that name.</summary>
    private static bool IsOops(ReadOnlySpan<char> message) => message.StartsWith("Oops[#", StringComparison.Ordinal) ||
        message.StartsWith("Oops - ", StringComparison.Ordinal) || message.StartsWith("Oops [#", StringComparison.Ordinal);

    /// <summary>A priority of error or worse: <c>&lt;3&gt;</c>, <c>3,812,…;</c>, <c>kern  :err   :</c>.</summary>
    private static bool Urgent(ReadOnlySpan<char> text) => text.Length > 15 &&
        ((text[0] == '<' && text[1] is >= '0' and <= '3' && text[2] == '>') || (text[0] is >= '0' and <= '3' && text[1] == ',' &&
            char.IsAsciiDigit(text[2])) ||
        (text[6] == ':' && text[13] == ':' && text[7..10] is "err" or "cri" or "ale" or "eme"));

    /// <summary>
    /// Parts of a kernel configuration, a table, a script or a listing: words in them are names, not events.
    /// </summary>
    private static bool IsList(ReadOnlySpan<char> text, ReadOnlySpan<char> message)
    {
        if (message.StartsWith("CONFIG_", StringComparison.Ordinal) || message.StartsWith("# CONFIG_", StringComparison.Ordinal))
            return true;
        if (StatusBlock.IsField(text) || IsInterruptRow(text))
            return true;
        return text.Contains(" | ", StringComparison.Ordinal) && text.Contains("();", StringComparison.Ordinal);
    }

    /// <summary>
    /// A row of /proc/interrupts: <c> 134:  0  3  IR-PCI-MSIX-0000:00:14.3  5-edge  iwlwifi:exception</c>, <c> MCE:  0  0  Machine check
    /// exceptions</c>. Its names are devices and kinds of interrupts, no messages.
    /// </summary>
    private static bool IsInterruptRow(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> row = text.TrimStart(' ');
        int colon = row[..Math.Min(8, row.Length)].IndexOf(':');
        if (colon is < 1 || colon + 1 >= row.Length || row[colon + 1] != ' ')
            return false;
        foreach (char c in row[..colon])
        {
            if (!char.IsAsciiDigit(c) && !char.IsAsciiLetterUpper(c))
                return false;
        }
        ReadOnlySpan<char> counts = row[(colon + 1)..].TrimStart(' ');
        int digits = counts.IndexOfAnyExceptInRange('0', '9');
        // The counts of the CPUs stand in columns; behind a name of the kernel's own (MCE: CPU0) stands one blank.
        return digits > 0 && counts[digits] == ' ' && row[(colon + 1)..].StartsWith("  ", StringComparison.Ordinal);
    }
}
