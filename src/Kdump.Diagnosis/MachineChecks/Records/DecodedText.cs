using System.Text;

namespace Kdump.Diagnosis.MachineChecks.Records;

/// <summary>The text of one record while it is being decoded, laid out as mcelog lays it out.</summary>
internal sealed class DecodedText
{
    /// <summary>mcelog breaks a line of bit names behind this column.</summary>
    private const int MaxLine = 75;

    private readonly StringBuilder text = new();
    private readonly List<string> notes = [];

    /// <summary>Where the words of the layout are wrong, and what is true.</summary>
    public IReadOnlyList<string> Notes => notes;

    public void Say(string words) => text.Append(words);

    public void Line(string words) => text.Append(words).Append('\n');

    public void Note(string words) => notes.Add(words);

    /// <summary>The names of all fields that say something, on as few lines as hold them.</summary>
    public void Bits(ulong register, params ReadOnlySpan<BitText> fields)
    {
        int length = 0;
        string before = "";
        foreach (BitText field in fields)
        {
            if (field.Of(register) is not { } words)
                continue;
            if (length + words.Length > MaxLine)
            {
                before = "\n";
                length = 0;
            }
            text.Append(before).Append(words);
            before = " ";
            length += words.Length + 1;
            if (field.Misread(register))
                notes.Add(
                    $"\"{words}\" is what mcelog prints, " +
                    $"but the code 0x{(register >> field.Low) & ((1UL << field.Width) - 1):x} is none that is known");
        }
        if (length > 0)
            text.Append('\n');
    }

    /// <summary>A number with its name, unless it is zero.</summary>
    public void Number(ulong register, int low, int high, string name, bool hex, bool always = false)
    {
        ulong value = Field(register, low, high);
        if (value != 0 || always)
            text.Append(name).Append(": ").Append(hex ? value.ToString("x") : value.ToString()).Append('\n');
    }

    public static ulong Field(ulong register, int low, int high) => (register >> low) & (ulong.MaxValue >> (63 - (high - low)));

    public override string ToString() => text.ToString();
}
