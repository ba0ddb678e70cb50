using System.Text;

namespace Kdump.Diagnosis.Model;

/// <summary>
/// Words of a command that a user pastes into a shell: each path or name that is not ours goes into a command through here.
/// </summary>
public static class ShellWord
{
    private const string Plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+=,";

    /// <summary>The word, in quotes where a shell would not take it as it is.</summary>
    public static string Of(string word) => word.Length > 0 && !word.AsSpan().ContainsAnyExcept(Plain) ? word : Quoted(word);

    /// <summary>A path as an argument: one that begins with - is no option then.</summary>
    public static string Path(string path) => Of(path.StartsWith('-') && path.Length > 1 ? "./" + path : path);

    public static string Quoted(string word) => "'" + Inside(word, '\'') + "'";

    /// <summary>
    /// A command with words of a log in place of <c>{1}</c>, <c>{2}</c>: whatever they are, the shell takes each as one word. A
    /// placeholder may stand in quotes.
    /// </summary>
    public static string Into(string command, IReadOnlyList<string> words)
    {
        var text = new StringBuilder();
        char quote = '\0';
        for (int i = 0; i < command.Length; i++)
        {
            char c = command[i];
            if (c == '{' && i + 2 < command.Length && command[i + 2] == '}' && command[i + 1] - '1' is >= 0 and var n && n < words.Count)
            {
                text.Append(quote == '\0' ? Of(words[n]) : Inside(words[n], quote));
                i += 2;
                continue;
            }
            text.Append(c);
            if (c == '\\' && quote != '\'' && i + 1 < command.Length)
                text.Append(command[++i]);
            else if (c == quote)
                quote = '\0';
            else if (quote == '\0' && c is '\'' or '"')
                quote = c;
        }
        return text.ToString();
    }

    private static string Inside(string word, char quote)
    {
        if (quote == '\'')
            return word.Replace("'", "'\\''", StringComparison.Ordinal);
        var text = new StringBuilder();
        foreach (char c in word)
            text.Append(c is '\\' or '"' or '$' or '`' ? "\\" : "").Append(c);
        return text.ToString();
    }
}
