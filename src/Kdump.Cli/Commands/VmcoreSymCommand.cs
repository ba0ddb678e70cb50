using System.CommandLine;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;
using Kdump.Formats.Bytes;
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
        Option<bool> asJson = VmcoreCommand.JsonOption();
        var command = new Command("sym",
            "Show the address of a symbol or the symbol at an address, or list symbols. " +
                "A place may also be given as a kernel log prints it (schedule+0x2d/0x110, nvme_queue_rq+0x20/0x100 [nvme]).\n\n" +
                "Examples:\n  kdt vmcore sym vmcore schedule ffffffff81a00010\n" +
                "  kdt vmcore sym vmcore -q tcp_sendmsg\n  kdt vmcore sym vmcore -m nvme")
            { list, module, part, next, previous, asJson };
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
            IEnumerable<SymbolRow> rows = Listed(vmcore, parsed.GetValue(list), parsed.GetValue(module), parsed.GetValue(part), words)
                .Concat(TracePlace.Joined(words).SelectMany(
                    word => One(context, vmcore, word, parsed.GetValue(previous), parsed.GetValue(next))));
            if (parsed.GetValue(asJson))
                SymbolsView.Json(context.Output, vmcore, rows);
            else
                SymbolsView.Text(context, rows);
        })));
        return command;
    }

    private static IEnumerable<SymbolRow> Listed(Vmcore vmcore, bool all, string? module, string? part, string[] words)
    {
        if (all)
            return All(vmcore).Select(SymbolRow.Of);
        if (module is not null)
            return Of(vmcore, module).Select(SymbolRow.Of);
        if (part is not null)
        {
            IEnumerable<Symbol> found = All(vmcore).Where(s => s.Name.Contains(part, StringComparison.Ordinal));
            return found.Any() ? found.Select(SymbolRow.Of) : throw new ExpressionException(0, $"no symbol's name contains '{part}'", part);
        }
        return words.Length > 0 ? [] : throw new ExpressionException(0, "expected a name or an address");
    }

    private static IEnumerable<SymbolRow> One(Context context, Vmcore vmcore, string word, bool previous, bool next)
    {
        Symbol[] named = [.. All(vmcore, word)];
        foreach (Symbol symbol in named)
            foreach (SymbolRow row in WithNeighbours(symbol.Address, SymbolRow.Of(symbol) with { Asked = word }))
                yield return row;
        if (named.Length > 0)
            yield break;
        if (vmcore.FindSymbol(word) is { } keyed)
        {
            yield return new SymbolRow(word, keyed, Symbol.UnknownType, null) { Asked = word };
            yield break;
        }
        Interpreter interpreter = context.Interpreter ?? VmcorePrintCommand.Open(vmcore);
        VirtualAddress at = interpreter.AddressOf(word);
        Location where = vmcore.Locate(at)
            ?? throw new ExpressionException(0, $"no symbol contains {at}; kdt vmcore memory --at {at} shows what is there", word);
        VirtualAddress start = at + -(long)where.Offset;
        SymbolRow within = new(where.Symbol, at, TypeAt(vmcore, start, where), where.Module)
        {
            Asked = word,
            Within = where,
            Source = vmcore.Debug?.At(at, exact: true) ?? [],
        };
        foreach (SymbolRow row in WithNeighbours(start, within))
            yield return row;

        IEnumerable<SymbolRow> WithNeighbours(VirtualAddress of, SymbolRow row)
        {
            IEnumerable<Symbol> around = row.Module is null ? vmcore.Kallsyms.Need(vmcore.Dump.Name, "symbols").InOrder()
                : Of(vmcore, row.Module);
            Symbol[] all = previous || next ? [.. around.OrderBy(s => s.Address)] : [];
            if (previous && all.TakeWhile(s => s.Address < of).TakeLast(1).ToArray() is [var before])
                yield return SymbolRow.Of(before) with { Asked = word, Neighbour = "previous" };
            yield return row;
            if (next && all.SkipWhile(s => s.Address <= of).Take(1).ToArray() is [var after])
                yield return SymbolRow.Of(after) with { Asked = word, Neighbour = "next" };
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
}
