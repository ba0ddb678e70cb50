using System.CommandLine;
using Kdump.Kernel.Expressions;

namespace Kdump.Cli.Commands;

/// <summary>The shell's help texts.</summary>
internal static class ShellHelp
{
    private static readonly (string Name, string What)[] Own =
    [
        ("p EXPR", "print a value; px, pd: hexadecimal, decimal; options before EXPR: --flat, --depth N, --limit N; NAME:CPU, NAME:a: " +
            "per CPU"),
        ("EXPR", "the same as p EXPR; NAME ADDRESS is the same as struct NAME ADDRESS"),
        ("foreach [WHO] COMMAND", "run COMMAND for every matching task: a state (UN), pid, name, kernel, user, active, gleader"),
        ("set [PID|ADDRESS|-c CPU|-p]", "select the task for bt, task, files …; set hex|dec, set scroll on|off"),
        ("list [-h|-H] [-o] OFFSET START [-s STRUCT.MEMBER]", "walk a list, as in crash; the function list() in expressions is easier"),
        ("tree -t TYPE [-o OFFSET] ROOT [-s STRUCT.MEMBER]", "walk an rbtree, xarray, radix tree or maple tree"),
        ("waitq ADDRESS", "the waiters of a wait queue"),
        ("task [PID]", "a task's task_struct; -R MEMBER,MEMBER: only these members"),
        ("rd", "memory, in crash's format; -s: with the symbol or object that each word points at"),
        ("ptov, ptob, btop, pte, ascii, eval", "convert addresses and numbers"),
        ("alias NAME COMMAND", "define an alias; alias alone lists them; unalias NAME removes one"),
        ("repeat -N COMMAND", "run COMMAND N times"),
        ("COMMAND | PROGRAM, COMMAND > FILE", "write the output to a program or file; in expressions put | and > in brackets"),
        ("!PROGRAM", "run a command of the system"),
        ("help COMMAND, help expressions, q", ""),
    ];

    public static void All(TextWriter output, IEnumerable<Command> commands)
    {
        foreach (Command command in commands.Where(c => c.Name != "shell"))
            output.WriteLine($"  {command.Name,-12} {command.Description?.Split("\n\n")[0]}");
        output.WriteLine();
        foreach ((string name, string what) in Own)
            output.WriteLine(what.Length == 0 ? $"  {name}" : $"  {name}\n      {what}");
        output.WriteLine("\nCommands of crash work too: bt -a, mod, dev -p, kmem -i, kmem -S ADDRESS, sym, dis, log, … " +
            "(docs/crash-commands.md)");
    }

    /// <summary>Prints the help of one of the shell's own commands; false if there is none.</summary>
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
        output.WriteLine("a[0:4] is a slice; " +
            "module::name a symbol or type of a module; a member of a sequence is that member of each element.\n");
        foreach (Function function in FunctionTable.All)
            output.WriteLine($"  {function.Usage}\n      {function.Meaning}");
    }
}
