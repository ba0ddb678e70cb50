namespace Kdump.Diagnosis.Crashes;

/// <summary>The last lines of a log, kept without making a string of each, because nearly none of them is asked for.</summary>
internal sealed class RecentLines
{
    private const int Count = 32, MaxText = 240;

    private readonly char[] text = new char[Count * MaxText];
    private readonly (long Number, Writer Writer, int Length)[] lines = new (long, Writer, int)[Count];
    private int next;

    public void Add(long number, Writer writer, ReadOnlySpan<char> line)
    {
        int length = Math.Min(line.Length, MaxText);
        line[..length].CopyTo(text.AsSpan(next * MaxText));
        lines[next] = (number, writer, length);
        next = (next + 1) % Count;
    }

    public void Clear() => Array.Clear(lines);

    /// <summary>Copies the last lines of one writer, oldest first.</summary>
    public void CopyTo(ReportText text, Writer writer, int max)
    {
        Span<int> found = stackalloc int[Count];
        int many = 0;
        for (int i = 1; i <= Count && many < max; i++)
        {
            int at = (next - i + Count) % Count;
            if (lines[at].Length > 0 && lines[at].Writer == writer)
                found[many++] = at;
        }
        while (many > 0)
        {
            int at = found[--many];
            text.Add(lines[at].Number, this.text.AsSpan(at * MaxText, lines[at].Length), guess: false);
        }
    }
}
