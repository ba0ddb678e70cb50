namespace Kdump.Cli.Terminals;

/// <summary>
/// Reads a line from a terminal with the keys of readline, history and completion. A line longer than the terminal scrolls sideways.
/// </summary>
internal sealed class LineEditor(LineHistory history, Func<string, int, (int Start, IReadOnlyList<string> Words)> complete)
{
    private const int MaxShown = 200;

    /// <summary>A line, or null at the end of input (Ctrl-D on an empty line).</summary>
    public string? Read(string prompt)
    {
        // While a line is edited, Ctrl-C clears it; while a command runs, it is a signal.
        Console.TreatControlCAsInput = true;
        try
        {
            return Edited(prompt);
        }
        finally
        {
            Console.TreatControlCAsInput = false;
        }
    }

    private string? Edited(string prompt)
    {
        EditedLine line = new(history.Lines);
        bool tabBefore = false;
        Draw(prompt, line);
        while (true)
        {
            ConsoleKeyInfo key = Console.ReadKey(intercept: true);
            bool tab = key.Key == ConsoleKey.Tab;
            bool control = (key.Modifiers & ConsoleModifiers.Control) != 0, alt = (key.Modifiers & ConsoleModifiers.Alt) != 0;
            if (key.Key == ConsoleKey.Enter || (control && key.Key is ConsoleKey.J or ConsoleKey.M))
            {
                line.End();
                Draw(prompt, line);
                Console.Out.Write("\r\n");
                history.Add(line.Text);
                return line.Text;
            }
            if (control && key.Key == ConsoleKey.D && line.Text.Length == 0)
            {
                Console.Out.Write("\r\n");
                return null;
            }
            if (control && key.Key is ConsoleKey.C or ConsoleKey.G)
            {
                Console.Out.Write("^C\r\n");
                return "";
            }
            if (tab)
                Complete(prompt, line, tabBefore);
            else if (control && key.Key == ConsoleKey.R)
                Search(line);
            else if (control && key.Key == ConsoleKey.L)
                Console.Out.Write("\x1b[H\x1b[2J");
            else
                Edit(line, key, control, alt);
            tabBefore = tab;
            Draw(prompt, line);
        }
    }

    private static void Edit(EditedLine line, ConsoleKeyInfo key, bool control, bool alt)
    {
        switch (key.Key)
        {
            case ConsoleKey.B when alt:
            case ConsoleKey.LeftArrow when control:
                line.WordLeft();
                break;
            case ConsoleKey.F when alt:
            case ConsoleKey.RightArrow when control:
                line.WordRight();
                break;
            case ConsoleKey.LeftArrow:
            case ConsoleKey.B when control:
                line.Left();
                break;
            case ConsoleKey.RightArrow:
            case ConsoleKey.F when control:
                line.Right();
                break;
            case ConsoleKey.Home:
            case ConsoleKey.A when control:
                line.Home();
                break;
            case ConsoleKey.End:
            case ConsoleKey.E when control:
                line.End();
                break;
            case ConsoleKey.UpArrow:
            case ConsoleKey.P when control:
                line.Older();
                break;
            case ConsoleKey.DownArrow:
            case ConsoleKey.N when control:
                line.Newer();
                break;
            case ConsoleKey.Backspace:
            case ConsoleKey.H when control:
                line.Backspace();
                break;
            case ConsoleKey.Delete:
            case ConsoleKey.D when control:
                line.Delete();
                break;
            case ConsoleKey.K when control:
                line.CutToEnd();
                break;
            case ConsoleKey.U when control:
                line.CutToStart();
                break;
            case ConsoleKey.W when control:
                line.CutWord();
                break;
            case ConsoleKey.Y when control:
                line.Paste();
                break;
            default:
                if (!char.IsControl(key.KeyChar) && !control && !alt)
                    line.Insert(key.KeyChar.ToString());
                break;
        }
    }

    private void Complete(string prompt, EditedLine line, bool again)
    {
        (int start, IReadOnlyList<string> words) = complete(line.Text, line.Cursor);
        if (words.Count == 0)
            return;
        string common = words[0];
        foreach (string word in words)
        {
            int same = 0;
            while (same < Math.Min(common.Length, word.Length) && common[same] == word[same])
                same++;
            common = common[..same];
        }
        if (words.Count == 1)
        {
            line.Replace(start, words[0]);
            return;
        }
        if (common.Length > line.Cursor - start)
        {
            line.Replace(start, common);
            return;
        }
        if (!again)
            return;
        int widest = Math.Min(60, words.Take(MaxShown).Max(w => w.Length)) + 2, columns = Math.Max(1, (Width() - 1) / widest);
        Console.Out.Write("\r\n");
        for (int i = 0; i < Math.Min(MaxShown, words.Count); i += columns)
        {
            IEnumerable<string> row = words.Skip(i).Take(Math.Min(columns, MaxShown - i)).Select(w => w.PadRight(widest));
            Console.Out.Write(string.Concat(row).TrimEnd() + "\r\n");
        }
        if (words.Count > MaxShown)
            Console.Out.Write($"… and {words.Count - MaxShown} more\r\n");
        Draw(prompt, line);
    }

    /// <summary>Ctrl-R: incremental search backwards; Ctrl-R again searches further back; any other key accepts the line found.</summary>
    private void Search(EditedLine line)
    {
        string wanted = "";
        int place = history.Lines.Count, found = -1;
        while (true)
        {
            string shown = found >= 0 ? history.Lines[found] : "";
            Show($"(search) '{wanted}': {shown}", -1);
            ConsoleKeyInfo key = Console.ReadKey(intercept: true);
            bool control = (key.Modifiers & ConsoleModifiers.Control) != 0;
            if (control && key.Key == ConsoleKey.R)
                place = found >= 0 ? found : place;
            else if (key.Key == ConsoleKey.Backspace && wanted.Length > 0)
                (wanted, place) = (wanted[..^1], history.Lines.Count);
            else if (!control && !char.IsControl(key.KeyChar))
                wanted += key.KeyChar;
            else
            {
                if (found >= 0 && !(control && key.Key is ConsoleKey.G or ConsoleKey.C) && key.Key != ConsoleKey.Escape)
                    line.Set(history.Lines[found]);
                return;
            }
            found = line.Find(wanted, place);
        }
    }

    private static void Draw(string prompt, EditedLine line)
    {
        int room = Math.Max(10, Width() - prompt.Length - 1);
        int from = line.Cursor <= room - 1 ? 0 : line.Cursor - room + 1;
        string part = line.Text.Substring(from, Math.Min(room, line.Text.Length - from));
        Show(prompt + part, prompt.Length + line.Cursor - from);
    }

    /// <param name="cursor">Column; -1: at the end.</param>
    private static void Show(string text, int cursor)
    {
        string line = text.Length >= Width() ? text[..(Width() - 1)] : text;
        Console.Out.Write($"\r\x1b[K{line}{cursor switch { < 0 => "", 0 => "\r", _ => $"\r\x1b[{cursor}C" }}");
        Console.Out.Flush();
    }

    private static int Width()
    {
        try
        {
            return Console.WindowWidth > 0 ? Console.WindowWidth : 80;
        }
        catch (IOException)
        {
            return 80;
        }
    }
}
