namespace Kdump.Cli.Reports;

/// <summary>
/// Splits a shell command into lines that can be pasted together: a line that ends in <c>&amp;&amp;</c>, <c>|</c> or <c>;</c>
/// continues on the next one. Never splits inside quotes, after a backslash, or in a comment, because the shell would run the rest
/// of the comment.
/// </summary>
internal static class ShellPieces
{
    public static List<string> Of(string command)
    {
        var pieces = new List<string>();
        int begun = 0;
        char quote = '\0';
        for (int i = 0; i < command.Length; i++)
        {
            char c = command[i];
            if (c == '\\' && quote != '\'')
                i++;
            else if (quote != '\0')
                quote = c == quote ? '\0' : quote;
            else if (c is '\'' or '"')
                quote = c;
            else if (c == '#' && (i == 0 || command[i - 1] == ' '))
                break;
            else if (End(command, i) is > 0 and var end && end < command.Length)
            {
                pieces.Add(command[begun..end]);
                begun = end + 1;
                i = end;
            }
        }
        pieces.Add(command[begun..]);
        return pieces;
    }

    /// <summary>The position after the operator that begins here and is followed by a space; 0 if there is none.</summary>
    private static int End(string command, int at)
    {
        foreach (string operation in (ReadOnlySpan<string>)["&& ", "|| ", "| ", "; "])
        {
            if (string.CompareOrdinal(command, at, operation, 0, operation.Length) == 0)
                return at + operation.Length - 1;
        }
        return 0;
    }
}
