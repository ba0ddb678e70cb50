using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Expressions;

/// <summary>
/// A value with its type: an object in the crashed kernel's memory (with an <see cref="Address"/>; its bytes are read only when needed),
/// a computed number or pointer, or a text literal of the expression.
/// </summary>
[DebuggerDisplay("{Type} at {Address}")]
public sealed class KernelObject : Result
{
    /// <summary>Maximum length of a text that is read from memory, in bytes.</summary>
    public const int MaxText = 64 << 10;

    private readonly ulong value;

    private KernelObject(CType type, VirtualAddress? address, ulong value)
    {
        Type = type;
        Address = address;
        this.value = value;
    }

    public CType Type { get; private init; }

    /// <summary>Address of the object in memory; null for a computed value.</summary>
    public VirtualAddress? Address { get; }

    /// <summary>Offset in bits from <see cref="Address"/> to a bitfield; 0 for all other objects.</summary>
    public int BitOffset { get; private init; }

    /// <summary>Width of a bitfield in bits; 0 for all other objects.</summary>
    public int BitSize { get; private init; }

    /// <summary>The text of a literal in the expression; null for all other objects.</summary>
    public string? Text { get; private init; }

    /// <summary>Label of an element in its sequence: <c>[3]</c>, <c>[0x7f00]</c>; otherwise null.</summary>
    public string? Label { get; private init; }

    /// <summary>Name of the variable, if its type is not known; otherwise null.</summary>
    public string? Symbol { get; private init; }

    /// <summary>True for a per-CPU variable for which no CPU is chosen yet.</summary>
    public bool PerCpu { get; private init; }

    /// <summary>The reason why this element of a sequence has no value; null if it has one.</summary>
    public InputException? Failure { get; private init; }

    public bool IsUntyped => Type.Kind == CTypeKind.Unknown && Failure is null;

    internal KernelMemory? Memory { get; private init; }

    public static KernelObject At(KernelMemory memory, CType type, VirtualAddress address) => new(type, address, 0) { Memory = memory };

    public static KernelObject Of(CType type, ulong value) => new(type, null, Normal(type, value));

    /// <summary>A computed pointer into the address space of the object from which it was computed.</summary>
    internal static KernelObject PointerIn(KernelMemory? memory, CType target, ulong at) =>
        new(CType.PointerTo(target), null, at) { Memory = memory };

    public static KernelObject Of(bool value) => new(CType.Int, null, value ? 1UL : 0);

    internal static KernelObject OfText(string text) => new(CType.PointerTo(CType.Char), null, 0) { Text = text };

    internal static KernelObject Bitfield(KernelMemory memory, CType type, VirtualAddress address, int offset, int size) =>
        new(type, address, 0) { Memory = memory, BitOffset = offset, BitSize = size };

    internal static KernelObject Failed(InputException why, string? label = null) =>
        new(CType.Unknown, null, 0) { Failure = why, Label = label };

    internal KernelObject Labelled(string? label) => label == Label ? this : new(Type, Address, value)
    {
        Memory = Memory, BitOffset = BitOffset, BitSize = BitSize, Text = Text, Label = label, Symbol = Symbol, PerCpu = PerCpu,
        Failure = Failure,
    };

    internal KernelObject AsVariable(string symbol, bool perCpu) =>
        new(Type, Address, value) { Memory = Memory, Symbol = symbol, PerCpu = perCpu, Label = Label };

    /// <summary>
    /// The value of an integer, pointer, enum or bitfield, extended to 64 bits by the signedness of its type; the address of an array or
    /// function.
    /// </summary>
    /// <exception cref="InputException">The memory is missing, or the object has another type.</exception>
    public ulong Load()
    {
        if (Failure is not null)
            throw Failure;
        CType bare = Type.Bare;
        if (bare.Kind is CTypeKind.Array or CTypeKind.Function && Address is { } first)
            return first.Value;
        if (Address is not { } address || Memory is null)
            return value;
        if (!bare.IsScalar || bare.Size is < 1 or > 8)
            throw new InputException(Memory.Name, Type.ToString(), -1, $"a value of {bare.Size} bytes is no number");
        Span<byte> raw = stackalloc byte[16];
        raw.Clear();
        if (BitSize == 0)
        {
            Memory.Read(address, raw[..bare.Size], Type.ToString());
            return Normal(bare, BinaryPrimitives.ReadUInt64LittleEndian(raw));
        }
        int within = BitOffset % 8, bytes = (within + BitSize + 7) / 8;
        if (BitSize > 64)
            throw new InputException(Memory.Name, Type.ToString(), -1, $"a bitfield of {BitSize} bits");
        Memory.Read(address + BitOffset / 8, raw[..bytes], Type.ToString());
        ulong bits = (ulong)(BinaryPrimitives.ReadUInt128LittleEndian(raw) >> within & ((UInt128.One << BitSize) - 1));
        return bare.Signed ? unchecked((ulong)((long)(bits << 64 - BitSize) >> 64 - BitSize)) : bits;
    }

    /// <summary>Reads the bytes of the object.</summary>
    /// <exception cref="InputException">A part of the memory is missing.</exception>
    public void Read(Span<byte> buffer)
    {
        if (Failure is not null)
            throw Failure;
        if (Address is { } address && Memory is not null)
            Memory.Read(address, buffer, Type.ToString());
        else
            throw new InputException("expression", Type.ToString(), -1, "was computed and is not in memory");
    }

    /// <summary>The text of a character array, or to which a pointer points, up to the NUL; null if it is not text.</summary>
    /// <exception cref="InputException">The memory is missing.</exception>
    public string? String(int most = MaxText)
    {
        if (Text is not null)
            return Text;
        CType bare = Type.Bare;
        if (bare.Kind is not (CTypeKind.Pointer or CTypeKind.Array) || Memory is null && bare.Kind == CTypeKind.Array)
            return null;
        ulong at = Load();
        if (at == 0)
            return null;
        int limit = Math.Min(most, MaxText);
        if (bare is { Kind: CTypeKind.Array, Length: > 0 })
            limit = (int)Math.Min((uint)limit, bare.Length);
        return TextAt(Memory, new VirtualAddress(at), limit, Type.ToString());
    }

    internal static string? TextAt(KernelMemory? memory, VirtualAddress at, int limit, string field)
    {
        if (memory is null)
            return null;
        byte[] raw = new byte[limit];
        int done = 0;
        while (done < limit)
        {
            int n = (int)Math.Min((uint)(limit - done), KernelMemory.BlockPage - ((at.Value + (ulong)done) & (KernelMemory.BlockPage - 1)));
            memory.Read(at + done, raw.AsSpan(done, n), field);
            int end = raw.AsSpan(done, n).IndexOf((byte)0);
            done += end >= 0 ? end : n;
            if (end >= 0)
                break;
        }
        return Encoding.UTF8.GetString(raw, 0, done);
    }

    /// <summary>The 64 bits as a value of a type: truncated to its size and extended again by its signedness.</summary>
    internal static ulong Normal(CType type, ulong bits)
    {
        CType bare = type.Bare;
        return (bare.Kind, bare.Size) switch
        {
            (CTypeKind.Bool, _) => bits != 0 ? 1UL : 0,
            (CTypeKind.Int or CTypeKind.Enum, 1) => bare.Signed ? unchecked((ulong)(sbyte)bits) : (byte)(bits & 0xFF),
            (CTypeKind.Int or CTypeKind.Enum, 2) => bare.Signed ? unchecked((ulong)(short)bits) : bits & 0xFFFF,
            (CTypeKind.Int or CTypeKind.Enum, 4) => bare.Signed ? unchecked((ulong)(int)bits) : bits & 0xFFFF_FFFF,
            _ => bits,
        };
    }
}
