using System.CommandLine;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt vmcore disasm</c>.</summary>
internal static class VmcoreCodeCommand
{
    public static Command Build(Context context)
    {
        Option<bool> asJson = VmcoreCommand.JsonOption();
        var at = new Option<string?>("--at")
            { Description = "A symbol (its whole function), symbol+0xoffset or an address (default: where the kernel stopped)",
                HelpName = "PLACE" };
        var reverse = new Option<bool>("--reverse", "-r") { Description = "Print from the beginning of the function to the address" };
        var forward = new Option<bool>("--forward", "-f") { Description = "Print from the address to the end of the function" };
        Option<int?> count = Numbers.Whole("--count",
            "Number of instructions to print from the address on (with --reverse: up to it)", 1, 100_000);
        var command = new Command("disasm",
            "Disassemble code from the dump's memory, and explain why the instruction that stopped the kernel failed.\n\nExamples:\n" +
            "  kdt vmcore disasm vmcore\n" +
            "  kdt vmcore disasm --at schedule vmcore") { at, reverse, forward, count, asJson };
        command.Validators.Add(result =>
        {
            if (result.GetValue(reverse) && result.GetValue(forward))
                result.AddError("--reverse and --forward exclude each other.");
        });
        DumpFiles files = new DumpFiles(context, command).WithDebug(command);
        command.SetAction(parsed => files.Use(parsed, vmcore =>
        {
            CodeView view = CodeView.Of(vmcore, parsed.GetValue(at),
                new CodePart(parsed.GetValue(reverse), parsed.GetValue(forward), parsed.GetValue(count) ?? 0));
            if (parsed.GetValue(asJson))
                view.Json(context.Output);
            else
                view.Text(context);
            return ExitCode.Fine;
        }));
        return command;
    }
}
