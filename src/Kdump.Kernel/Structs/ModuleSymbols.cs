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
    private readonly VirtualAddress[] letters;
    private readonly (ulong Address, uint Name, VirtualAddress Letter)[] perCpu;
    private readonly MemoryBlock? strings;

    private ModuleSymbols(KernelModule module, (ulong Address, uint Name, VirtualAddress Letter)[] sorted,
        (ulong Address, uint Name, VirtualAddress Letter)[] perCpu, MemoryBlock? strings)
    {
        this.module = module;
        addresses = [.. sorted.Select(s => s.Address)];
        nameOffsets = [.. sorted.Select(s => s.Name)];
        letters = [.. sorted.Select(s => s.Letter)];
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
        VirtualAddress start = table.Pointer("symtab");
        MemoryBlock symbols = reader.Memory.ReadBlock(start, (int)count * SymbolBytes);
        // The letter of nm is in an array of its own since Linux commit 1c7651f43777 ("kallsyms: store type information in its own
        // array") (v5.2), and was written over st_info before 5.0. 5.0 and 5.1 wrote it over st_size: there it is not read.
        VirtualAddress? typetab = table.Has("typetab") ? table.Pointer("typetab") : null;
        List<(ulong Address, uint Name, VirtualAddress Letter)> found = [], perCpu = [];
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
            VirtualAddress letter = typetab is { } letters ? letters + i : start + (i * SymbolBytes + 4);
            (everywhere ? perCpu : found).Add((address, name, letter));
            last = Math.Max(last, name);
        }
        MemoryBlock? strings = found.Count + perCpu.Count == 0 ? null : ReadStrings(reader.Memory, table.Pointer("strtab"), last);
        found.RemoveAll(f => strings is not null && IsMapping(strings, f.Name));
        // The first of several symbols at one address wins, as in the kernel: the sort is stable.
        return new ModuleSymbols(module, [.. found.OrderBy(s => s.Address)], [.. perCpu], strings);
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
        return new Symbol(Name(first), new VirtualAddress(addresses[first]), next - addresses[first], Symbol.UnknownType, module.Name);
    }

    /// <summary>A symbol with its letter, which is read only here; its size is not determined.</summary>
    public Symbol this[int i] => new(Name(i), new VirtualAddress(addresses[i]), 0, Letter(letters[i]), module.Name);

    private char Letter(VirtualAddress at)
    {
        byte[] letter = new byte[1];
        return module.Struct.Memory.TryRead(at, letter) && char.IsAsciiLetter((char)letter[0]) ? (char)letter[0] : Symbol.UnknownType;
    }

    /// <summary>Symbols of one name, in the order of addresses.</summary>
    public IEnumerable<Symbol> FindAll(string name)
    {
        byte[] wanted = Encoding.UTF8.GetBytes(name + "\0");
        for (int i = 0; i < addresses.Length; i++)
            if (Is(nameOffsets[i], wanted))
                yield return this[i];
        foreach ((ulong address, uint at, VirtualAddress letter) in perCpu)
            if (Is(at, wanted))
                yield return new(name, new VirtualAddress(address), 0, Letter(letter), module.Name);
    }

    private bool Is(uint at, byte[] wanted) => strings is not null && at < strings.Length && strings.Bytes[(int)at..].StartsWith(wanted);

    /// <summary>is_mapping_symbol() of include/linux/module_symbol.h: $x and $d of arm, .L of riscv: marks of the linker, no
    /// names.</summary>
    private static bool IsMapping(MemoryBlock strings, uint name) =>
        name < strings.Length && strings.Bytes[(int)name..] is [(byte)'$', ..] or [(byte)'.', (byte)'L', ..];

    public string Name(int i)
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
