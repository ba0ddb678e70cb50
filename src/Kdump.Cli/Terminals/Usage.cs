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
        if (Misplaced(parsed) is { } early)
            return early;
        // Check this first: for an unknown word, the parser would only report what is missing after it.
        if (UnknownCommand(parsed) is { } unknown)
            return unknown;
        if (UnknownOption(parsed) is { } option)
        {
            return Nearest.Hint(option, Options(parsed)) is { Length: > 0 } meant ? $"unknown option {Quote(option)}{meant}"
                : $"unknown option {Quote(option)}; a path that begins with - is written ./{Printable.Escape(option)}";
        }
        if (command.Arguments.Count > 0 && parsed.UnmatchedTokens.Count > 0)
        {
            return $"unexpected argument {Quote(parsed.UnmatchedTokens[0])}" +
                (ReadsOneInput(command) ? "; kdt explain reads several inputs and folders" : "");
        }
        return Swallowed(parsed) ?? (parsed.Errors.Count > 0 ? Message(parsed.Errors[0]) : null);
    }

    /// <summary>The commands that read one text which <c>kdt explain</c> reads too, beside others.</summary>
    private static bool ReadsOneInput(Command command) => command.Name is "log" or "pci" or "mce" &&
        command.Parents.All(p => !p.Parents.Any());

    /// <summary>An argument is missing because an option in front of it took all words: <c>kdt log --similar a b c</c>.</summary>
    private static string? Swallowed(ParseResult parsed)
    {
        if (parsed.CommandResult.Command.Arguments is not [{ Arity.MinimumNumberOfValues: > 0 } lacking, ..] ||
            parsed.GetResult(lacking) is { Tokens.Count: > 0 } || parsed.CommandResult.Children.OfType<OptionResult>()
                .FirstOrDefault(o => o.Option.AllowMultipleArgumentsPerToken && o.Tokens.Count > 0) is not { } greedy)
            return null;
        string name = greedy.Option.Name;
        return $"<{lacking.Name}> is missing: {name} takes every word behind it; write {Path(parsed)} <{lacking.Name}> " +
            $"{name} <{greedy.Option.HelpName}>...";
    }

    /// <summary>A value that an option does not take, also where only help is asked for or nothing is.</summary>
    public static string? WrongValue(ParseResult parsed) =>
        parsed.Errors.FirstOrDefault(e => e.SymbolResult is OptionResult { Tokens.Count: > 0 }) is { } error ? Message(error) : null;

    private static string Message(ParseError error) => error.SymbolResult is OptionResult { Tokens.Count: 0, Implicit: false } alone &&
        alone.Option.Arity.MinimumNumberOfValues > 0 && error.Message.StartsWith("Required", StringComparison.Ordinal)
        ? $"{alone.Option.Name} lacks its value{Values(alone.Option)}"
        : Printable.Escape(OnOneLine(error.Message)).TrimEnd('.');

    /// <summary>What the value of an option is: its words where they are few, else its name and description.</summary>
    private static string Values(Option option)
    {
        string[] known = [.. option.GetCompletions(System.CommandLine.Completions.CompletionContext.Empty).Select(c => c.Label)];
        if (known.Length is > 0 and <= 8)
            return ": " + string.Join(", ", known);
        return (option.HelpName is { } name ? $" {name}" : "") + (option.Description is { } what ? $": {what}" : "");
    }

    /// <summary>
    /// What is wrong with the words for which help was asked, <c>kdt help host chekc</c>: the help of host would not be an answer.
    /// </summary>
    public static string? UnknownCommand(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        if (command.Arguments.Count > 0 || !command.Subcommands.Any())
            return null;
        return parsed.UnmatchedTokens.FirstOrDefault(t => !IsOption(t)) is { } word ? Unknown(command, word) : null;
    }

    private static string Unknown(Command group, string word) =>
        $"unknown command {Quote(word)}{Nearest.Hint(word, Names(group))}";

    /// <summary>The commands of a group; <c>help</c> and <c>version</c> are commands of the program too.</summary>
    private static IEnumerable<string> Names(Command group)
    {
        IEnumerable<string> names = group.Subcommands.Where(c => !c.Hidden).Select(c => c.Name);
        return group.Parents.Any() ? names : names.Concat(["help", "version"]);
    }

    /// <summary>
    /// The first word in front of the command's name that nothing takes: an unknown command, whatever follows it, or an option that only
    /// the command has (<c>kdt --json explain</c>).
    /// </summary>
    private static string? Misplaced(ParseResult parsed)
    {
        int name = Place(parsed, parsed.CommandResult);
        for (int i = 0; i < name; i++)
        {
            string word = parsed.Tokens[i].Value;
            if (!parsed.UnmatchedTokens.Contains(word))
                continue;
            CommandResult group = parsed.CommandResult;
            while (group.Parent is CommandResult above && Place(parsed, group) > i)
                group = above;
            if (!IsOption(word))
                return Unknown(group.Command, word);
            if (Options(parsed).Contains(word))
                return $"option {Quote(word)} belongs behind the command: {Path(parsed)} {Printable.Escape(word)}";
        }
        return null;
    }

    /// <summary>The place of a command's name among the words; -1 for the program itself.</summary>
    private static int Place(ParseResult parsed, CommandResult command)
    {
        for (int i = 0; i < parsed.Tokens.Count; i++)
        {
            if (ReferenceEquals(parsed.Tokens[i], command.IdentifierToken))
                return i;
        }
        return -1;
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
