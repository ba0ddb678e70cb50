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
    private readonly BookParser?[] books;
    private readonly List<int> codes = [];

    /// <summary>A bit for each parser, <see cref="SignTable.Word"/> of them in a word.</summary>
    private readonly ulong[] always, passing, busy, concerned;

    private int[]? faults;

    /// <param name="parsers">In the order in which they see a line.</param>
    /// <param name="signs">The table that was made for the same parsers in the same order; null to make it.</param>
    public LineParsers(IEnumerable<LineParser> parsers, SignTable? signs = null)
    {
        this.parsers = parsers.ToArray();
        books = Array.ConvertAll(this.parsers, p => p as BookParser);
        int words = (this.parsers.Length + SignTable.Word - 1) / SignTable.Word;
        (always, passing, busy, concerned) = (new ulong[words], new ulong[words], new ulong[words], new ulong[words]);
        Signs = signs ?? new SignTable(this.parsers.SelectMany(TextsOf));
        for (int i = 0; i < this.parsers.Length; i++)
        {
            ulong bit = 1UL << (i % SignTable.Word);
            always[i / SignTable.Word] |= this.parsers[i].Signs is null ? bit : 0;
            passing[i / SignTable.Word] |= this.parsers[i].SeesAll ? bit : 0;
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
        always.CopyTo(concerned.AsSpan());
        Signs.ReadersOf(text, concerned, codes);
        for (int word = 0; word < concerned.Length; word++)
        {
            ulong called = concerned[word], readers = called | busy[word];
            for (ulong left = readers | passing[word]; left != 0; left &= left - 1)
            {
                int bit = BitOperations.TrailingZeroCount(left), i = (word * SignTable.Word) + bit;
                bool taken = false;
                try
                {
                    if ((readers >> bit & 1) == 0)
                        taken = parsers[i].Pass(line, facts);
                    else
                        taken = Given(i, (called >> bit & 1) != 0, line, facts);
                }
                catch (Exception e) when (Fault.Is(e))
                {
                    Failed(i, e, facts, line.Input, line.Number);
                }
                Taken[i] += taken ? 1 : 0;
            }
        }
    }

    /// <param name="called">The line has a sign of the parser; otherwise the parser is inside a record.</param>
    private bool Given(int i, bool called, in TextLine line, Facts facts)
    {
        LineParser parser = parsers[i];
        if (called && books[i] is { } book)
            Open(book, i);
        bool taken = called ? parser.Line(line, facts) : parser.Within(line, facts);
        ulong bit = 1UL << (i % SignTable.Word);
        ref ulong word = ref busy[i / SignTable.Word];
        word = parser.Busy ? word | bit : word & ~bit;
        return taken;
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
        Array.Clear(busy);
    }

    private static IEnumerable<(int Reader, int Code, string Sign)> TextsOf(LineParser parser, int index) => parser is BookParser book
        ? book.Texts.Select(t => (index, t.Place < 0 ? -1 : checked((index << PlaceBits) | (ushort)t.Place), t.Text))
        : (parser.Signs ?? []).Select(s => (index, -1, s));

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
