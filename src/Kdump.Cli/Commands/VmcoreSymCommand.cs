using System.CommandLine;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Formats.Dwarf;
using Kdump.Kernel;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Symbols;
using Symbol = Kdump.Kernel.Symbols.Symbol;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt vmcore sym</c>: symbols by name and address.</summary>
internal static class VmcoreSymCommand
{
    public static Command Build(Context context)
    {
        var list = new Option<bool>("-l") { Description = "List all symbols" };
        var module = new Option<string?>("-m") { Description = "List all symbols of a module", HelpName = "MODULE" };
        var part = new Option<string?>("-q") { Description = "List symbols whose name contains this text", HelpName = "TEXT" };
        var next = new Option<bool>("-n") { Description = "With the symbol that follows" };
        var previous = new Option<bool>("-p") { Description = "With the symbol before" };
        var command = new Command("sym",
            "Show the address of a symbol or the symbol at an address, or list symbols. " +
            "A place is also taken as a kernel's log prints it (schedule+0x2d/0x110, nvme_queue_rq+0x20/0x100 [nvme]).\n\n" +
            "Examples:\n  kdt vmcore sym vmcore schedule ffffffff81a00010\n" +
            "  kdt vmcore sym vmcore -q tcp_sendmsg\n  kdt vmcore sym vmcore -m nvme") { list, module, part, next, previous };
        command.Validators.Add(result =>
        {
            if (new Option[] { list, module, part }.Count(o => result.GetResult(o) is { Implicit: false }) > 1)
                result.AddError("-l, -m and -q exclude each other.");
            if (new Option[] { list, module, part }.Any(o => result.GetResult(o) is { Implicit: false }) &&
                new Option[] { next, previous }.Any(o => result.GetResult(o) is { Implicit: false }))
                result.AddError("-n and -p are for single symbols.");
        });
        DumpFiles files = new DumpFiles(context, command, "[NAME|ADDRESS…]").WithDebug(command);
        command.SetAction(parsed => files.Use(parsed, (vmcore, words) => VmcoreStructCommand.Answer(context, string.Join(' ', words), () =>
        {
            if (parsed.GetValue(list))
                List(context, All(vmcore));
            else if (parsed.GetValue(module) is { } name)
                List(context, Of(vmcore, name));
            else if (parsed.GetValue(part) is { } text)
            {
                if (!List(context, All(vmcore).Where(s => s.Name.Contains(text, StringComparison.Ordinal))))
                    throw new ExpressionException(0, $"no symbol's name contains '{text}'", text);
            }
            else if (words.Length == 0)
                throw new ExpressionException(0, "expected a name or an address");
            foreach (string word in TracePlace.Joined(words))
                One(context, vmcore, word, parsed.GetValue(previous), parsed.GetValue(next));
        })));
        return command;
    }

    private static void One(Context context, Vmcore vmcore, string word, bool previous, bool next)
    {
        Symbol[] named = [.. All(vmcore, word)];
        foreach (Symbol symbol in named)
            WithNeighbours(symbol.Address, symbol.Module, () => List(context, [symbol]));
        if (named.Length > 0)
            return;
        if (vmcore.FindSymbol(word) is { } keyed)
        {
            context.Output.WriteLine($"{keyed} (?) {Printable.Escape(word)}");
            return;
        }
        Interpreter interpreter = context.Interpreter ?? VmcorePrintCommand.Open(vmcore);
        VirtualAddress at = interpreter.AddressOf(word);
        Location where = vmcore.Locate(at)
            ?? throw new ExpressionException(0, $"no symbol contains {at}; kdt vmcore memory --at {at} shows what is there", word);
        VirtualAddress start = at + -(long)where.Offset;
        WithNeighbours(start, where.Module, () => context.Output.WriteLine(
            $"{at} ({TypeAt(vmcore, start, where)}) {Printable.Escape(where.Symbol)}" +
            $"{(where.Offset == 0 ? "" : $"+0x{where.Offset:x}")}{(where.Module is null ? "" : $" [{Printable.Escape(where.Module)}]")}  " +
            $"(from {start}, {Counted.Of(where.Size, "byte")})"));
        foreach (SourcePlace place in vmcore.Debug?.At(at, exact: true) ?? [])
            context.Output.WriteLine($"  {SourceText.Of(place)}");

        void WithNeighbours(VirtualAddress of, string? module, Action show)
        {
            IEnumerable<Symbol> around = module is null ? vmcore.Kallsyms.Need(vmcore.Dump.Name, "symbols").InOrder() : Of(vmcore, module);
            Symbol[] all = previous || next ? [.. around.OrderBy(s => s.Address)] : [];
            if (previous)
                List(context, all.TakeWhile(s => s.Address < of).TakeLast(1));
            show();
            if (next)
                List(context, all.SkipWhile(s => s.Address <= of).Take(1));
        }
    }

    private static char TypeAt(Vmcore vmcore, VirtualAddress start, Location where) =>
        All(vmcore, where.Symbol).FirstOrDefault(s => s.Address == start) is { Name: not null } symbol ? symbol.Type : Symbol.UnknownType;

    private static IEnumerable<Symbol> All(Vmcore vmcore, string name)
    {
        foreach (Symbol symbol in vmcore.Kallsyms.Value?.FindAll(name) ?? [])
            yield return symbol;
        foreach (KernelModule module in vmcore.Modules.Value?.All ?? [])
            foreach (Symbol symbol in vmcore.Modules.Value!.Symbols(module)?.FindAll(name) ?? [])
                yield return symbol;
    }

    private static IEnumerable<Symbol> All(Vmcore vmcore)
    {
        foreach (Symbol symbol in vmcore.Kallsyms.Need(vmcore.Dump.Name, "symbols").InOrder())
            yield return symbol;
        foreach (KernelModule module in vmcore.Modules.Value?.All ?? [])
            foreach (Symbol symbol in Of(vmcore, module))
                yield return symbol;
    }

    private static IEnumerable<Symbol> Of(Vmcore vmcore, string name)
    {
        Modules modules = vmcore.Modules.Need(vmcore.Dump.Name, "modules");
        KernelModule module = modules.All.FirstOrDefault(m => m.Name == name.Replace('-', '_')) ?? throw new ExpressionException(0,
            $"no module '{name}' is loaded{Nearest.Hint(name, modules.All.Select(m => m.Name))}", name);
        return Of(vmcore, module);
    }

    private static IEnumerable<Symbol> Of(Vmcore vmcore, KernelModule module)
    {
        if (vmcore.Modules.Value?.Symbols(module) is not { } symbols)
            yield break;
        for (int i = 0; i < symbols.Count; i++)
            yield return symbols[i];
    }

    /// <summary>Prints symbols; false if there are none.</summary>
    private static bool List(Context context, IEnumerable<Symbol> symbols)
    {
        bool any = false;
        foreach (Symbol symbol in symbols)
        {
            any = true;
            context.Output.WriteLine($"{symbol.Address} " +
                $"({symbol.Type}) {Printable.Escape(symbol.Name)}{(symbol.Module is null ? "" : $" [{Printable.Escape(symbol.Module)}]")}");
        }
        return any;
    }
}
