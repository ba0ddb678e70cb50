using System.CommandLine;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Memory;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt vmcore vtop</c>: translates a virtual address to a physical one.</summary>
internal static class VmcoreVtopCommand
{
    public static Command Build(Context context)
    {
        Option<int?> pid = Numbers.Whole("--pid", "The address belongs to this process");
        pid.Aliases.Add("-c");
        Option<bool> asJson = VmcoreCommand.JsonOption();
        var command = new Command("vtop",
            "Translate a virtual address to a physical one: " +
                "the entry of each page table with its flags, the page, and whether the dump has it.\n" +
                "\nExamples:\n  kdt vmcore vtop vmcore jiffies\n  kdt vmcore vtop vmcore --pid 1 0x7ffd1c2a5000")
            { pid, asJson };
        var files = new DumpFiles(context, command, "ADDRESS…");
        command.SetAction(parsed => files.Use(parsed, (vmcore, words) => VmcoreStructCommand.Answer(context, string.Join(' ', words), () =>
        {
            Interpreter interpreter = context.Interpreter ?? VmcorePrintCommand.Open(vmcore);
            KernelMemory memory = parsed.GetValue(pid) is int process ? VmcoreReadCommand.OfProcess(vmcore, process) : vmcore.Memory;
            if (words.Length == 0)
                throw new ExpressionException(0, "expected an address");
            IEnumerable<TranslationView> views = words.Select(word => new TranslationView(vmcore, memory, interpreter.AddressOf(word)));
            if (parsed.GetValue(asJson))
                UnreadText.Json(context.Output, vmcore, "kdt.vmcore.vtop/1", json =>
                {
                    json.WriteStartArray("addresses");
                    foreach (TranslationView view in views)
                        view.Json(json);
                    json.WriteEndArray();
                });
            else
                foreach (TranslationView view in views)
                    view.Text(context.Output);
        })));
        return command;
    }
}
