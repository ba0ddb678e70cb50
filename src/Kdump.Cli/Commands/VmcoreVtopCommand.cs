using System.CommandLine;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt vmcore vtop</c>: translates a virtual address to a physical one.</summary>
internal static class VmcoreVtopCommand
{
    public static Command Build(Context context)
    {
        Option<int?> pid = Numbers.Whole("--pid", "The address belongs to this process");
        pid.Aliases.Add("-c");
        var command = new Command("vtop",
            "Translate a virtual address to a physical one: " +
                "the entry of each page table with its flags, the page, and whether the dump has it.\n" +
                "\nExamples:\n  kdt vmcore vtop vmcore jiffies\n  kdt vmcore vtop vmcore --pid 1 0x7ffd1c2a5000") { pid };
        var files = new DumpFiles(context, command, "ADDRESS…");
        command.SetAction(parsed => files.Use(parsed, (vmcore, words) => VmcoreStructCommand.Answer(context, string.Join(' ', words), () =>
        {
            Interpreter interpreter = context.Interpreter ?? VmcorePrintCommand.Open(vmcore);
            KernelMemory memory = parsed.GetValue(pid) is int process ? VmcoreReadCommand.OfProcess(vmcore, process) : vmcore.Memory;
            if (words.Length == 0)
                throw new ExpressionException(0, "expected an address");
            foreach (string word in words)
                Walk(context, vmcore, memory, interpreter.AddressOf(word));
        })));
        return command;
    }

    private static void Walk(Context context, Vmcore vmcore, KernelMemory memory, VirtualAddress address)
    {
        TextWriter output = context.Output;
        IReadOnlyList<PageTableStep> steps = memory.Explain(address);
        output.WriteLine($"virtual   {address}");
        if (steps.Count == 0)
            output.WriteLine("          is not a valid address: its upper bits are not all equal");
        foreach (PageTableStep step in steps)
            output.WriteLine(step.State == MemoryState.Present ? $"  {step.Level} at {step.At}  {step.Entry:x16}  {step.Flags}"
                : $"  {step.Level} at {step.At}  {step.State.Mark()}");
        if (steps.Count > 0 && steps[^1].PageBytes is { } size)
            output.WriteLine("page      " +
                size switch
                {
                    >= 1 << 30 => $"{size >> 30} GiB",
                    >= 1 << 20 => $"{size >> 20} MiB",
                    _ => $"{size >> 10} KiB",
                });
        if (memory.Translate(address, out PhysicalAddress physical) != MemoryState.Present)
        {
            output.WriteLine("physical  none: not mapped");
            return;
        }
        Pfn frame = new(physical.Value / (ulong)vmcore.Dump.PageSize);
        output.WriteLine($"physical  {physical}  frame {frame}, " +
            $"{(MemoryStates.Of(vmcore.Dump.State(frame)) is var state && state == MemoryState.Present ? "in the dump" : state.Words())}");
        if (new AddressUse(vmcore, vmcore.Tasks.Value).Of(address) is { Page: { } page })
            output.WriteLine($"struct    page {page.Struct}: {Printable.Escape(page.Type ?? "of unknown type")}");
        string what = new AddressBrief(vmcore).Of(address.Value);
        if (what.Length > 0)
            output.WriteLine($"holds     {what}");
    }
}
