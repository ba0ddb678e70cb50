using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Symbols;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Expressions;

/// <summary>
/// Symbols as objects: first the kernel's symbols (kallsyms), then those of modules. Types of functions and per-CPU variables are from
/// BTF, those of other variables from <see cref="KnownVariables"/>; otherwise the type is <see cref="CType.Unknown"/>.
/// </summary>
internal sealed class Variables(CrashedKernel kernel, Func<string, CType?> typeOf)
{
    /// <exception cref="ExpressionException">Several symbols have this name; the message lists them.</exception>
    public KernelObject? Find(string name, string? module, int column) =>
        (module is null ? FindOwn(name, column) : null) ?? Only(name, OfModules(name, module), column);

    /// <summary>Finds a symbol of the kernel itself, not of modules.</summary>
    /// <inheritdoc cref="Find"/>
    public KernelObject? FindOwn(string name, int column)
    {
        List<Symbol> found = [.. kernel.Kallsyms.Value?.FindAll(name) ?? []];
        if (found.Count == 0 && kernel.FindSymbol(name) is { } keyed)
            found.Add(new Symbol(name, keyed, 0, 'D'));
        return Only(name, found, column);
    }

    private KernelObject? Only(string name, IEnumerable<Symbol> found, int column)
    {
        Symbol[] distinct = [.. found.DistinctBy(s => s.Address.Value)];
        if (distinct.Length == 0)
            return null;
        if (distinct.Length > 1)
            throw new ExpressionException(column, $"{distinct.Length} symbols are called '{name}' " +
                $"({string.Join(", ", distinct.Take(4).Select(s => $"0x{s.Address}{(s.Module is null ? "" : $" [{s.Module}]")}"))}" +
                $"{(distinct.Length > 4 ? ", …" : "")}): write {(distinct.All(s => s.Module is not null) ? $"module::{name}, or " : "")}" +
                "*(TYPE *)ADDRESS");
        Symbol symbol = distinct[0];
        Btf? types = symbol.Module is null ? kernel.Btf.Value : kernel.Modules.Value?.Types().GetValueOrDefault(symbol.Module);
        if (types is not null && char.ToLowerInvariant(symbol.Type) is 't' or 'w' or Symbol.UnknownType &&
            types.Find(BtfKind.Function, name) is > 0 and var function)
            return KernelObject.At(kernel.Memory, CType.Of(types, function), symbol.Address).AsVariable(name, false);
        if (types?.VariableType(name) is { } variable)
            return KernelObject.At(kernel.Memory, CType.Of(types, variable), symbol.Address)
                .AsVariable(name, IsPerCpu(symbol, types, name));
        bool perCpu = IsPerCpu(symbol, types, name);
        if (symbol.Module is null && !perCpu && typeOf(name) is { } known)
            return KernelObject.At(kernel.Memory, known, symbol.Address).AsVariable(name, false);
        return KernelObject.At(kernel.Memory, CType.Unknown, symbol.Address).AsVariable(name, perCpu);
    }

    /// <summary>Bytes to the next symbol, which is the maximum size of a variable.</summary>
    public ulong Room(VirtualAddress address) => kernel.Locate(address) is { Offset: 0 } at ? at.Size : 0;

    /// <summary>Known names, for suggestions if a name is wrong.</summary>
    public IEnumerable<string> Names()
    {
        if (kernel.Kallsyms.Value is { } symbols)
            for (int i = 0; i < symbols.Count; i++)
                yield return symbols.Name(i);
        foreach (KernelModule module in kernel.Modules.Value?.All ?? [])
            if (kernel.Modules.Value!.Symbols(module) is { } own)
                for (int i = 0; i < own.Count; i++)
                    yield return own.Name(i);
    }

    private IEnumerable<Symbol> OfModules(string name, string? wanted)
    {
        foreach (KernelModule module in kernel.Modules.Value?.All ?? [])
        {
            if ((wanted is null || module.Name == wanted) && kernel.Modules.Value!.Symbols(module) is { } symbols)
                foreach (Symbol symbol in symbols.FindAll(name))
                    yield return symbol;
        }
    }

    private bool IsPerCpu(Symbol symbol, Btf? types, string name)
    {
        if (symbol.Module is not null)
            return kernel.Modules.Value?.At(symbol.Address) is null;
        if (types?.PerCpuOffset(name) is not null)
            return true;
        return kernel.Kallsyms.Value is { } symbols && symbols.Find("__per_cpu_start") is { } start &&
            symbols.Find("__per_cpu_end") is { } end && symbol.Address >= start && symbol.Address < end;
    }
}
