namespace Kdump.Cli.Terminals;

/// <summary>A line being edited: text, cursor, cut text, and position in the history. The keys are readline's.</summary>
internal sealed class EditedLine(IReadOnlyList<string> history)
{
    private string text = "";
    private string cut = "";
    private string typed = "";
    private int place = history.Count;

    public string Text => text;

    public int Cursor { get; private set; }

    public void Set(string line)
    {
        text = line;
        Cursor = line.Length;
    }

    public void Insert(string what)
    {
        text = text.Insert(Cursor, what);
        Cursor += what.Length;
    }

    public void Replace(int start, string what)
    {
        text = text[..start] + what + text[Cursor..];
        Cursor = start + what.Length;
    }

    public void Left() => Cursor = Math.Max(0, Cursor - 1);

    public void Right() => Cursor = Math.Min(text.Length, Cursor + 1);

    public void Home() => Cursor = 0;

    public void End() => Cursor = text.Length;

    public void WordLeft() => Cursor = WordStart();

    public void WordRight()
    {
        while (Cursor < text.Length && !char.IsLetterOrDigit(text[Cursor]))
            Cursor++;
        while (Cursor < text.Length && char.IsLetterOrDigit(text[Cursor]))
            Cursor++;
    }

    public void Backspace()
    {
        if (Cursor == 0)
            return;
        text = text.Remove(--Cursor, 1);
    }

    public void Delete()
    {
        if (Cursor < text.Length)
            text = text.Remove(Cursor, 1);
    }

    public void CutToEnd()
    {
        cut = text[Cursor..];
        text = text[..Cursor];
    }

    public void CutToStart()
    {
        cut = text[..Cursor];
        text = text[Cursor..];
        Cursor = 0;
    }

    /// <summary>Cuts the word before the cursor, up to a blank.</summary>
    public void CutWord()
    {
        int start = Cursor;
        while (start > 0 && text[start - 1] == ' ')
            start--;
        while (start > 0 && text[start - 1] != ' ')
            start--;
        cut = text[start..Cursor];
        text = text.Remove(start, Cursor - start);
        Cursor = start;
    }

    public void Paste() => Insert(cut);

    public void Older()
    {
        if (place == 0)
            return;
        if (place == history.Count)
            typed = text;
        Set(history[--place]);
    }

    public void Newer()
    {
        if (place >= history.Count)
            return;
        Set(++place == history.Count ? typed : history[place]);
    }

    /// <summary>Index of the newest line of the history before a position that contains a text; -1 if there is none.</summary>
    public int Find(string wanted, int before)
    {
        for (int i = Math.Min(before, history.Count) - 1; i >= 0; i--)
            if (history[i].Contains(wanted, StringComparison.Ordinal))
                return i;
        return -1;
    }

    private int WordStart()
    {
        int at = Cursor;
        while (at > 0 && !char.IsLetterOrDigit(text[at - 1]))
            at--;
        while (at > 0 && char.IsLetterOrDigit(text[at - 1]))
            at--;
        return at;
    }
}
