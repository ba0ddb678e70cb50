using System.Buffers;

namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// The lines of a report while they come in, in one buffer: in a long log most reports are of a shape that is known, and nobody asks
/// for strings of them.
/// </summary>
internal sealed class ReportText
{
    private char[] text = ArrayPool<char>.Shared.Rent(4096);
    private Place[] places = ArrayPool<Place>.Shared.Rent(64);
    private int used;
    private List<ReportLine>? strings;

    private readonly record struct Place(long Number, int Start, int Length, bool Guess);

    public int Count { get; private set; }

    public ReadOnlySpan<char> this[int index] => text.AsSpan(places[index].Start, places[index].Length);

    /// <summary>The last line; empty before the first.</summary>
    public ReadOnlySpan<char> Last => Count == 0 ? default : this[Count - 1];

    /// <summary>The number of a line in its input.</summary>
    public long NumberOf(int index) => places[index].Number;

    public bool IsGuess(int index) => places[index].Guess;

    public void Add(long number, ReadOnlySpan<char> line, bool guess)
    {
        if (Count == places.Length)
            Grow(ref places, Count + 1, Count);
        Count++;
        Put(Count - 1, number, line, guess);
    }

    /// <summary>Gives a line another text.</summary>
    public void Change(int index, ReadOnlySpan<char> line) => Put(index, places[index].Number, line, places[index].Guess);

    public bool Holds(ReadOnlySpan<char> words)
    {
        for (int i = 0; i < Count; i++)
        {
            if (this[i].Contains(words, StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    /// <summary>The lines as strings, made once for as long as none is added.</summary>
    public List<ReportLine> ToLines()
    {
        if (strings is not null)
            return strings;
        strings = new(Count);
        for (int i = 0; i < Count; i++)
        {
            strings.Add(new(places[i].Number, this[i].ToString(), places[i].Guess)
            {
                Bare = IsBare(this[i]) && strings is [.., var above] && (above.Bare || TraceStart.IsCall(above.Text)),
            });
        }
        return strings;
    }

    /// <summary>Gives the buffers back: after this only strings that were made before can be read.</summary>
    public void Release()
    {
        ArrayPool<char>.Shared.Return(text);
        ArrayPool<Place>.Shared.Return(places);
        (text, places, used) = ([], [], 0);
    }

    /// <summary>Nothing but the name of a function of C.</summary>
    private static bool IsBare(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        return text.Length is > 3 and < 64 && !char.IsAsciiDigit(text[0]) && (text.Contains('_') || char.IsAsciiLetterLower(text[0])) &&
            text.IndexOfAnyExcept(NameCharacters) < 0;
    }

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.");

    private void Put(int index, long number, ReadOnlySpan<char> line, bool guess)
    {
        if (used + line.Length > text.Length)
            Grow(ref text, used + line.Length, used);
        line.CopyTo(text.AsSpan(used));
        places[index] = new(number, used, line.Length, guess);
        used += line.Length;
        strings = null;
    }

    private static void Grow<T>(ref T[] array, int least, int held)
    {
        T[] larger = ArrayPool<T>.Shared.Rent(Math.Max(least, array.Length * 2));
        array.AsSpan(0, held).CopyTo(larger);
        ArrayPool<T>.Shared.Return(array);
        array = larger;
    }
}
