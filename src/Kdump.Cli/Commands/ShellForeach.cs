using System.Globalization;
using System.Text.RegularExpressions;
using Kdump.Kernel;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Structs;

namespace Kdump.Cli.Commands;

/// <summary>
/// <c>foreach [WHO…] COMMAND</c> as crash has it: WHO is a state (UN), a pid, an address, a name, a regular expression for names in
/// single quotes, or kernel, user, active, gleader.
/// Several words of one sort select more tasks, words of different sorts select fewer.
/// </summary>
internal sealed class ShellForeach
{
    private static readonly string[] States = ["RU", "IN", "UN", "ID", "ST", "TR", "PA", "ZO", "DE", "NE", "WA"];

    private readonly Vmcore vmcore;
    private readonly List<string> states = [];
    private readonly List<int> pids = [];
    private readonly List<ulong> addresses = [];
    private readonly List<string> names = [];
    private readonly List<Regex> patterns = [];
    private readonly List<string> sorts = [];

    private ShellForeach(Vmcore vmcore) => this.vmcore = vmcore;

    public string Command { get; private set; } = "";

    /// <param name="commands">Names of commands: the first of them ends WHO.</param>
    /// <exception cref="ExpressionException">The line contains no command.</exception>
    public static ShellForeach Parse(string text, Vmcore vmcore, IEnumerable<string> commands)
    {
        ShellForeach loop = new(vmcore);
        HashSet<string> known = [.. commands, .. CrashName.All.Select(c => c.Name)];
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < words.Length; i++)
        {
            string word = words[i];
            if (known.Contains(word))
            {
                loop.Command = string.Join(' ', words[i..]);
                return loop;
            }
            if (Array.IndexOf(States, word) >= 0)
                loop.states.Add(word);
            else if (word is "kernel" or "user" or "active" or "gleader")
                loop.sorts.Add(word);
            else if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int pid))
                loop.pids.Add(pid);
            else if (word.Length >= 12 && ulong.TryParse(word.StartsWith("0x", StringComparison.Ordinal) ? word.AsSpan(2) : word,
                NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong address))
                loop.addresses.Add(address);
            else if (word is ['\'', _, .., '\''] && word.AsSpan().IndexOfAny(".*+?[]()^$|{}") >= 0)
                loop.patterns.Add(Pattern(word[1..^1]));
            else
                loop.names.Add(word.Trim('"', '\'').TrimStart('\\'));
        }
        throw new ExpressionException(text.Length, "expected a command, for example: foreach UN bt", text);
    }

    /// <summary>POSIX's extended expressions, as far as .NET's mean the same; a name has at most 15 bytes, so a match is quick.</summary>
    private static Regex Pattern(string text)
    {
        try
        {
            return new Regex(text, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }
        catch (ArgumentException e)
        {
            throw new ExpressionException(0, $"'{text}' is not a regular expression: {e.Message}", text);
        }
    }

    public IEnumerable<TaskStruct> Tasks()
    {
        foreach (TaskStruct task in vmcore.Tasks.Need(vmcore.Dump.Name, "tasks").All)
        {
            if (states.Count > 0 && !states.Contains(task.State))
                continue;
            if (pids.Count + addresses.Count + names.Count + patterns.Count > 0 && !pids.Contains(task.Pid) &&
                !addresses.Contains(task.Address.Value) && !names.Contains(task.Comm) && !patterns.Exists(p => p.IsMatch(task.Comm)))
                continue;
            if (sorts.TrueForAll(s => s switch
            {
                "kernel" => task.KernelThread,
                "user" => !task.KernelThread && task.Pid != 0,
                "active" => task.OnCpu,
                _ => task.Pid == task.Tgid,
            }))
                yield return task;
        }
    }
}
