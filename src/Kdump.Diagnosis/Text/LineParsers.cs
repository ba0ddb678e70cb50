using System.Numerics;

namespace Kdump.Diagnosis.Text;

/// <summary>
/// Gives lines to the parsers that they concern: those with a sign in the line, those inside a record, those that see every line.
/// </summary>
public sealed class LineParsers
{
    /// <summary>The code of a text: the parser's number in the upper bits, the place in its table in the lower ones.</summary>
    private const int PlaceBits = 16;

    private readonly LineParser[] parsers;
    private readonly List<int> codes = [];
    private readonly ulong always;
    private readonly ulong passing;
    private ulong busy;
    private int[]? faults;

    /// <param name="parsers">Up to 64, in the order in which they see a line.</param>
    /// <param name="signs">The table that was made for the same parsers in the same order; null to make it.</param>
    public LineParsers(IEnumerable<LineParser> parsers, SignTable? signs = null)
    {
        this.parsers = parsers.ToArray();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(this.parsers.Length, 64, nameof(parsers));
        Signs = signs ?? new SignTable(this.parsers.SelectMany(TextsOf));
        for (int i = 0; i < this.parsers.Length; i++)
        {
            always |= this.parsers[i].Signs is null ? 1UL << i : 0;
            passing |= this.parsers[i].SeesAll ? 1UL << i : 0;
        }
        Taken = new long[this.parsers.Length];
    }

    public IReadOnlyList<LineParser> All => parsers;

    /// <summary>The texts that the parsers wait for.</summary>
    public SignTable Signs { get; }

    /// <summary>How many lines each parser took.</summary>
    public long[] Taken { get; }

    public void Line(in TextLine line, Facts facts)
    {
        // No sign begins inside a stamp, except at the bracket that closes it.
        ReadOnlySpan<char> text = line.Text;
        if (line.Kernel.Plain)
            text = text[(text.Length - line.Kernel.Message.Length - "] ".Length)..];
        ulong concerned = Signs.ReadersOf(text, codes) | always, readers = concerned | busy;
        for (ulong left = readers | passing; left != 0; left &= left - 1)
        {
            int i = BitOperations.TrailingZeroCount(left);
            ulong bit = 1UL << i;
            LineParser parser = parsers[i];
            bool taken = false;
            try
            {
                if ((readers & bit) != 0)
                {
                    if ((concerned & bit) != 0 && parser is BookParser book)
                        Open(book, i);
                    taken = (concerned & bit) != 0 ? parser.Line(line, facts) : parser.Within(line, facts);
                    busy = parser.Busy ? busy | bit : busy & ~bit;
                }
                else
                    taken = parser.Pass(line, facts);
            }
            catch (Exception e) when (Fault.Is(e))
            {
                Failed(i, e, facts, line.Input, line.Number);
            }
            Taken[i] += taken ? 1 : 0;
        }
    }

    public void End(Facts facts)
    {
        for (int i = 0; i < parsers.Length; i++)
        {
            try
            {
                parsers[i].End(facts);
            }
            catch (Exception e) when (Fault.Is(e))
            {
                Failed(i, e, facts, "", 0);
            }
        }
        busy = 0;
    }

    private static IEnumerable<(ulong Readers, int Code, string Sign)> TextsOf(LineParser parser, int index) => parser is BookParser book
        ? book.Texts.Select(t => (1UL << index, t.Place < 0 ? -1 : checked((index << PlaceBits) | (ushort)t.Place), t.Text))
        : (parser.Signs ?? []).Select(s => (1UL << index, -1, s));

    private void Open(BookParser book, int index)
    {
        book.Concerned.Clear();
        foreach (int code in codes)
        {
            if (code >> PlaceBits == index)
                book.Concerned.Add(code & ((1 << PlaceBits) - 1));
        }
    }

    /// <summary>After a fault of a parser that parser loses this line, and the others nothing.</summary>
    private void Failed(int parser, Exception e, Facts facts, string input, long line)
    {
        faults ??= new int[parsers.Length];
        if (faults[parser]++ < Fault.MaxOfOnePart)
            facts.Add(Fault.Of($"the reader of {parsers[parser].Kind} ({parsers[parser].GetType().Name})", e, input, line));
    }
}
