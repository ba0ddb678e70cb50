using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// Puts the records of pstore (fs/pstore/platform.c) in order: each begins <c>Panic#1 Part3</c>, and part 1 is the newest, so files
/// that were simply joined run backwards. Other input passes through untouched.
/// </summary>
public sealed class PstoreParts(CarrierReader reader)
{
    /// <summary>The most lines held back: a record is some kilobytes, and there are some tens of them.</summary>
    private const int MaxHeld = 200_000;

    /// <summary>The last column at which the head of a record may begin.</summary>
    private const int MaxHead = 40;

    private readonly List<Part> parts = [];
    private readonly Queue<(long Number, string Text, string Raw)> ready = new();
    private int held;
    private bool pending;
    private string pendingText = "", pendingRaw = "";
    private long pendingNumber;

    private sealed record Part(string Record, int Number, List<(long Number, string Text, string Raw)> Lines);

    public bool Next(out TextLine line)
    {
        while (ready.Count == 0)
        {
            if (pending)
            {
                pending = false;
                Begin(pendingText, pendingRaw, pendingNumber);
            }
            if (!reader.Next(out TextLine next))
            {
                if (parts.Count == 0)
                {
                    line = default;
                    return false;
                }
                Release();
                continue;
            }
            if (IsPart(next.Text, out ReadOnlySpan<char> record, out int part))
            {
                // Another record is another event, and so is a part that comes again: the held lines are passed on first.
                if (parts.Count > 0 && (!record.SequenceEqual(parts[0].Record) || Held(part)))
                {
                    Release();
                    (pending, pendingText, pendingRaw, pendingNumber) = (true, next.Text.ToString(), next.Raw.ToString(), next.Number);
                    continue;
                }
                Begin(next.Text.ToString(), next.Raw.ToString(), next.Number);
                continue;
            }
            if (parts.Count == 0)
            {
                line = next;
                return true;
            }
            parts[^1].Lines.Add((next.Number, next.Text.ToString(), next.Raw.ToString()));
            if (++held > MaxHeld)
                Release();
        }
        (long number, string current, string raw) = ready.Dequeue();
        line = raw == current ? new TextLine(reader.Input, number, current) : new TextLine(reader.Input, number, current, raw);
        return true;
    }

    /// <remarks>A lambda in <see cref="Next"/> would cost an object for each line of the log.</remarks>
    private bool Held(int part) => parts.Exists(p => p.Number == part);

    private void Begin(string text, string raw, long number)
    {
        IsPart(text, out ReadOnlySpan<char> record, out int part);
        parts.Add(new(record.ToString(), part, [(number, text, raw)]));
    }

    private void Release()
    {
        // Oldest first; a sort that keeps equal parts as they came.
        foreach (Part part in parts.OrderByDescending(p => p.Number))
        {
            foreach ((long, string, string) line in part.Lines)
                ready.Enqueue(line);
        }
        parts.Clear();
        held = 0;
    }

    /// <summary><c>Panic#1 Part3</c>, <c>Oops#2 Part1</c>: reason, count and part.</summary>
    private static bool IsPart(ReadOnlySpan<char> text, out ReadOnlySpan<char> record, out int number)
    {
        number = 0;
        record = default;
        // Nearly every line ends here: the reason is a word, and most lines begin with a bracket.
        if (text.Length < 8 || !char.IsAsciiLetter(text[0]))
            return false;
        ReadOnlySpan<char> begin = text[..Math.Min(text.Length, MaxHead)];
        int hash = begin.IndexOf('#');
        if (hash is < 3 or > 16)
            return false;
        int part = begin.IndexOf(" Part", StringComparison.Ordinal);
        if (part < hash + 2 || part > 28)
            return false;
        record = text[..part];
        return text[..hash].IndexOfAnyExceptInRange('A', 'z') < 0 && text[(hash + 1)..part].IndexOfAnyExceptInRange('0', '9') < 0 &&
            int.TryParse(text[(part + 5)..].TrimEnd(), out number);
    }
}
