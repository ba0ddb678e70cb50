using System.CommandLine;
using System.Text;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt vmcore search</c>: where a value or a text stands in memory.</summary>
internal static class VmcoreSearchCommand
{
    private const int Usual = 1000;

    public static Command Build(Context context)
    {
        var text = new Option<bool>("-c", "--text") { Description = "What is looked for is a text" };
        var ints = new Option<bool>("-w") { Description = "A value of 32 bits" };
        var start = new Option<string?>("-s", "--from") { Description = "Only from this address on", HelpName = "ADDRESS" };
        var end = new Option<string?>("-e", "--to") { Description = "Only up to this address", HelpName = "ADDRESS" };
        var mask = new Option<string?>("-m", "--mask") { Description = "Bits that do not count", HelpName = "MASK" };
        var stacks = new Option<bool>("-t", "--stacks") { Description = "Only in the kernel stacks of the tasks" };
        Option<int?> limit = Numbers.Whole("--limit", $"Show so many places (default {Usual})", 1);
        var command = new Command("search",
            "Where a value stands in memory: a number, a symbol's address, or a text; in all that the dump has, between two addresses, " +
            "or in the stacks. Each place is told what it is.\n\nExamples:\n  kdt vmcore search vmcore init_task\n" +
            "  kdt vmcore search vmcore -t schedule_timeout+0x42\n  kdt vmcore search vmcore -c 'I/O error'")
            { text, ints, start, end, mask, stacks, limit };
        command.Validators.Add(result =>
        {
            bool Given(Option option) => result.GetResult(option) is { Implicit: false };
            if (Given(text) && (Given(ints) || Given(mask)))
                result.AddError("-c goes neither with -w nor with -m.");
            if (Given(stacks) && (Given(start) || Given(end)))
                result.AddError("-t goes neither with --from nor with --to.");
        });
        var files = new DumpFiles(context, command, "VALUE");
        command.SetAction(parsed => files.Use(parsed, (vmcore, words) => VmcoreStructCommand.Answer(context, string.Join(' ', words), () =>
        {
            if (words.Length == 0)
                throw new ExpressionException(0, "what to look for was expected");
            Interpreter interpreter = context.Interpreter ?? VmcorePrintCommand.Open(vmcore);
            string wanted = string.Join(' ', words);
            int width = parsed.GetValue(ints) ? 4 : 8;
            MemorySearch search = parsed.GetValue(text) ? new MemorySearch(Encoding.UTF8.GetBytes(wanted), 1)
                : new MemorySearch(BitConverter.GetBytes(interpreter.AddressOf(wanted).Value)[..width], width,
                    parsed.GetValue(mask) is { } bits ? interpreter.AddressOf(bits).Value : 0);
            int most = Math.Clamp(parsed.GetValue(limit) ?? Usual, 1, 1_000_000);
            SearchText view = new(context, vmcore, most);
            if (parsed.GetValue(stacks))
                view.Stacks(search);
            else if (parsed.GetValue(start) is not null || parsed.GetValue(end) is not null)
                view.Between(search, interpreter.AddressOf(parsed.GetValue(start) ?? "0xff00000000000000"),
                    interpreter.AddressOf(parsed.GetValue(end) ?? "0xfffffffffffff000"));
            else
                view.Everywhere(search);
        })));
        return command;
    }
}
