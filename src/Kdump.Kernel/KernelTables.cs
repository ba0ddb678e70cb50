using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Symbols;
using Kdump.Kernel.Types;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel;

/// <summary>Finds the tables that the kernel carries in its rodata: kallsyms, BTF and ORC.</summary>
internal static class KernelTables
{
    /// <summary>
    /// Symbols that VMCOREINFO states: those of them that a table has (data only with CONFIG_KALLSYMS_ALL) prove its addresses.
    /// </summary>
    private static readonly string[] Known =
        ["_stext", "init_uts_ns", "swapper_pg_dir", "init_top_pgt", "node_online_map", "mem_section", "prb", "log_buf"];

    /// <summary>BTF of the largest kernels is under 10 MB.</summary>
    private const long MaxBtf = 128 << 20;

    public static Kallsyms Symbols(Vmcore vmcore)
    {
        Keys keys = vmcore.Keys;
        KernelMemory memory = vmcore.Memory;
        Dictionary<string, VirtualAddress> known = [];
        foreach (string name in Known)
            if (keys.Symbol(name) is { Value: >= X8664Memory.StartKernelMap } address)
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
        KallsymsTables? found = KallsymsSearch.Search(memory, start, ImageLength(keys, start));
        return found is null
            ? throw first ?? new InputException(memory.Name, "kallsyms_token_table", -1,
                "VMCOREINFO does not name it and nothing in the kernel image looks like it")
            : Kallsyms.Load(memory, found, known);
    }

    public static Btf Types(Vmcore vmcore)
    {
        KernelMemory memory = vmcore.Memory;
        if (vmcore.FindSymbol("__start_BTF") is { } start && vmcore.FindSymbol("__stop_BTF") is { } stop)
        {
            long length = unchecked((long)(stop.Value - start.Value));
            if (length is < 24 or > MaxBtf)
                throw new InputException(memory.Name, "__stop_BTF", -1, $"{length} bytes are no length of BTF");
            byte[] data = GC.AllocateUninitializedArray<byte>((int)length);
            memory.ReadTable(start, data, "BTF");
            return Btf.Parse(data, $"{memory.Name} BTF");
        }
        return ScanTypes(vmcore, memory);
    }

    public static Orc Unwind(Vmcore vmcore)
    {
        VirtualAddress ip = vmcore.Symbol("__start_orc_unwind_ip"), ipEnd = vmcore.Symbol("__stop_orc_unwind_ip"),
            entries = vmcore.Symbol("__start_orc_unwind");
        long bytes = unchecked((long)(ipEnd.Value - ip.Value));
        if (bytes is <= 0 or > 4L * Orc.MaxEntries)
            throw new InputException(vmcore.Dump.Name, "__stop_orc_unwind_ip", -1, $"{bytes} bytes are no length of an ORC table");
        return Orc.Read(vmcore.Memory, ip, entries, (int)(bytes / 4), vmcore.Btf.Value);
    }

    /// <summary>From _stext to the end of the room that a kernel image has.</summary>
    private static long ImageLength(Keys keys, VirtualAddress start)
    {
        ulong end = unchecked(X8664Memory.StartKernelMap + (keys.Number("KERNEL_IMAGE_SIZE") ?? 1UL << 30));
        // An image is 30 to 100 MB; past 256 MB nothing of it lies.
        return (long)Math.Min(end > start.Value ? end - start.Value : 0, 256 << 20);
    }

    /// <summary>Without symbols: the magic, version 1, no flags, a header of 24 bytes, types from 0, strings right after them.</summary>
    private static Btf ScanTypes(Vmcore vmcore, KernelMemory memory)
    {
        VirtualAddress start = vmcore.Symbol("_stext");
        long length = ImageLength(vmcore.Keys, start);
        ReadOnlySpan<byte> pattern = [0x9F, 0xEB, 1, 0, 24, 0, 0, 0, 0, 0, 0, 0];
        int outside = 0;
        for (long at = 0; at < length && outside < KallsymsSearch.MaxOutside; at += 1 << 20)
        {
            MemoryBlock window = memory.ReadBlock(start + at, (int)Math.Min((1 << 20) + 32, length - at));
            outside = window.Outside ? outside + 1 : 0;
            for (int from = 0; ;)
            {
                int hit = window.Bytes[from..].IndexOf(pattern);
                if (hit < 0 || from + hit + 24 > window.Length)
                    break;
                from += hit + 1;
                ReadOnlySpan<byte> header = window.Bytes[(from - 1)..];
                uint types = BinaryPrimitives.ReadUInt32LittleEndian(header[12..]),
                    stringsAt = BinaryPrimitives.ReadUInt32LittleEndian(header[16..]);
                uint strings = BinaryPrimitives.ReadUInt32LittleEndian(header[20..]);
                if (types != stringsAt || types < 4096 || strings < 4096 || 24L + types + strings > MaxBtf)
                    continue;
                byte[] data = new byte[24 + types + strings];
                if (!memory.TryRead(start + (at + from - 1), data))
                    continue;
                try
                {
                    return Btf.Parse(data, $"{memory.Name} BTF");
                }
                catch (InputException)
                {
                    // A file's BTF in memory, cut: the kernel's own is whole.
                }
            }
        }
        throw new InputException(memory.Name, "__start_BTF", -1,
            "neither kallsyms nor a search of the kernel image finds BTF (CONFIG_DEBUG_INFO_BTF=n?)");
    }
}
