using System.Globalization;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Memory;

namespace Kdump.Cli.Commands;

/// <summary>Small commands of crash, most of them implemented by an expression.</summary>
internal sealed class ShellTools(Vmcore vmcore, Interpreter interpreter)
{
    private static readonly (string Name, string Why)[] Impossible =
    [
        ("gdb", "not supported: kdt contains no gdb and uses no debug information"),
        ("extend", "not supported: kdt has no extensions"),
        ("wr", "not supported: kdt never writes to a dump"),
        ("rustfilt", "not supported: Rust names are shown as the kernel stores them"),
    ];

    /// <summary>True or false: run, or failed; null: not one of these commands.</summary>
    public bool? Run(string name, string[] words, string rest, Context here)
    {
        if (Array.Find(Impossible, i => i.Name == name).Why is { } why)
        {
            here.Error.WriteLine($"kdt: {name}: {why}");
            return false;
        }
        return name switch
        {
            "rd" => Read(words, here),
            "list" => new ShellLists(vmcore, interpreter, here).List(words),
            "tree" => new ShellLists(vmcore, interpreter, here).Tree(words),
            "waitq" => WaitQueue(rest, here),
            "dev" when words.Length == 0 => new ShellDevices(vmcore, interpreter, here).Show(),
            "sbitmapq" => Show(here, $"*(struct sbitmap_queue *)0x{interpreter.AddressOf(rest)}"),
            "task" => Task(words, here),
            "ascii" => Ascii(words, here),
            "eval" => Eval(rest, here),
            "ptov" => Convert(rest, here, Virtual),
            "ptob" => Convert(rest, here, frame => $"{unchecked(frame << 12):x}"),
            "btop" => Convert(rest, here, address => $"{address >> 12:x}"),
            "pte" => Convert(rest, here, entry => vmcore.Memory.EntryInWords(entry)),
            _ => null,
        };
    }

    private static bool Read(string[] words, Context here)
    {
        System.CommandLine.Command read = VmcoreReadCommand.Build(here, "rd");
        System.CommandLine.ParseResult parsed = read.Parse(words);
        if (Usage.Fault(parsed) is { } fault)
        {
            here.Error.WriteLine($"kdt: rd: {fault}");
            return false;
        }
        return parsed.Invoke(new System.CommandLine.InvocationConfiguration
        {
            Output = here.Output, Error = here.Error, EnableDefaultExceptionHandler = false,
        }) == ExitCode.Fine;
    }

    private bool Show(Context here, params string[] expressions) =>
        new ObjectsView(here, vmcore, interpreter, new ObjectStyle(here.Radix)).Text(expressions);

    /// <summary>
    /// Lists the waiters of a wait_queue_head_t or (since 4.13) of any struct that begins with one; each waiter is a task or a
    /// callback.
    /// </summary>
    private bool WaitQueue(string place, Context here)
    {
        string head = $"((wait_queue_head_t *)0x{interpreter.AddressOf(place)})";
        if (interpreter.Evaluate($"list({head}->head, struct wait_queue_entry, entry)") is not ObjectSequence waiters)
            return false;
        int count = 0;
        foreach (KernelObject waiter in waiters)
        {
            count++;
            string at = $"((struct wait_queue_entry *)0x{waiter.Load():x})";
            string function = vmcore.Locate(new VirtualAddress(((KernelObject)interpreter.Evaluate($"{at}->func")).Load()))?.Symbol ?? "?";
            ulong owner = ((KernelObject)interpreter.Evaluate($"{at}->private")).Load();
            // The meaning of "private" depends on the function: for autoremove_wake_function and default_wake_function it is a task.
            string who = vmcore.Tasks.Value?.All.FirstOrDefault(t => t.Address.Value == owner) is { } task
                ? $"PID: {task.Pid}  TASK: {task.Address}  {task.State}  COMMAND: \"{Printable.Escape(task.Comm)}\""
                : $"no task: {owner:x}";
            here.Output.WriteLine($"{waiter.Load():x16}  {Printable.Escape(function)}  {who}");
        }
        UnreadText.Lost(vmcore, waiters.Damages);
        if (count == 0)
            here.Output.WriteLine(UnreadText.None(vmcore, "no waiters"));
        return waiters.Damages.Count == 0;
    }

    private bool Task(string[] words, Context here)
    {
        int members = Array.IndexOf(words, "-R");
        string[] wanted = members >= 0 && members + 1 < words.Length ? words[members + 1].Split(',') : [];
        string[] who = [.. words.Where((w, i) => members < 0 || i != members && i != members + 1)];
        string[] tasks = who.Length == 0 ? ["task()"] : [.. who.Select(w => int.TryParse(w, out _) ? $"task({w})"
            : $"((struct task_struct *)0x{interpreter.AddressOf(w)})")];
        bool good = true;
        foreach (string task in tasks)
            good &= wanted.Length == 0 ? Show(here, $"*{task}") : Show(here, [.. wanted.Select(m => $"{task}->{m}")]);
        return good;
    }

    private bool Ascii(string[] words, Context here)
    {
        if (words.Length == 0)
        {
            for (int row = 0; row < 16; row++)
                here.Output.WriteLine(string.Join("  ", Enumerable.Range(0, 8).Select(column =>
                    $"{row + 16 * column:x2} {(row + 16 * column is >= 0x20 and < 0x7F and int c ? ((char)c).ToString() : ".")}")));
            return true;
        }
        foreach (string word in words)
        {
            ulong value = interpreter.AddressOf(word).Value;
            char[] text = [.. BitConverter.GetBytes(value).TakeWhile((_, i) => i == 0 || value >> 8 * i != 0)
                .Select(b => b is >= 0x20 and < 0x7F ? (char)b : '.')];
            here.Output.WriteLine($"{value:x16}: {new string(text)}");
        }
        return true;
    }

    private bool Eval(string text, Context here)
    {
        // crash's -b and -l: both forms are always shown. Its k, m and g behind a number are powers of 1024.
        while (text.StartsWith("-b ", StringComparison.Ordinal) || text.StartsWith("-l ", StringComparison.Ordinal))
            text = text[3..].Trim();
        if (text.Length > 1 && "kmg".IndexOf(char.ToLowerInvariant(text[^1]), StringComparison.Ordinal) is >= 0 and var unit &&
            text.AsSpan(0, text.Length - 1).IndexOfAnyExceptInRange('0', '9') < 0)
            text = $"{text[..^1]}UL << {10 * (unit + 1)}";
        if (interpreter.Evaluate(text) is not KernelObject value || !(value.Type.IsScalar || value.Address is not null))
            throw new ExpressionException(0, "expected a number", text);
        ulong bits = value.Type.IsScalar ? value.Load() : value.Address!.Value.Value;
        here.Output.WriteLine($"hexadecimal: {bits:x}");
        here.Output.WriteLine($"    decimal: {bits.ToString(CultureInfo.InvariantCulture)}" +
            (unchecked((long)bits) < 0 ? $" ({unchecked((long)bits).ToString(CultureInfo.InvariantCulture)})" : ""));
        here.Output.WriteLine($"      octal: {System.Convert.ToString(unchecked((long)bits), 8)}");
        here.Output.WriteLine($"     binary: {System.Convert.ToString(unchecked((long)bits), 2).PadLeft(64, '0')}");
        here.Output.WriteLine($"   bits set: {string.Join(' ', Enumerable.Range(0, 64).Where(i => (bits >> i & 1) != 0).Reverse())}");
        return true;
    }

    private bool Convert(string text, Context here, Func<ulong, string> convert)
    {
        ulong value = interpreter.AddressOf(text).Value;
        here.Output.WriteLine($"{value:x} → {convert(value)}");
        return true;
    }

    private string Virtual(ulong physical)
    {
        ulong start = 0;
        if (vmcore.Memory.DirectMap is { } known)
            start = known;
        else if (vmcore.FindSymbol("page_offset_base") is not { } at || !vmcore.Memory.TryU64(at, out start))
            return "the start of the direct map is not known";
        ulong found = unchecked(start + physical);
        return $"{found:x}" + (vmcore.Memory.Translate(new VirtualAddress(found), out PhysicalAddress back) == MemoryState.Present &&
            back.Value == physical ? "" : "  (not mapped there)");
    }
}
