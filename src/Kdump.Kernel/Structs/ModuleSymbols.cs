using System.Buffers.Binary;
using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Symbols;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// Symbols of one module: struct mod_kallsyms (module.kallsyms; in struct module itself before 4.5), Elf64_Sym with names behind.
/// </summary>
public sealed class ModuleSymbols
{
    private const int SymbolBytes = 24;
    private const uint MaxSymbols = 1 << 20;
    private const int MaxStrings = 64 << 20;

    private readonly KernelModule module;
    private readonly ulong[] addresses;
    private readonly uint[] nameOffsets;
    private readonly (ulong Address, uint Name)[] perCpu;
    private readonly MemoryBlock? strings;

    private ModuleSymbols(KernelModule module, ulong[] addresses, uint[] nameOffsets, (ulong Address, uint Name)[] perCpu,
        MemoryBlock? strings)
    {
        this.module = module;
        this.addresses = addresses;
        this.nameOffsets = nameOffsets;
        this.perCpu = perCpu;
        this.strings = strings;
    }

    public int Count => addresses.Length;

    public static ModuleSymbols Read(KernelModule module)
    {
        StructReader reader = module.Struct;
        StructReader table = reader.Type.Of("kallsyms") is not null && reader.Follow("kallsyms") is { } kallsyms ? kallsyms : reader;
        uint count = table.U32("num_symtab");
        if (count > MaxSymbols)
            throw new InputException(reader.Memory.Name, "mod_kallsyms.num_symtab", -1, $"{count} is larger than {MaxSymbols}");
        MemoryBlock symbols = reader.Memory.ReadBlock(table.Pointer("symtab"), (int)count * SymbolBytes);
        List<(ulong Address, uint Name)> found = [], perCpu = [];
        uint last = 0;
        for (int i = 1; i < count; i++)
        {
            if (!symbols.TrySlice(i * SymbolBytes, SymbolBytes, out ReadOnlySpan<byte> symbol))
                continue;
            uint name = BinaryPrimitives.ReadUInt32LittleEndian(symbol);
            ushort section = BinaryPrimitives.ReadUInt16LittleEndian(symbol[6..]);
            ulong address = BinaryPrimitives.ReadUInt64LittleEndian(symbol[8..]);
            bool everywhere = module.HoldsPerCpu(address);
            if (section == 0 || name is 0 or >= MaxStrings || !(everywhere || module.Holds(new VirtualAddress(address))))
                continue;
            (everywhere ? perCpu : found).Add((address, name));
            last = Math.Max(last, name);
        }
        MemoryBlock? strings = found.Count + perCpu.Count == 0 ? null : ReadStrings(reader.Memory, table.Pointer("strtab"), last);
        found.RemoveAll(f => strings is not null && IsMapping(strings, f.Name));
        // The first of several symbols at one address wins, as in the kernel: the sort is stable.
        (ulong Address, uint Name)[] sorted = [.. found.OrderBy(s => s.Address)];
        return new ModuleSymbols(module, [.. sorted.Select(s => s.Address)], [.. sorted.Select(s => s.Name)], [.. perCpu], strings);
    }

    public Symbol? At(VirtualAddress address)
    {
        int i = Array.BinarySearch(addresses, address.Value);
        i = i < 0 ? ~i - 1 : i;
        if (i < 0)
            return null;
        int first = i;
        while (first > 0 && addresses[first - 1] == addresses[i])
            first--;
        while (i + 1 < addresses.Length && addresses[i + 1] == addresses[first])
            i++;
        // The next symbol, or the end of this part of the module.
        ulong next = i + 1 < addresses.Length ? addresses[i + 1] : ulong.MaxValue;
        foreach ((VirtualAddress start, uint size) in module.Ranges)
            if (addresses[first] >= start.Value && addresses[first] - start.Value < size)
                next = Math.Min(next, unchecked(start.Value + size));
        return new Symbol(Name(first), new VirtualAddress(addresses[first]), next - addresses[first], 't', module.Name);
    }

    public Symbol this[int i] => new(Name(i), new VirtualAddress(addresses[i]), 0, 't', module.Name);

    /// <summary>Symbols of one name, in the order of addresses.</summary>
    public IEnumerable<Symbol> FindAll(string name)
    {
        byte[] wanted = Encoding.UTF8.GetBytes(name + "\0");
        for (int i = 0; i < addresses.Length; i++)
            if (Is(nameOffsets[i], wanted))
                yield return this[i];
        foreach ((ulong address, uint at) in perCpu)
            if (Is(at, wanted))
                yield return new(name, new VirtualAddress(address), 0, 'd', module.Name);
    }

    private bool Is(uint at, byte[] wanted) => strings is not null && at < strings.Length && strings.Bytes[(int)at..].StartsWith(wanted);

    /// <summary>is_mapping_symbol() of include/linux/module_symbol.h: $x and $d of arm, .L of riscv: marks of the linker, no
    /// names.</summary>
    private static bool IsMapping(MemoryBlock strings, uint name) =>
        name < strings.Length && strings.Bytes[(int)name..] is [(byte)'$', ..] or [(byte)'.', (byte)'L', ..];

    private string Name(int i)
    {
        if (strings is null || nameOffsets[i] >= strings.Length)
            return "?";
        ReadOnlySpan<byte> rest = strings.Bytes[(int)nameOffsets[i]..];
        int stop = rest.IndexOf((byte)0);
        return Encoding.UTF8.GetString(stop < 0 ? rest : rest[..stop]);
    }

    /// <summary>Up to the last name's own page, so that nothing past the table is needed.</summary>
    private static MemoryBlock ReadStrings(KernelMemory memory, VirtualAddress at, uint last) =>
        memory.ReadBlock(at, (int)Math.Min(MaxStrings, last + 512));
}
