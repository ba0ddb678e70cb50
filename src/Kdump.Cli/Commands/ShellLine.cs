using System.Text;

namespace Kdump.Cli.Commands;

/// <summary>One line of the shell: the command, and the system command that its output is piped to.</summary>
internal sealed record ShellLine(string Command, string? Pipe)
{
    /// <summary>
    /// Splits at the first <c>|</c> or <c>&gt;</c> outside of quotes and brackets. <c>||</c>, <c>-&gt;</c>, <c>&gt;=</c>,
    /// <c>&gt;&gt; 3</c> belong to expressions; a redirection is followed by a blank or by a name or path.
    /// </summary>
    public static ShellLine Parse(string line)
    {
        char quote = '\0';
        int depth = 0;
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (quote != '\0')
            {
                if (c == '\\')
                    i++;
                else if (c == quote)
                    quote = '\0';
                continue;
            }
            if (c is '"' or '\'')
                quote = c;
            else if (c is '(' or '[')
                depth++;
            else if (c is ')' or ']')
                depth--;
            else if (c == '|' && depth <= 0)
            {
                if (i + 1 < line.Length && line[i + 1] == '|')
                    i++;
                else
                    return new ShellLine(line[..i].Trim(), line[(i + 1)..].Trim());
            }
            else if (c == '>' && depth <= 0 && i > 0 && line[i - 1] == ' ')
            {
                int after = i + 1 < line.Length && line[i + 1] == '>' ? i + 2 : i + 1;
                string file = line[after..].Trim();
                // Followed by a number or a bracket, > is a comparison and not a redirection.
                if (file.Length > 0 && !char.IsAsciiDigit(file[0]) && file[0] is not '(' and not '=' and not '-' && !file.Contains(' '))
                    return new ShellLine(line[..i].Trim(), $"cat {line[i..].Trim()}");
            }
        }
        return new ShellLine(line.Trim(), null);
    }

    /// <summary>Splits a line into words; quotes are removed.</summary>
    public static string[] Words(string text)
    {
        List<string> words = [];
        StringBuilder word = new();
        char quote = '\0';
        bool open = false;
        foreach (char c in text)
        {
            if (quote != '\0')
            {
                if (c == quote)
                    quote = '\0';
                else
                    word.Append(c);
            }
            else if (c is '"' or '\'')
            {
                quote = c;
                open = true;
            }
            else if (char.IsWhiteSpace(c))
            {
                if (open || word.Length > 0)
                    words.Add(word.ToString());
                word.Clear();
                open = false;
            }
            else
            {
                word.Append(c);
            }
        }
        if (open || word.Length > 0)
            words.Add(word.ToString());
        return [.. words];
    }
}
