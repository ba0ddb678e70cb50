using System.CommandLine;
using Kdump.Kernel.Expressions;

namespace Kdump.Cli.Commands;

/// <summary>What the shell says of itself.</summary>
internal static class ShellHelp
{
    private static readonly (string Name, string What)[] Own =
    [
        ("p EXPR", "a value; px and pd: hexadecimal, decimal; --flat, --depth N, --limit N before it; NAME:CPU and NAME:a per CPU"),
        ("EXPR", "the same; NAME ADDRESS is struct NAME ADDRESS"),
        ("foreach [WHO] COMMAND", "for every task that is so: a state (UN), pid, name, kernel, user, active, gleader"),
        ("set [PID|ADDRESS|-c CPU|-p]", "the task that bt, task, files … are about; set hex|dec, set scroll on|off"),
        ("list [-h|-H] [-o] OFFSET START [-s STRUCT.MEMBER]", "a list, as in crash; the function list() in expressions is easier"),
        ("tree -t TYPE [-o OFFSET] ROOT [-s STRUCT.MEMBER]", "rbtree, xarray, radix or maple"),
        ("waitq ADDRESS", "who waits in a wait queue"),
        ("task [PID]", "a task's task_struct; -R MEMBER,MEMBER: only these"),
        ("rd", "memory, as crash shows it; -s: with what each word points at"),
        ("ptov, ptob, btop, pte, ascii, eval", "small calculations"),
        ("alias NAME COMMAND", "a name for a command; alias lists them; unalias NAME"),
        ("repeat -N COMMAND", "the same N times"),
        ("COMMAND | PROGRAM, COMMAND > FILE", "output into a program or file; in expressions put | and > in brackets"),
        ("!PROGRAM", "a command of the system"),
        ("help COMMAND, help expressions, q", ""),
    ];

    public static void All(TextWriter output, IEnumerable<Command> commands)
    {
        foreach (Command command in commands.Where(c => c.Name != "shell"))
            output.WriteLine($"  {command.Name,-12} {command.Description?.Split("\n\n")[0]}");
        output.WriteLine();
        foreach ((string name, string what) in Own)
            output.WriteLine(what.Length == 0 ? $"  {name}" : $"  {name}\n      {what}");
        output.WriteLine("\ncrash's names work: bt -a, mod, dev -p, kmem -i, kmem -S ADDRESS, sym, dis, log, … (docs/crash-commands.md)");
    }

    /// <summary>Help on one of the shell's own commands; false where there is none.</summary>
    public static bool Of(TextWriter output, string name)
    {
        (string Name, string What)[] found = [.. Own.Where(o => o.Name.Split([' ', ',']).Contains(name))];
        foreach ((string usage, string what) in found)
            output.WriteLine($"{usage}\n    {what}");
        return found.Length > 0;
    }

    public static void Expressions(TextWriter output)
    {
        output.WriteLine("Expressions of C: symbols, numbers, . -> [] casts & * sizeof, arithmetic, comparison, ?: (docs/expressions.md).");
        output.WriteLine("a[0:4] is a slice; module::name a symbol or type of a module; members of a sequence are taken of each.\n");
        foreach (Function function in FunctionTable.All)
            output.WriteLine($"  {function.Usage}\n      {function.Meaning}");
    }
}
