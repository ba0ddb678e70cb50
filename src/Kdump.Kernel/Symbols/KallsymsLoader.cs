using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Symbols;

/// <summary>
/// Loads the kernel's symbol table: from the addresses in VMCOREINFO (6.0 and newer), otherwise by searching the image for its pattern.
/// </summary>
internal static class KallsymsLoader
{
    /// <summary>
    /// Symbols that VMCOREINFO contains; those that are also in a table (data only with CONFIG_KALLSYMS_ALL) confirm its addresses.
    /// Not mem_section, which with CONFIG_SPARSEMEM_EXTREME is there with the address that it points at (VMCOREINFO_SYMBOL_ARRAY).
    /// </summary>
    private static readonly string[] Known =
        ["_stext", "init_uts_ns", "swapper_pg_dir", "init_top_pgt", "node_online_map", "prb", "log_buf"];

    /// <exception cref="InputException">There is no table, or it is inconsistent.</exception>
    public static Kallsyms Load(KernelMemory memory, Keys keys)
    {
        Dictionary<string, VirtualAddress> known = [];
        foreach (string name in Known)
            if (keys.Symbol(name) is { } address && address >= memory.Image.Start)
                known[name] = address;

        InputException? first = null;
        if (keys.Symbol("kallsyms_names") is { } names && keys.Symbol("kallsyms_num_syms") is { } count
            && keys.Symbol("kallsyms_token_table") is { } table && keys.Symbol("kallsyms_token_index") is { } index)
        {
            try
            {
                KallsymsTables tables = new(names, memory.U32(count, "kallsyms_num_syms"), table, index,
                    keys.Symbol("kallsyms_offsets") ?? default, keys.Symbol("kallsyms_relative_base"), keys.Symbol("kallsyms_addresses"));
                return Kallsyms.Load(memory, tables, known);
            }
            catch (InputException e)
            {
                first = e;
            }
        }
        VirtualAddress start = keys.Symbol("_stext") ?? throw first
            ?? new InputException(memory.Name, "SYMBOL(_stext)", -1, "missing in VMCOREINFO");
        KallsymsTables? found = KallsymsSearch.Search(memory, start, memory.Image.LengthFrom(start));
        return found is null
            ? throw first ?? new InputException(memory.Name, "kallsyms_token_table", -1,
                "VMCOREINFO does not name it, and it was not found in the kernel image")
            : Kallsyms.Load(memory, found, known);
    }
}
