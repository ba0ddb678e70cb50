namespace Kdump.Diagnosis.Text;

/// <summary>One line of a text input on its way through the parsers; it lives only as long as the call.</summary>
public readonly ref struct TextLine(string input, long number, ReadOnlySpan<char> text)
{
    /// <summary>The file as the user named it.</summary>
    public string Input { get; } = input;

    /// <summary>1-based.</summary>
    public long Number { get; } = number;

    /// <summary>The line without its end, and without terminal colour sequences.</summary>
    public ReadOnlySpan<char> Text { get; } = text;

    /// <summary>The same without what its transport put before it.</summary>
    public KernelLine Kernel { get; } = KernelLine.Parse(text);

    public Source ToSource() => Source.Of(Input, Text, Number);
}
