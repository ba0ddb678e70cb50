using System.CommandLine;
using System.Globalization;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt vmcore read</c>: dumps memory.</summary>
internal static class VmcoreReadCommand
{
    /// <summary>Limit for the count: a larger number is more likely an address given by mistake.</summary>
    private const long MaxCount = 1 << 20;

    /// <summary>Limit for a text, in bytes.</summary>
    private const int MaxText = 4096;

    public static Command Build(Context context, string name = "read")
    {
        var bytes = new Option<bool>("-8") { Description = "Print bytes" };
        var shorts = new Option<bool>("-16") { Description = "Print 16-bit numbers" };
        var ints = new Option<bool>("-32") { Description = "Print 32-bit numbers" };
        var longs = new Option<bool>("-64") { Description = "Print 64-bit numbers, two per line" };
        var text = new Option<bool>("-a") { Description = "Print text up to its NUL" };
        var symbols = new Option<bool>("-s", "-S") { Description = "Print one word per line, with what it points at" };
        var pointers = new Option<bool>("--pointers") { Description = "Print only words that point at something known" };
        var @decimal = new Option<bool>("-d") { Description = "Print numbers in decimal" };
        var plainly = new Option<bool>("-x") { Description = "Print numbers without their characters" };
        var physical = new Option<bool>("-p") { Description = "The address is a physical address" };
        Option<int?> pid = Numbers.Whole("--pid", "The address belongs to this process");
        var end = new Option<string?>("-e", "--end") { Description = "Stop at this address", HelpName = "ADDRESS" };
        Option<bool> asJson = VmcoreCommand.JsonOption();
        var command = new Command(name,
            "Print memory at a symbol, an address or the result of an expression: each word with what it points at " +
                "(symbol, slab object, stack, per-CPU variable, module, vmalloc area), or as numbers or text.\n" +
                $"\nExamples:\n  kdt vmcore {name} vmcore jiffies\n  kdt vmcore {name} vmcore init_task.stack 64 --pointers\n" +
                $"  kdt vmcore {name} vmcore -a saved_command_line\n  kdt vmcore {name} vmcore -p -8 0x1000 256")
            { bytes, shorts, ints, longs, text, symbols, pointers, @decimal, plainly, physical, pid, end, asJson };
        command.Validators.Add(result =>
        {
            bool Given(Option option) => result.GetResult(option) is { Implicit: false };
            if (new Option[] { bytes, shorts, ints, longs, text, symbols, pointers }.Where(Given).Skip(1).Any() &&
                !(Given(symbols) && Given(pointers)))
                result.AddError("-8, -16, -32, -64, -a, -s and --pointers exclude each other.");
            if (Given(@decimal) && (Given(text) || Given(symbols) || Given(pointers)))
                result.AddError("-d is for numbers only.");
            if (Given(plainly) && (Given(text) || Given(symbols) || Given(pointers)))
                result.AddError("-x is for numbers only.");
            if (Given(physical) && Given(pid))
                result.AddError("-p and --pid exclude each other.");
        });
        var files = new DumpFiles(context, command, "ADDRESS [COUNT]");
        command.SetAction(parsed => files.Use(parsed, (vmcore, words) => VmcoreStructCommand.Answer(context, string.Join(' ', words), () =>
        {
            Interpreter interpreter = context.Interpreter ?? VmcorePrintCommand.Open(vmcore);
            (string[] place, long? asked) = Counted(words);
            long count = asked ?? 1;
            if (asked is not null && (parsed.GetValue(text) || parsed.GetValue(end) is not null))
                throw new ExpressionException(0, "a count cannot be combined with -a or --end");
            int width;
            if (parsed.GetValue(bytes))
                width = 1;
            else if (parsed.GetValue(shorts))
                width = 2;
            else
                width = parsed.GetValue(ints) ? 4 : 8;
            // For text, a variable of type char * is followed to the text.
            VirtualAddress at = interpreter.AddressOf(string.Join(' ', place), followText: parsed.GetValue(text));
            if (parsed.GetValue(end) is { } last)
            {
                ulong stop = interpreter.AddressOf(last).Value;
                if (stop <= at.Value)
                    throw new ExpressionException(0, $"the end {stop:x} is not after the start {at}");
                count = (long)Math.Min((stop - at.Value - 1) / (ulong)width + 1, long.MaxValue);
            }
            count = Capped(vmcore, count, MaxCount);
            KernelMemory memory;
            if (parsed.GetValue(pid) is int process)
                memory = OfProcess(vmcore, process);
            else if (parsed.GetValue(physical))
                memory = new PhysicalView(new PhysicalMemory(vmcore.Dump, vmcore.Unread));
            else
                memory = vmcore.Memory;
            AddressBrief brief = new(vmcore);
            if (parsed.GetValue(asJson))
            {
                string space = parsed.GetValue(pid) is null ? "kernel" : "process";
                MemoryJson json = new(vmcore, memory, brief, parsed.GetValue(physical) ? "physical" : space, parsed.GetValue(pid),
                    context.Output);
                if (parsed.GetValue(text))
                    json.Text(at, MaxText);
                else
                    json.Words(at, count, width, parsed.GetValue(pointers));
                return;
            }
            MemoryText view = new(memory, context.Output, brief);
            // rd without options prints the same as crash's rd.
            bool plain = width < 8 || parsed.GetValue(longs) || parsed.GetValue(@decimal) || parsed.GetValue(plainly) ||
                (name == "rd" && !parsed.GetValue(symbols) && !parsed.GetValue(pointers));
            if (parsed.GetValue(text))
                view.Text(at, MaxText);
            else if (plain)
                view.Numbers(at, count, width, parsed.GetValue(@decimal) ? 10 : 16, !parsed.GetValue(plainly));
            else
                view.Told(at, count, parsed.GetValue(pointers));
        })));
        return command;
    }

    /// <summary>The address space of a process.</summary>
    /// <exception cref="InputException">There is no such process, or it has no memory of its own.</exception>
    public static KernelMemory OfProcess(Vmcore vmcore, int pid)
    {
        TaskStruct task = vmcore.Tasks.Need(vmcore.Dump.Name, "tasks").All.FirstOrDefault(t => t.Pid == pid)
            ?? throw new InputException(vmcore.Dump.Name, "--pid", -1, $"no task has the id {pid}");
        if (task.Struct.Follow("mm") is not { } mm)
            throw new InputException(vmcore.Dump.Name, "--pid", -1, $"{pid} is a kernel thread: it has no memory of its own");
        return vmcore.Memory.OfProcess(mm.Pointer("pgd"))
            ?? throw new InputException(vmcore.Dump.Name, "--pid", -1, $"the page tables of {pid} are not mapped");
    }

    /// <summary>Limits a count to <paramref name="most"/> and reports when it does.</summary>
    internal static long Capped(Vmcore vmcore, long count, long most)
    {
        if (count <= most)
            return count;
        UnreadText.Lost(vmcore, [new Damage(vmcore.Dump.Name, "output", -1, string.Create(CultureInfo.InvariantCulture,
            $"{count} were requested, only the first {most} are shown"))]);
        return most;
    }

    /// <summary>Splits off the last word if it is a number of elements.</summary>
    private static (string[] Place, long? Count) Counted(string[] words)
    {
        if (words.Length == 0)
            throw new ExpressionException(0, "expected an address");
        if (words.Length == 1)
            return (words, null);
        string last = words[^1];
        bool good = last.StartsWith("0x", StringComparison.Ordinal)
            ? long.TryParse(last.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long count)
            : long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out count);
        if (good && count < 1)
            throw new ExpressionException(0, "the count must be 1 or more", last);
        return good ? (words[..^1], count) : (words, null);
    }
}
