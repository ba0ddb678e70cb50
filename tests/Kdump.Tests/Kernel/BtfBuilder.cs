using System.Buffers.Binary;
using System.Text;
using Kdump.Kernel.Types;

namespace Kdump.Tests.Kernel;

/// <summary>Makes BTF, good and bad. Ids count from 1, or from where the kernel's end.</summary>
internal sealed class BtfBuilder(int firstId = 1, int firstString = 0)
{
    private readonly List<byte> types = [];
    private readonly List<byte> strings = firstString == 0 ? [0] : [];
    private int next = firstId;

    public int Int(string name, int size) => Type(name, BtfKind.Int, 0, size, [(uint)(size * 8)]);

    /// <summary>BTF_INT_SIGNED is bit 24.</summary>
    public int SignedInt(string name, int size) => Type(name, BtfKind.Int, 0, size, [(uint)(size * 8) | 1 << 24]);

    public int Boolean() => Type("_Bool", BtfKind.Int, 0, 1, [8 | 4 << 24]);

    public int Enum(string name, int size, params (string Name, int Value)[] enumerators) => Type(name, BtfKind.Enum,
        enumerators.Length, size, [.. enumerators.SelectMany(e => (uint[])[Text(e.Name), unchecked((uint)e.Value)])]);

    public int Const(int of) => Type("", BtfKind.Const, 0, of, []);

    public int Prototype(int returns, params (string Name, int Type)[] parameters) => Type("", BtfKind.FunctionPrototype, parameters.Length,
        returns, [.. parameters.SelectMany(p => (uint[])[Text(p.Name), (uint)p.Type])]);

    public int Function(string name, int prototype) => Type(name, BtfKind.Function, 0, prototype, []);

    public int Variable(string name, int type) => Type(name, BtfKind.Variable, 0, type, [1]);

    public int PerCpuSection(params (int Variable, int Offset, int Size)[] variables) => Type(".data..percpu", BtfKind.DataSection,
        variables.Length, 4096, [.. variables.SelectMany(v => (uint[])[(uint)v.Variable, (uint)v.Offset, (uint)v.Size])]);

    public int Pointer(int to) => Type("", BtfKind.Pointer, 0, to, []);

    public int Typedef(string name, int to) => Type(name, BtfKind.Typedef, 0, to, []);

    public int Array(int element, uint length) => Type("", BtfKind.Array, 0, 0, [(uint)element, 1, length]);

    public int Struct(string name, int size, params (string Name, int Type, int Offset)[] members) =>
        Type(name, BtfKind.Struct, members.Length, size,
            [.. members.SelectMany(m => (uint[])[Text(m.Name), (uint)m.Type, (uint)(8 * m.Offset)])]);

    public int Union(string name, int size, params (string Name, int Type, int Offset)[] members) =>
        Type(name, BtfKind.Union, members.Length, size,
            [.. members.SelectMany(m => (uint[])[Text(m.Name), (uint)m.Type, (uint)(8 * m.Offset)])]);

    public int Bitfields(string name, int size, params (string Name, int Type, int BitOffset, int Bits)[] members) =>
        Type(name, BtfKind.Struct, members.Length | 1 << 31, size,
            [.. members.SelectMany(m => (uint[])[Text(m.Name), (uint)m.Type, (uint)(m.Bits << 24 | m.BitOffset)])]);

    public int Type(string name, BtfKind kind, int info, int sizeOrType, uint[] extra)
    {
        U32(Text(name));
        U32(unchecked((uint)info) | (uint)kind << 24);
        U32((uint)sizeOrType);
        foreach (uint word in extra)
            U32(word);
        return next++;
    }

    public uint Text(string text)
    {
        if (text.Length == 0)
            return 0;
        int at = firstString + strings.Count;
        strings.AddRange(Encoding.UTF8.GetBytes(text + "\0"));
        return (uint)at;
    }

    public int StringBytes => strings.Count;

    public byte[] Bytes()
    {
        byte[] header = new byte[24];
        BinaryPrimitives.WriteUInt16LittleEndian(header, Btf.Magic);
        header[2] = 1;
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), 24);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), types.Count);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), types.Count);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(20), strings.Count);
        return [.. header, .. types, .. strings];
    }

    private void U32(uint value)
    {
        byte[] raw = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(raw, value);
        types.AddRange(raw);
    }
}
