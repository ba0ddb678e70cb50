namespace Kdump.Diagnosis.MachineChecks.Records;

/// <summary>One field of a register that can be put into words: a bit that is set, or a code looked up in a table.</summary>
/// <param name="Shown">The bit number printed when the code has no words.</param>
/// <param name="Width">Bits of the field as the manual has it; the table's mask may be narrower.</param>
internal readonly record struct BitText(int Low, int Width, CodeTable Words, int Shown)
{
    private static readonly CodeTable None = CodeTable.Reserved(1);

    public string? Flag { get; private init; }

    public static BitText Bit(int bit, string words) => new(bit, 1, None, bit) { Flag = words };

    /// <summary>A code in bits <paramref name="low"/> to <paramref name="high"/>.</summary>
    public static BitText Code(int low, int high, CodeTable words) => new(low, high - low + 1, words, low);

    public static BitText Reserved(int low, int high) => new(low, high - low + 1, CodeTable.Reserved(high - low + 1), low);

    /// <summary>Written one to a line, <c>bit words</c>, decimal.</summary>
    public static BitText[] Bits(string text)
    {
        var bits = new List<BitText>();
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int blank = line.IndexOf(' ');
            bits.Add(Bit(int.Parse(line[..blank]), line[(blank + 1)..]));
        }
        return bits.ToArray();
    }

    /// <summary>The words for what the register holds; null when the field has no meaning.</summary>
    public string? Of(ulong register)
    {
        ulong code = (register >> Low) & Words.Mask;
        string? words;
        if (Flag is null)
            words = Words[code];
        else
            words = code == 1 ? Flag : null;
        return words ?? (code == 0 ? null : $"<{Shown}:{code:x}>");
    }

    /// <summary>The field has bits that the table ignores: its words may be those of another code.</summary>
    public bool Misread(ulong register) => Flag is null && ((register >> Low) & ((1UL << Width) - 1) & ~Words.Mask) != 0;
}
