using System.Buffers.Binary;
using Kdump.Formats.Bytes;

namespace Kdump.Formats.Elf;

/// <summary>
/// Relocations of sections that are not loaded (debugging information of a module, whose file is relocatable): elf.h Elf64_Rela, and the
/// few types of each machine's psABI that stand for a plain address or offset.
/// </summary>
internal static class ElfRelocations
{
    private const uint WithAddends = 4;
    private const int EntryBytes = 24;
    private const int MaxBytes = 1 << 30;
    private const ushort X8664 = 62, Arm64 = 183, PowerPc64 = 21, S390 = 22, RiscV = 243, LoongArch = 258;

    /// <summary>Applies what a file's relocations say of one of its sections.</summary>
    /// <param name="addresses">Where each section lies; 0 for those that are not loaded.</param>
    /// <exception cref="InputException">One is of a type that debugging information does not have, or lies outside.</exception>
    public static void Apply(IByteSource source, ElfHeader header, IReadOnlyList<ElfSection> sections, int target, ElfSymbols symbols,
        ulong[] addresses, byte[] bytes)
    {
        foreach (ElfSection table in sections)
        {
            if (table.Type != WithAddends || table.Info != (uint)target)
                continue;
            if (table.Size > MaxBytes)
                throw new InputException(source.Name, table.Name, (long)table.Offset, $"{table.Size} bytes are more than {MaxBytes}");
            byte[] entries = source.ReadBytes((long)table.Offset, (int)table.Size, table.Name);
            for (int at = 0; at + EntryBytes <= entries.Length; at += EntryBytes)
            {
                ulong place = Word(entries, at, header.BigEndian), info = Word(entries, at + 8, header.BigEndian);
                ulong addend = Word(entries, at + 16, header.BigEndian);
                int size = Size(header.Machine, unchecked((uint)info));
                if (size == 0)
                    continue;
                if (size < 0)
                    throw new InputException(source.Name, table.Name, (long)table.Offset + at,
                        $"a relocation of type {unchecked((uint)info)} of machine {header.Machine}, " +
                            "which debugging information does not have");
                int index = (int)Math.Min(info >> 32, int.MaxValue);
                if (index >= symbols.Count || place > (ulong)bytes.Length || (ulong)bytes.Length - place < (ulong)size)
                    throw new InputException(source.Name, table.Name, (long)table.Offset + at, "a relocation outside its section");
                ElfSymbol symbol = symbols[index];
                ulong value = unchecked(symbol.Value + addend + (symbol.Section < addresses.Length ? addresses[symbol.Section] : 0));
                Store(bytes.AsSpan((int)place, size), value, header.BigEndian);
            }
        }
    }

    /// <summary>Bytes that a type fills; 0 for none, -1 for a type that is not known.</summary>
    private static int Size(ushort machine, uint type) => (machine, type) switch
    {
        (_, 0) => 0,
        (X8664, 1) or (Arm64, 257) or (PowerPc64, 38) or (S390, 22) or (RiscV, 2) or (LoongArch, 2) => 8,
        (X8664, 10 or 11) or (Arm64, 258) or (PowerPc64, 1) or (S390, 4) or (RiscV, 1) or (LoongArch, 1) => 4,
        _ => -1,
    };

    private static ulong Word(byte[] entries, int at, bool bigEndian) => bigEndian
        ? BinaryPrimitives.ReadUInt64BigEndian(entries.AsSpan(at)) : BinaryPrimitives.ReadUInt64LittleEndian(entries.AsSpan(at));

    private static void Store(Span<byte> at, ulong value, bool bigEndian)
    {
        if (at.Length == 8 && bigEndian)
            BinaryPrimitives.WriteUInt64BigEndian(at, value);
        else if (at.Length == 8)
            BinaryPrimitives.WriteUInt64LittleEndian(at, value);
        else if (bigEndian)
            BinaryPrimitives.WriteUInt32BigEndian(at, unchecked((uint)value));
        else
            BinaryPrimitives.WriteUInt32LittleEndian(at, unchecked((uint)value));
    }
}
