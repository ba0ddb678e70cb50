using System.Buffers.Binary;
using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Kernel;

internal enum KallsymsForm
{
    PerCpuAbsolute, BaseRelative, PlaceRelative, Absolute,
}

/// <summary>In which order the tables lie: before 6.2, with the sequences of 6.2, from 6.4 on.</summary>
internal enum KallsymsOrder
{
    OffsetsFirst, SequencesToo, OffsetsLast,
}

/// <summary>Lays kallsyms tables into memory as scripts/kallsyms does.</summary>
internal sealed class KallsymsBuilder
{
    private readonly List<(string Name, char Type, ulong Address)> symbols = [];

    public Dictionary<string, VirtualAddress> Tables { get; } = [];

    public KallsymsBuilder Add(string name, ulong address, char type = 'T')
    {
        symbols.Add((name, type, address));
        return this;
    }

    public IEnumerable<(string Name, ulong Address)> Symbols => symbols.Select(s => (s.Name, s.Address));

    public VirtualAddress Build(MemoryBuilder memory, VirtualAddress at, KallsymsForm form, KallsymsOrder order, bool longNames = false)
    {
        symbols.Sort((a, b) => a.Address.CompareTo(b.Address));
        // Tokens: printable characters stand for themselves, control characters and the upper half for pairs, as the compressor makes them.
        string[] tokens = new string[256];
        for (int i = 0; i < 256; i++)
            tokens[i] = i is > 32 and < 127 ? ((char)i).ToString() : i < 128 ? "k" + (char)('a' + i % 26) : "zq" + (char)('a' + i % 26) +
                (char)('a' + i / 26);
        tokens[128] = "sched_";
        byte[] table = Encoding.ASCII.GetBytes(string.Join('\0', tokens) + "\0");
        byte[] index = new byte[512];
        int start = 0;
        for (int i = 0; i < 256; start += tokens[i].Length + 1, i++)
            BinaryPrimitives.WriteUInt16LittleEndian(index.AsSpan(2 * i), (ushort)start);

        List<byte> names = [];
        List<byte> markers = [];
        for (int i = 0; i < symbols.Count; i++)
        {
            if (i % 256 == 0)
                markers.AddRange(Bytes((uint)names.Count));
            byte[] name = Compress(symbols[i].Type + symbols[i].Name);
            if (longNames && name.Length >= 128)
                names.AddRange([(byte)(name.Length & 0x7F | 0x80), (byte)(name.Length >> 7)]);
            else
                names.Add((byte)name.Length);
            names.AddRange(name);
        }

        // Only offsets need to know where they lie themselves, so the place comes with the writing.
        ulong baseAddress = symbols.Where(s => s.Address >= MemoryBuilder.ImageStart).Min(s => s.Address);
        void Offsets()
        {
            Place("kallsyms_offsets");
            for (int i = 0; i < symbols.Count; i++)
            {
                ulong address = symbols[i].Address;
                if (form == KallsymsForm.Absolute)
                    Put(BitConverter.GetBytes(address));
                else
                    Put(Bytes(unchecked((uint)(form switch
                    {
                        KallsymsForm.PerCpuAbsolute => address < 1 << 30 ? address : baseAddress - 1 - address,
                        KallsymsForm.BaseRelative => address - baseAddress,
                        _ => address - at.Value,
                    }))));
            }
            if (form is KallsymsForm.BaseRelative or KallsymsForm.PerCpuAbsolute)
            {
                Place("kallsyms_relative_base");
                Put(BitConverter.GetBytes(baseAddress));
            }
        }

        if (order != KallsymsOrder.OffsetsLast)
            Offsets();
        Place("kallsyms_num_syms");
        Put(Bytes((uint)symbols.Count));
        Place("kallsyms_names");
        Put([.. names]);
        Place("kallsyms_markers");
        Put([.. markers]);
        if (order == KallsymsOrder.SequencesToo)
        {
            Place("kallsyms_seqs_of_names");
            byte[] sequences = new byte[3 * symbols.Count];
            new Random(1).NextBytes(sequences);
            Put(sequences);
        }
        Place("kallsyms_token_table");
        Put(table);
        Place("kallsyms_token_index");
        Put(index);
        if (order == KallsymsOrder.OffsetsLast)
            Offsets();
        if (form == KallsymsForm.Absolute)
            Tables["kallsyms_addresses"] = Tables["kallsyms_offsets"];
        return at;

        void Place(string name)
        {
            at = new VirtualAddress((at.Value + 7) & ~7UL);
            Tables[name] = at;
        }

        void Put(byte[] bytes)
        {
            memory.Write(at, bytes);
            at += bytes.Length;
        }
    }

    private static byte[] Compress(string text)
    {
        List<byte> bytes = [];
        for (int i = 0; i < text.Length; i++)
        {
            if (i > 0 && string.CompareOrdinal(text, i, "sched_", 0, 6) == 0)
            {
                bytes.Add(128);
                i += 5;
            }
            else
            {
                bytes.Add((byte)text[i]);
            }
        }
        return [.. bytes];
    }

    private static byte[] Bytes(uint value)
    {
        byte[] raw = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(raw, value);
        return raw;
    }
}
