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
        var command = new Command("disasm",
            "Disassemble code from the dump's memory, and explain why the instruction that stopped the kernel failed.\n\nExamples:\n" +
            "  kdt vmcore disasm vmcore\n" +
            "  kdt vmcore disasm --at schedule vmcore") { at, asJson };
        DumpFiles files = new DumpFiles(context, command).WithDebug(command);
        command.SetAction(parsed => files.Use(parsed, vmcore =>
        {
            CodeView view = CodeView.Of(vmcore, parsed.GetValue(at));
            if (parsed.GetValue(asJson))
                view.Json(context.Output);
            else
                view.Text(context);
            return ExitCode.Fine;
        }));
        return command;
    }
}
