using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Types;

/// <summary>
/// One struct in the crashed kernel's memory, read member by member. Missing memory and missing members throw an exception that names
/// <c>struct.member</c>.
/// </summary>
[DebuggerDisplay("{Type.Name} at {Address}")]
public readonly struct StructReader
{
    private readonly KernelMemory memory;

    public StructReader(KernelMemory memory, StructType type, VirtualAddress address)
    {
        this.memory = memory;
        Type = type;
        Address = address;
    }

    public StructType Type { get; }

    public VirtualAddress Address { get; }

    public KernelMemory Memory => memory;

    public bool Has(string path) => Type.Has(path);

    public VirtualAddress AddressOf(string path) => Address + Type.Offset(path);

    /// <summary>An integer or pointer of any width, zero-extended; a bitfield's value.</summary>
    public ulong U64(string path)
    {
        Member member = Type[path];
        int size = Type.Types.SizeOf(member.Type);
        if (size is < 1 or > 8)
            throw new InputException(memory.Name, Field(path), -1, $"a member of {size} bytes is no integer");
        Span<byte> raw = stackalloc byte[16];
        raw.Clear();
        if (member.BitSize == 0)
        {
            memory.Read(Address + member.Offset, raw[..size], Field(path));
            return BinaryPrimitives.ReadUInt64LittleEndian(raw);
        }
        if (member.BitSize > 64)
            throw new InputException(memory.Name, Field(path), -1, $"a bitfield of {member.BitSize} bits");
        int within = (int)(member.BitOffset % 8);
        int bytes = (within + member.BitSize + 7) / 8;
        memory.Read(Address + member.Offset, raw[..bytes], Field(path));
        UInt128 value = BinaryPrimitives.ReadUInt128LittleEndian(raw) >> within;
        return (ulong)(value & ((UInt128.One << member.BitSize) - 1));
    }

    public uint U32(string path) => unchecked((uint)U64(path));

    public int S32(string path) => unchecked((int)U64(path));

    public long S64(string path) => unchecked((long)U64(path));

    public VirtualAddress Pointer(string path) => new(U64(path));

    /// <summary>The value of the first of several members that this kernel's struct has; null if it has none of them.</summary>
    public ulong? First(params ReadOnlySpan<string> paths)
    {
        foreach (string path in paths)
            if (Type.Has(path))
                return U64(path);
        return null;
    }

    /// <summary>The text of a char array.</summary>
    public string Text(string path)
    {
        int size = Math.Min(Type.SizeOf(path), 4096);
        Span<byte> raw = stackalloc byte[size];
        memory.Read(AddressOf(path), raw, Field(path));
        int end = raw.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? raw : raw[..end]);
    }

    /// <summary>
    /// The string that a char pointer points at; null for a NULL pointer or missing memory, "?" where the kernel has no memory.
    /// </summary>
    public string? TextAt(string path)
    {
        VirtualAddress at = Pointer(path);
        return at.Value == 0 ? null : memory.Text(at) ?? (memory.Translate(at, out _) == MemoryState.Present ? null : "?");
    }

    /// <summary>The struct that is the member itself.</summary>
    public StructReader Inner(string path) => new(memory, StructIn(path), AddressOf(path));

    /// <summary>The struct to which a pointer member points; null for NULL.</summary>
    public StructReader? Follow(string path)
    {
        VirtualAddress at = Pointer(path);
        return at.Value == 0 ? null : new StructReader(memory, StructIn(path), at);
    }

    private StructType StructIn(string path) =>
        Type.Of(path) ?? throw new InputException(memory.Name, Field(path), -1, "is no struct in this kernel's BTF");

    private string Field(string path) => $"{Type.Name}.{path}";
}
