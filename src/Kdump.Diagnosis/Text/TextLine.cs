namespace Kdump.Diagnosis.Text;

/// <summary>One line of a text input on its way through the parsers; valid only during the call.</summary>
public readonly ref struct TextLine(string input, long number, ReadOnlySpan<char> text, ReadOnlySpan<char> raw)
{
    public TextLine(string input, long number, ReadOnlySpan<char> text) : this(input, number, text, text) { }

    /// <summary>The file as the user named it.</summary>
    public string Input { get; } = input;

    /// <summary>1-based.</summary>
    public long Number { get; } = number;

    /// <summary>The line without its end, without terminal colour sequences, and without a carrier that was learnt.</summary>
    public ReadOnlySpan<char> Text { get; } = text;

    /// <summary>The line as in the input.</summary>
    public ReadOnlySpan<char> Raw { get; } = raw;

    /// <summary>The line without the prefix of its transport.</summary>
    public KernelLine Kernel { get; } = KernelLine.Parse(text);

    /// <summary>The input has its newest line first; lines are delivered in chronological order.</summary>
    public bool Backwards { get; init; }

    public Source ToSource()
    {
        Source source = Source.Of(Input, Raw, Number, Kernel.Time);
        return Raw == Text && !Backwards ? source
            : source with { Bare = Raw == Text ? null : Cut(Text), Backwards = Backwards };
    }

    private static string Cut(ReadOnlySpan<char> text) => text[..Math.Min(text.Length, Source.MaxText)].ToString();
}
