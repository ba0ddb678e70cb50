using System.CommandLine;
using System.Globalization;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;

namespace Kdump.Cli.Commands;

/// <summary>
/// The shell over one open dump: commands of <c>kdt vmcore</c>, expressions, and the names and habits of crash. Any other line is
/// treated as a type or an expression.
/// </summary>
internal sealed class VmcoreShell
{
    private const int MaxRepeat = 1000;

    private readonly Context context;
    private readonly Vmcore vmcore;
    private readonly Interpreter interpreter;
    private readonly ShellTools tools;
    private readonly Dictionary<string, string> aliases = new(StringComparer.Ordinal);
    private int? radix;
    private bool scroll = true;
    private bool ended;
    private volatile bool cancelled;
    private int worst;
    private bool refused;
    private string asked = "";

    public VmcoreShell(Context context, Vmcore vmcore)
    {
        this.context = context;
        this.vmcore = vmcore;
        interpreter = VmcorePrintCommand.Open(vmcore);
        tools = new ShellTools(vmcore, interpreter);
    }

    /// <summary>Runs lines and returns the worst exit code of them: 2 if one failed, 1 if an answer is incomplete.</summary>
    public int Run(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            if (ended)
                break;
            if (!Line(line, paged: false))
                worst = ExitCode.Failed;
        }
        return worst;
    }

    /// <summary>Reads lines from a terminal with the line editor, otherwise from standard input.</summary>
    public int Run()
    {
        if (!context.Terminal.Interactive)
        {
            using StreamReader reader = new(context.Input());
            return Run(Lines(reader));
        }
        context.Output.WriteLine($"{Printable.Escape(vmcore.Dump.Name)}: {Printable.Escape(vmcore.Release ?? "no VMCOREINFO")}" +
            $"{(vmcore.Crash.Task is { } task ? $", crashed in {Printable.Escape(task.Comm)} ({task.Pid}) on CPU {task.Cpu}" : "")}. " +
            "Type help for the list of commands.");
        context.Output.Flush();
        LineHistory history = new(LineHistory.UsualPath());
        LineEditor editor = new(history, new ShellCompletion(interpreter, Names).Of);
        ConsoleCancelEventHandler cancel = (_, e) =>
        {
            // The first Ctrl-C ends the command at its next line of output; a second one ends the program.
            e.Cancel = !cancelled;
            cancelled = true;
        };
#pragma warning disable RS0030 // Ctrl-C ends a command of the shell, not the shell
        Console.CancelKeyPress += cancel;
#pragma warning restore RS0030
        while (!ended && editor.Read("kdt> ") is { } line)
        {
            cancelled = false;
            Line(line, paged: scroll);
            context.Output.Flush();
            context.Error.Flush();
        }
#pragma warning disable RS0030 // As above
        Console.CancelKeyPress -= cancel;
#pragma warning restore RS0030
        history.Save();
        return ExitCode.Fine;
    }

    private IEnumerable<string> Lines(StreamReader reader)
    {
        while (!ended && reader.ReadLine() is { } line)
            yield return line;
    }

    /// <summary>Runs one line; false if it failed.</summary>
    private bool Line(string line, bool paged)
    {
        line = line.Trim();
        if (line.Length == 0 || line[0] == '#')
            return true;
        TextWriter? into = context.Terminal.Interactive ? null : context.Output;
        if (line[0] == '!')
        {
            context.Output.Flush();
            return ShellOutput.Run(line[1..].Trim(), context.Error, into);
        }
        ShellLine parts = ShellLine.Parse(line);
        string? pipe = parts.Pipe ?? (paged ? Pager.Command(Environment.GetEnvironmentVariable) : null);
        bool good = true;
        try
        {
            if (pipe is null)
                return Command(parts.Command, context.Output);
            context.Output.Flush();
            bool ran = ShellOutput.Through(pipe, context.Error, w => good = Command(parts.Command, w), into);
            return good && (ran || parts.Pipe is null);
        }
        catch (OperationCanceledException)
        {
            context.Error.WriteLine("stopped");
            return false;
        }
    }

    private bool Command(string text, TextWriter output)
    {
        Context here = context with
        {
            Output = context.Terminal.Interactive ? new CancellableWriter(output, () => cancelled) : output,
            Opened = vmcore, Interpreter = interpreter, Radix = radix,
        };
        using Unread unread = vmcore.Unread.Begin();
        asked = Split(text).First;
        bool good = false;
        try
        {
            good = Dispatch(text, here);
        }
        catch (ExpressionException e)
        {
            ObjectsView.Wrong(context.Error, e.Text ?? text, e);
        }
        catch (InputException e)
        {
            context.Error.WriteLine($"kdt: {Printable.Escape(e.Message)}");
        }
        // A program behind a pipe that has read enough closes it.
        catch (Exception e) when (e is not OutputException && !(e is IOException && output != context.Output) && Fault.Is(e))
        {
            // A fault of ours in one view must not take the session with it.
            context.Error.WriteLine($"kdt: this is a bug ({ProgramVersion.Line()}: {Printable.Escape(Fault.Of(asked, e).Source.Text)}); " +
                "please report it with the command");
            worst = ExitCode.Failed;
        }
        worst = UnreadText.Tell(context, vmcore, unread, asked, worst);
        return good;
    }

    private string Expanded(string text)
    {
        for (int depth = 0; depth < 10; depth++)
        {
            (string first, string rest) = Split(text);
            if (!aliases.TryGetValue(first, out string? meant))
                break;
            text = $"{meant} {rest}".Trim();
            if (Split(meant).First == first)
                break;
        }
        return text;
    }

    private static (string First, string Others) Split(string text)
    {
        int blank = text.IndexOf(' ', StringComparison.Ordinal);
        return blank < 0 ? (text, "") : (text[..blank], text[(blank + 1)..].Trim());
    }

    private bool Dispatch(string text, Context here)
    {
        text = Expanded(text);
        (string first, string rest) = Split(text);
        switch (first)
        {
            case "":
                return true;
            case "q" or "quit" or "exit":
                ended = true;
                return true;
            case "help" or "h" or "?" or "man":
                return Help(rest, here);
            case "set":
                return Set(ShellLine.Words(rest), here);
            case "alias":
                return Alias(rest, here);
            case "unalias":
                return aliases.Remove(rest) || Wrong(here, $"there is no alias '{rest}'");
            case "repeat":
                return Repeat(rest, here);
            case "foreach":
                return Foreach(rest, here);
            case "p" or "pd" or "px" or "print" or "p/x" or "p/d":
                return Print(first, rest, here);
        }
        if (first[0] == '*' && first.Length > 1 && rest.Length > 0 && interpreter.Types.Any(first[1..].Split('.')[0]) is not null)
            return Invoke(["struct", first[1..], .. ShellLine.Words(rest)], here);
        string[] words = ShellLine.Words(rest);
        // With a vmlinux lines are shown anyhow.
        if (vmcore.Debug is not null && first is ("bt" or "dis"))
            words = [.. words.Where(w => w != "-l")];
        if (CrashName.Refusal(first, words) is { } refusal)
            return Wrong(here, refusal);
        if (tools.Run(first, words, rest, here) is { } done)
            return done;
        if (first == "ps")
            return ShellPs.Run(words, here, Invoke);
        if (first == "bt")
            return Stacks(words, here);
        // Addresses are the kernel's unless a task is named.
        if (first is "search" or "vtop")
            words = [.. words.Where(w => w != "-k")];
        if (first == "vtop" && words is ["-u", .. var places] && (CurrentTask() ?? vmcore.Crash.Task) is { } owner)
            words = ["-c", Invariant(owner.Pid), .. places];
        if (first == "dis")
            return ShellCode.Run(words, vmcore.Debug is not null, here, Invoke);
        if (first == "kmem" && words is ["-s" or "-S", var one])
        {
            if (IsAddress(one))
                return Invoke(["memory", "--at", one], here);
            string[] each = words[0] == "-S" ? ["--objects"] : [];
            return Invoke(["memory", "--slab", "--cache", one, .. each], here);
        }
        if (first == "fuser" && Names().Contains("files"))
            return Users(rest, here);
        if (Translated(first, words) is { } line)
            return Invoke(line, here);
        if (Names().Contains(first))
            return Invoke([first, .. words], here);
        return Other(text, first, words, here);
    }

    /// <summary>A type with an address, which crash accepts without the word struct; otherwise an expression.</summary>
    private bool Other(string text, string first, string[] words, Context here)
    {
        bool name = first.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or ',');
        if (name && first.Length > 0 && (words.Length > 0 || interpreter.Variable(first.Split('.')[0]) is null) &&
            interpreter.Types.Any(first.Split('.')[0]) is not null)
            return Invoke(["struct", first, .. words], here);
        bool word = first.Length > 0 && first.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
        if (word && words.Length > 0 && interpreter.Variable(first) is null)
        {
            return Wrong(here, $"'{first}' is not a command{Nearest.Hint(first, Names())}");
        }
        return Print("p", text, here);
    }

    private static string[]? Translated(string first, string[] words, IEnumerable<string> names)
    {
        // Rows for one option take precedence over rows for any option.
        foreach (CrashName crash in CrashName.All.OrderBy(c => c.Option.Length == 0))
        {
            if (crash.Name != first || !names.Contains(crash.View.Split(' ')[0]))
                continue;
            if (crash.Option.Length > 0 && (words.Length == 0 || words[0] != crash.Option))
                continue;
            string[] rest = crash.Option.Length > 0 ? words[1..] : words;
            // With options it is a command line of kdt already.
            if (crash.Operand.Length > 0 && rest.Length > 0 && !rest[0].StartsWith('-'))
                rest = [crash.Operand, .. rest];
            return [.. crash.View.Split(' '), .. rest];
        }
        return null;
    }

    private string[]? Translated(string first, string[] words)
    {
        string[]? line = Translated(first, words, Names());
        // Commands about one task use the current task by default.
        if (line is { Length: 1 } && first is "files" or "vm" or "sig" && (CurrentTask() ?? vmcore.Crash.Task) is { } task)
            return [.. line!, "--pid", Invariant(task.Pid)];
        return line;
    }

    /// <summary>
    /// crash's bt: the stack of the current task, of a task by pid or address, of a CPU, or of all running tasks; -f: with the words
    /// of each frame, -t: every word of the stack that points at something.
    /// </summary>
    private bool Stacks(string[] words, Context here)
    {
        // Offsets and symbols are always shown, in hexadecimal.
        string[] rest = [.. words.Where(w => w is not ("-s" or "-x"))];
        bool raw = rest.Any(w => w is "-t" or "-T" or "-r");
        string[] shown = rest.Any(w => w is "-f" or "-F" or "-FF") ? ["bt", "--words"] : ["bt"];
        rest = [.. rest.Where(w => w is not ("-t" or "-T" or "-r" or "-f" or "-F" or "-FF"))];
        if (raw && rest is [['-', ..], ..])
            return Wrong(here, $"bt {rest[0]}: cannot be combined with -t or -r");
        if (rest is ["-p"])
            return Invoke(shown, here);
        if (rest is ["-g", .. var one])
            return Group(one, shown, here);
        if (rest is ["-a"])
            return Active(shown, here);
        if (rest is ["-c", var cpu])
            return Invoke([.. shown, "--cpu", cpu], here);
        if (rest is [['-', ..], ..])
            return Invoke([.. shown, .. rest], here);
        TaskStruct? task = rest.Length > 0 ? TaskBy(string.Join(' ', rest)) : CurrentTask();
        if (raw && (task ?? vmcore.Crash.Task) is { } whose)
            return Invoke(["read", whose.StackBase.ToString(), Invariant(vmcore.StackSize / 8), "--pointers"], here);
        // All idle tasks have id 0, so an idle task is selected by its CPU.
        if (task is null)
            return Invoke(shown, here);
        if (task.Pid == 0 && task.OnCpu)
            return Invoke([.. shown, "--cpu", Invariant(task.Cpu)], here);
        return Invoke([.. shown, "--pid", Invariant(task.Pid)], here);
    }

    /// <summary>crash's bt -g: every thread of a process.</summary>
    private bool Group(string[] words, string[] shown, Context here)
    {
        TaskStruct? task = words.Length > 0 ? TaskBy(string.Join(' ', words)) : CurrentTask() ?? vmcore.Crash.Task;
        bool good = task is not null || Wrong(here, "bt -g: no current task; select one with: set PID");
        foreach (TaskStruct thread in vmcore.Tasks.Need(vmcore.Dump.Name, "tasks").All.Where(t => task is not null && t.Tgid == task.Tgid))
            good &= Invoke([.. shown, "--pid", Invariant(thread.Pid)], here);
        return good;
    }

    /// <summary>Lists the processes that have a file open.</summary>
    private bool Users(string name, Context here)
    {
        if (name.Length == 0)
            throw new ExpressionException(0, "expected the name of a file");
        int found = 0, unknown = 0;
        IEnumerable<TaskStruct> processes = vmcore.Tasks.Need(vmcore.Dump.Name, "tasks").All
            .Where(t => t.Pid == t.Tgid && !t.KernelThread && t.Pid != 0);
        foreach (TaskStruct task in processes)
        {
            StringWriter files = new();
            try
            {
                Invoke(["files", "--pid", Invariant(task.Pid)], here with { Output = files, Error = TextWriter.Null });
            }
            catch (InputException)
            {
                // It was exiting, or its files are not in the dump: continue with the other processes.
                unknown++;
                continue;
            }
            string[] lines = [.. files.ToString().Split('\n').Where(l => l.Contains(name, StringComparison.Ordinal))];
            if (lines.Length == 0)
                continue;
            found++;
            here.Output.WriteLine($"PID: {task.Pid}  TASK: {task.Address}  COMMAND: \"{Printable.Escape(task.Comm)}\"");
            foreach (string line in lines)
                here.Output.WriteLine($"  {line.Trim()}");
        }
        if (found == 0)
            here.Output.WriteLine(UnreadText.None(vmcore, "no process has it open"));
        if (unknown > 0)
            here.Error.WriteLine($"kdt: the files of {Counted.Of(unknown, "process")} cannot be read");
        return true;
    }

    private bool Active(string[] shown, Context here)
    {
        bool good = true;
        foreach (int cpu in vmcore.PerCpu.Need(vmcore.Dump.Name, "CPUs").Online)
            good &= Invoke([.. shown, "--cpu", Invariant(cpu)], here);
        return good;
    }

    private bool Print(string how, string text, Context here)
    {
        int? wanted = how switch { "px" or "p/x" => 16, "pd" or "p/d" => 10, _ => radix };
        ObjectStyle style = new(wanted);
        bool json = false;
        while (text.StartsWith('-') && text.Length > 2)
        {
            (string option, string rest) = Split(text);
            if (option is "-x" or "-d")
                style = style with { Radix = option == "-x" ? 16 : 10 };
            else if (option == "--flat")
                style = style with { Flat = true };
            else if (option == "--json")
                json = true;
            else if (option is "--depth" or "--limit" &&
                int.TryParse(Split(rest).First, NumberStyles.None, CultureInfo.InvariantCulture, out int n))
            {
                style = option == "--depth" ? style with { Depth = Math.Min(64, n) } : style with { Most = Math.Max(1, n) };
                rest = Split(rest).Others;
            }
            else
                break;
            text = rest;
        }
        if (text.Length == 0)
            throw new ExpressionException(0, "expected an expression; see: help expressions");
        ObjectsView view = new(here, vmcore, interpreter, style);
        string expression = Interpreter.PerCpuForm(text) ?? text;
        return json ? view.Json([expression]) : view.Text(expression);
    }

    private bool Set(string[] words, Context here)
    {
        switch (words)
        {
            case []:
                break;
            case ["hex"] or ["radix", "16"]:
                radix = 16;
                return true;
            case ["dec"] or ["radix", "10"]:
                radix = words[0] == "dec" ? null : 10;
                return true;
            case ["scroll", "on" or "off"]:
                scroll = words[1] == "on";
                return true;
            case ["-p"]:
                interpreter.Current = null;
                break;
            case ["-c", var number] when int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int cpu):
                interpreter.Current = vmcore.Tasks.Need(vmcore.Dump.Name, "tasks").Current(cpu)?.Address
                    ?? throw new ExpressionException(0, $"the task that ran on CPU {cpu} is not known");
                break;
            case [var word]:
                interpreter.Current = TaskBy(word).Address;
                break;
            default:
                return Wrong(here, $"set {string.Join(' ', words)}: set PID|ADDRESS, set -c CPU, set -p, set hex|dec, set scroll on|off");
        }
        if ((CurrentTask() ?? vmcore.Crash.Task) is { } task)
            here.Output.WriteLine(
                $"PID: {task.Pid}  TASK: {task.Address}  CPU: {task.Cpu}  {task.State}  COMMAND: \"{Printable.Escape(task.Comm)}\"" +
                (interpreter.Current is null ? "  (it crashed)" : ""));
        else
            here.Output.WriteLine("no current task; select one with: set PID");
        return true;
    }

    private TaskStruct TaskBy(string word)
    {
        IReadOnlyList<TaskStruct> all = vmcore.Tasks.Need(vmcore.Dump.Name, "tasks").All;
        if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int pid) &&
            all.FirstOrDefault(t => t.Pid == pid) is { } byPid)
            return byPid;
        VirtualAddress at = interpreter.AddressOf(word);
        return all.FirstOrDefault(t => t.Address == at)
            ?? throw new ExpressionException(0, $"no task has the id or address '{word}'", word);
    }

    private TaskStruct? CurrentTask() =>
        interpreter.Current is { } at ? vmcore.Tasks.Value?.All.FirstOrDefault(t => t.Address == at) : null;

    private bool Alias(string rest, Context here)
    {
        (string name, string meant) = Split(rest);
        if (meant.Length > 0)
            aliases[name] = meant.Trim('"', '\'');
        else
            foreach ((string known, string what) in aliases.OrderBy(a => a.Key, StringComparer.Ordinal))
                if (name.Length == 0 || name == known)
                    here.Output.WriteLine($"{known,-12} {what}");
        return true;
    }

    /// <summary>Only a number of runs is supported: a dump does not change.</summary>
    private bool Repeat(string rest, Context here)
    {
        (string option, string command) = Split(rest);
        int times = 1;
        if (option.StartsWith('-'))
        {
            if (!int.TryParse(option.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out times))
                return Wrong(here, $"repeat {option}: expected a number, for example: repeat -3 COMMAND");
            rest = command;
        }
        if (times is < 1 or > MaxRepeat)
            return Wrong(here, $"repeat: {times} is not a number from 1 to {MaxRepeat}");
        bool good = true;
        for (int i = 0; i < times && !cancelled; i++)
            good &= Dispatch(rest, here);
        return good;
    }

    /// <summary>
    /// Runs the command for each task. A line that the shell refuses is refused once: it would be for every task. What is missing of
    /// one task costs that task only.
    /// </summary>
    private bool Foreach(string rest, Context here)
    {
        ShellForeach loop = ShellForeach.Parse(rest, vmcore, Names().Concat(["p", "set", "task"]));
        TaskStruct[] tasks = [.. loop.Tasks()];
        // One list of all of them, with one head.
        if (tasks.Length > 0 && loop.Command.Split(' ') is ["ps", .. var options])
            return ShellPs.Run([.. options, .. tasks.Select(t => t.Address.ToString())], here, Invoke);
        VirtualAddress? before = interpreter.Current;
        bool good = true;
        string said = "";
        int again = 0;
        try
        {
            foreach (TaskStruct task in tasks)
            {
                interpreter.Current = task.Address;
                refused = false;
                StringWriter error = new();
                if (loop.Command.Split(' ')[0] is not ("bt" or "set"))
                    here.Output.WriteLine(
                        $"PID: {task.Pid}  TASK: {task.Address}  CPU: {task.Cpu}  COMMAND: \"{Printable.Escape(task.Comm)}\"");
                try
                {
                    good &= Dispatch(loop.Command is "set" ? $"{loop.Command} {Invariant(task.Pid)}" : loop.Command,
                        here with { Error = error });
                }
                catch (InputException e)
                {
                    // Continue with the next task if data of one task is missing.
                    error.WriteLine($"kdt: {Printable.Escape(e.Message)}");
                    good = false;
                }
                string text = error.ToString();
                if (text.Length > 0 && text == said)
                    again++;
                else
                    here.Error.Write(text);
                said = text.Length > 0 ? text : said;
                if (refused)
                    break;
            }
        }
        finally
        {
            interpreter.Current = before;
        }
        if (again > 0)
            here.Error.WriteLine($"kdt: the same for {Counted.Of(again, "other task")}");
        if (tasks.Length > 0)
            return good;
        here.Error.WriteLine("kdt: no task matches");
        return false;
    }

    private bool Help(string what, Context here)
    {
        if (what is "expressions" or "expression")
        {
            ShellHelp.Expressions(here.Output);
            return true;
        }
        if (what.Length > 0)
        {
            string name = Translated(what, [], Names())?[0] ?? what;
            if (Names().Contains(name))
                return Invoke([name, "--help"], here);
            return ShellHelp.Of(here.Output, what) || Wrong();
        }
        ShellHelp.All(here.Output, VmcoreCommand.Build(here with { Opened = vmcore }).Subcommands);
        return true;

        bool Wrong()
        {
            here.Error.WriteLine($"kdt: there is no help on '{Printable.Escape(what)}'{Nearest.Hint(what, Names())}");
            return false;
        }
    }

    private string[]? names;

    /// <summary>Commands of kdt vmcore except the shell itself.</summary>
    private string[] Names() => names ??=
        [.. VmcoreCommand.Build(context with { Opened = vmcore }).Subcommands.Select(c => c.Name).Where(n => n != "shell")];

    /// <summary>Runs a command of kdt vmcore on the open dump.</summary>
    private bool Invoke(string[] line, Context here)
    {
        RootCommand root = new("kdt") { VmcoreCommand.Build(here) };
        asked = line[0];
        ParseResult parsed = root.Parse(["vmcore", .. line]);
        if (!line.Contains("--help") && Usage.Fault(parsed) is { } fault)
        {
            refused = true;
            here.Error.WriteLine($"kdt: {asked}: {fault} (see 'help {asked}')");
            return false;
        }
        int code = parsed.Invoke(new InvocationConfiguration
        {
            Output = here.Output, Error = here.Error, EnableDefaultExceptionHandler = false,
        });
        worst = Math.Max(worst, code);
        return code != ExitCode.Failed;
    }

    private bool Wrong(Context here, string what)
    {
        refused = true;
        here.Error.WriteLine($"kdt: {Printable.Escape(what)}");
        return false;
    }

    private static bool IsAddress(string word) => word.Length >= 8 && ulong.TryParse(word.StartsWith("0x", StringComparison.Ordinal)
        ? word.AsSpan(2) : word, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _);

    private static string Invariant(int number) => number.ToString(CultureInfo.InvariantCulture);
}
