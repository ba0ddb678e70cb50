using System.CommandLine;
using System.Text;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt vmcore search</c>: finds a value or a text in memory.</summary>
internal static class VmcoreSearchCommand
{
    private const int Usual = 1000;

    public static Command Build(Context context)
    {
        var text = new Option<bool>("-c", "--text") { Description = "Search for a text" };
        var ints = new Option<bool>("-w") { Description = "Search for a 32-bit value" };
        var start = new Option<string?>("-s", "--from") { Description = "Search from this address", HelpName = "ADDRESS" };
        var end = new Option<string?>("-e", "--to") { Description = "Search up to this address", HelpName = "ADDRESS" };
        var mask = new Option<string?>("-m", "--mask") { Description = "Bits to ignore", HelpName = "MASK" };
        var stacks = new Option<bool>("-t", "--stacks") { Description = "Search only the kernel stacks of tasks" };
        Option<int?> limit = Numbers.Whole("--limit", $"Maximum number of places to show (default {Usual})", 1);
        Option<bool> asJson = VmcoreCommand.JsonOption();
        var command = new Command("search",
            "Find a value in memory: a number, a symbol's address, or a text. Searches the whole dump, " +
                "between two addresses, or the stacks, and says what each place is.\n\nExamples:\n  kdt vmcore search vmcore init_task\n" +
                "  kdt vmcore search vmcore -t schedule_timeout+0x42\n  kdt vmcore search vmcore -c 'I/O error'")
            { text, ints, start, end, mask, stacks, limit, asJson };
        command.Validators.Add(result =>
        {
            bool Given(Option option) => result.GetResult(option) is { Implicit: false };
            if (Given(text) && (Given(ints) || Given(mask)))
                result.AddError("-c cannot be combined with -w or -m.");
            if (Given(stacks) && (Given(start) || Given(end)))
                result.AddError("-t cannot be combined with --from or --to.");
        });
        var files = new DumpFiles(context, command, "VALUE");
        command.SetAction(parsed => files.Use(parsed, (vmcore, words) => VmcoreStructCommand.Answer(context, string.Join(' ', words), () =>
        {
            if (words.Length == 0)
                throw new ExpressionException(0, "expected the value to search for");
            Interpreter interpreter = context.Interpreter ?? VmcorePrintCommand.Open(vmcore);
            string wanted = string.Join(' ', words);
            int width = parsed.GetValue(ints) ? 4 : 8;
            MemorySearch search = parsed.GetValue(text) ? new MemorySearch(Encoding.UTF8.GetBytes(wanted), 1)
                : new MemorySearch(BitConverter.GetBytes(interpreter.AddressOf(wanted).Value)[..width], width,
                    parsed.GetValue(mask) is { } bits ? interpreter.AddressOf(bits).Value : 0);
            int most = Math.Clamp(parsed.GetValue(limit) ?? Usual, 1, 1_000_000);
            SearchView view = new(context, vmcore, most, asked: parsed.GetValue(limit) is not null);
            if (parsed.GetValue(stacks))
                view.Stacks(search);
            else if (parsed.GetValue(start) is not null || parsed.GetValue(end) is not null)
                view.Between(search, interpreter.AddressOf(parsed.GetValue(start) ?? "0xff00000000000000"),
                    interpreter.AddressOf(parsed.GetValue(end) ?? "0xfffffffffffff000"));
            else
                view.Everywhere(search);
            if (parsed.GetValue(asJson))
                view.Json();
            else
                view.Text();
        })));
        return command;
    }
}
