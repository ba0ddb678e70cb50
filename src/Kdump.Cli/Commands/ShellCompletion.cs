using Kdump.Kernel.Expressions;
using Kdump.Kernel.Types;

namespace Kdump.Cli.Commands;

/// <summary>Completes the word at the cursor: commands, types behind struct, members behind . and -&gt;, symbols and functions.</summary>
internal sealed class ShellCompletion(Interpreter interpreter, Func<string[]> commands)
{
    private const int MaxWords = 500;

    private static readonly string[] Own = ["p", "px", "pd", "foreach", "set", "list", "tree", "waitq", "task", "rd", "ptov", "ptob",
        "btop", "pte", "ascii", "eval", "alias", "unalias", "repeat", "help", "quit"];

    private string[]? symbols;

    public (int Start, IReadOnlyList<string> Words) Of(string line, int cursor)
    {
        int start = cursor;
        while (start > 0 && (char.IsAsciiLetterOrDigit(line[start - 1]) || line[start - 1] == '_'))
            start--;
        string word = line[start..cursor], before = line[..start];
        try
        {
            IEnumerable<string> all = before.Trim().Length == 0 ? commands().Concat(Own).Concat(CrashName.All.Select(c => c.Name))
                : Members(before) ?? (EndsInTag(before) ? Tags() : Symbols().Concat(FunctionTable.All.Select(f => f.Name + "(")));
            return (start, [.. all.Where(n => n.StartsWith(word, StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal)
                .Take(MaxWords)]);
        }
        catch (Exception e) when (e is ExpressionException or Formats.Bytes.InputException)
        {
            return (start, []);
        }
    }

    private string[] Symbols() => symbols ??= [.. interpreter.Symbols()];

    private IEnumerable<string> Tags() =>
        interpreter.Types.Names([BtfKind.Struct, BtfKind.Union, BtfKind.Enum], null);

    private static bool EndsInTag(string before) =>
        before.TrimEnd().Split(' ', '(', ',', '&', '*')[^1] is "struct" or "union" or "enum" or "whatis";

    /// <summary>Members of the expression before a dot or an arrow; null without one.</summary>
    private IEnumerable<string>? Members(string before)
    {
        string owner;
        if (before.EndsWith("->", StringComparison.Ordinal))
            owner = before[..^2];
        else
            owner = before.EndsWith('.') ? before[..^1] : "";
        if (owner.Length == 0)
            return null;
        // Take the longest tail of the line that is an expression.
        int start = owner.Length, depth = 0;
        while (start > 0)
        {
            char c = owner[start - 1];
            if (c is ')' or ']')
                depth++;
            else if (c is '(' or '[' && --depth < 0)
                break;
            else if (depth == 0 && !(char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '>' or '-' or '(' or '[' or ':'))
                break;
            start--;
        }
        string expression = owner[start..];
        // struct NAME.member
        if (expression.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') && interpreter.Types.Any(expression) is { } type &&
            before.TrimStart().Split(' ')[0] is "struct" or "union" or "task_struct" &&
            interpreter.Types.Complete(type).Compound is { } named)
            return Names(named);
        CType? of = interpreter.Evaluate(expression) switch
        {
            KernelObject one => one.Type,
            ObjectSequence many => many.FirstOrDefault()?.Type,
            _ => null,
        };
        of = of?.Bare.Kind == CTypeKind.Pointer ? of.Bare.Target : of;
        return of is not null && interpreter.Types.Complete(of).Compound is { } compound ? Names(compound) : [];
    }

    private static IEnumerable<string> Names(StructType type) =>
        StructLayout.Of(type).Select(m => m.Member?.Name ?? "").Where(n => n.Length > 0);

}
