using System.CommandLine;
using System.CommandLine.Parsing;
using Kdump.Diagnosis.Model;
using Kdump.Kernel.Expressions;

namespace Kdump.Cli.Terminals;

/// <summary>Describes an error in a command line in one line, with a suggestion.</summary>
internal static class Usage
{
    /// <summary>The error message; null if the command line is valid.</summary>
    public static string? Fault(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        // Check this first: for an unknown word, the parser would only report what is missing after it.
        if (command.Arguments.Count == 0 && parsed.UnmatchedTokens.FirstOrDefault(t => !IsOption(t)) is { } word
            && command.Subcommands.Any())
            return $"unknown command {Quote(word)}{Nearest.Hint(word, command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name))}";
        if (UnknownOption(parsed) is { } option)
        {
            return Nearest.Hint(option, Options(parsed)) is { Length: > 0 } meant ? $"unknown option {Quote(option)}{meant}"
                : $"unknown option {Quote(option)}; a path that begins with - is written ./{Printable.Escape(option)}";
        }
        if (command.Arguments.Count > 0 && parsed.UnmatchedTokens.Count > 0)
            return $"unexpected argument {Quote(parsed.UnmatchedTokens[0])}";
        return parsed.Errors.Count > 0 ? Printable.Escape(OnOneLine(parsed.Errors[0].Message)).TrimEnd('.') : null;
    }

    /// <summary>The parser lists the words of an option one below the other: <c>Must be one of:\n\t'a'\n\t'b'</c>.</summary>
    private static string OnOneLine(string message) => string.Join(", ", message.Split(["\r\n", "\n"], StringSplitOptions.TrimEntries |
        StringSplitOptions.RemoveEmptyEntries)).Replace("of:, ", "of: ", StringComparison.Ordinal);

    /// <summary>True if only the name of a group of commands was given; then its help is printed.</summary>
    public static bool IsGroupAlone(ParseResult parsed) => parsed.CommandResult.Command is { Subcommands.Count: > 0, Arguments.Count: 0 }
        && parsed.UnmatchedTokens.Count == 0 && parsed.Action is null or System.CommandLine.Invocation.ParseErrorAction;

    /// <summary>The command as the user would type it.</summary>
    public static string Path(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (SymbolResult? s = parsed.CommandResult; s is CommandResult c; s = s.Parent)
            names.Push(c.Parent is null ? "kdt" : c.Command.Name);
        return string.Join(' ', names);
    }

    /// <summary>An argument that looks like an option but was parsed as a path, or not at all.</summary>
    private static string? UnknownOption(ParseResult parsed)
    {
        string[] tokens = [.. parsed.Tokens.Select(t => t.Value)];
        int end = Array.IndexOf(tokens, "--");
        HashSet<string> literal = end < 0 ? [] : [.. tokens.Skip(end + 1)];
        return parsed.UnmatchedTokens
            .Concat(parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(a => a.Tokens).Select(t => t.Value))
            .FirstOrDefault(t => IsOption(t) && !literal.Contains(t));
    }

    private static bool IsOption(string token) => token.Length > 1 && token[0] == '-' && !char.IsAsciiDigit(token[1]);

    private static IEnumerable<string> Options(ParseResult parsed)
    {
        for (SymbolResult? s = parsed.CommandResult; s is CommandResult c; s = s.Parent)
            foreach (Option option in c.Command.Options.Where(o => !o.Hidden && (c == parsed.CommandResult || o.Recursive)))
                foreach (string name in option.Aliases.Append(option.Name))
                    yield return name;
    }

    private static string Quote(string word) => $"'{Printable.Escape(word)}'";
}
