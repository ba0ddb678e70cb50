using System.CommandLine.Completions;
using System.CommandLine;
using Kdump.Diagnosis.Text;

namespace Kdump.Cli.Commands;

/// <summary>
/// The possible next words of a command line with their descriptions: <c>kdt __complete WORD…</c>, called by the shells' completion
/// scripts. One line per word, with a tab before its description; the line <c>:files</c> means that a path is possible,
/// <c>:folders</c> that only a folder is.
/// </summary>
internal static class Completions
{
    public const string Verb = "__complete";

    private const int MaxDescription = 60;

    /// <param name="words">The words after <c>kdt</c>; the last one is being typed and may be empty.</param>
    public static void Write(TextWriter output, Command root, string[] words)
    {
        Command command = root;
        var recursive = new List<Option>();
        Option? open = null;
        string typed = words.Length == 0 ? "" : words[^1];
        foreach (string word in words.SkipLast(1))
        {
            if (open is not null)
                open = null;
            else if (word.StartsWith('-'))
                open = Options(command, recursive).FirstOrDefault(o => (o.Name == word || o.Aliases.Contains(word)) && TakesValue(o));
            else if (command.Subcommands.FirstOrDefault(c => c.Name == word) is { } below)
            {
                recursive.AddRange(command.Options.Where(o => o.Recursive));
                command = below;
            }
        }
        var offered = new List<(string Word, string? What)>();
        PathKind paths = PathKind.None;
        if (open is not null)
            paths = Values(open, offered);
        else if (typed.StartsWith('-'))
        {
            foreach (Option option in Options(command, recursive))
                offered.Add((option.Name, option.Description));
        }
        else
        {
            foreach (Command below in command.Subcommands.Where(c => !c.Hidden))
                offered.Add((below.Name, below.Description));
            foreach (Argument argument in command.Arguments)
            {
                PathKind kind = Values(argument, offered);
                paths = paths == PathKind.Files || kind == PathKind.None ? paths : kind;
            }
        }
        foreach ((string word, string? what) in offered.Where(o => o.Word.StartsWith(typed, StringComparison.Ordinal)).Distinct())
            output.WriteLine($"{word}\t{Brief(what ?? "")}");
        if (paths != PathKind.None)
            output.WriteLine(paths == PathKind.Folders ? ":folders" : ":files");
    }

    private static IEnumerable<Option> Options(Command command, List<Option> recursive) =>
        command.Options.Concat(recursive).Where(o => !o.Hidden).DistinctBy(o => o.Name);

    private static bool TakesValue(Option option) => option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool);

    /// <summary>Adds the values that the option or argument declares; if it declares none, tells whether its value is a path.</summary>
    private static PathKind Values(Symbol symbol, List<(string, string?)> offered)
    {
        CompletionItem[] known = [.. symbol.GetCompletions(CompletionContext.Empty)];
        foreach (CompletionItem item in known)
            offered.Add((item.Label, item.Detail));
        return known.Length == 0 ? PathKinds.Of(symbol) : PathKind.None;
    }

    /// <summary>The first sentence, on one line; a long one ends at a word, and not behind a bracket that opens.</summary>
    private static string Brief(string what)
    {
        string line = what.Split('\n')[0];
        int end = line.IndexOf(". ", StringComparison.Ordinal);
        line = (end > 0 ? line[..end] : line).Trim().TrimEnd('.');
        if (Columns.Of(line) <= MaxDescription)
            return line;
        string cut = line[..Math.Max(Columns.Break(line, MaxDescription - 2), 1)];
        int open = cut.LastIndexOf('(');
        return $"{(open > 0 && !cut.AsSpan(open).Contains(')') ? cut[..open] : cut).TrimEnd(' ', ',', ';', ':')} …";
    }
}
