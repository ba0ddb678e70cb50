using System.Buffers.Binary;
using System.Text;
using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Types;

/// <summary>
/// The kernel's own type information, Documentation/bpf/btf.rst. Ids count from 1; a module's (split) BTF continues the ids and the
/// string offsets of the kernel's. Types are decoded on demand; every id, name offset and chain is checked and limited.
/// </summary>
public sealed class Btf
{
    public const ushort Magic = 0xEB9F;

    /// <summary>
    /// Maximum length of a chain of typedefs and qualifiers, and maximum nesting of anonymous members; compilers stay far below it.
    /// </summary>
    private const int MaxDepth = 32;

    private readonly byte[] data;
    private readonly string input;
    private readonly Btf? parent;
    private readonly int firstId;
    private readonly int[] offsets;
    private readonly int stringsAt;
    private readonly int stringsLength;
    private readonly int parentStrings;
    private readonly Dictionary<(BtfKind, string), int> byName = [];
    private readonly Dictionary<string, StructType?> structs = new(StringComparer.Ordinal);
    private readonly int[] named;

    private Btf(byte[] data, string input, Btf? parent, int typesAt, int typesLength, int stringsAt, int stringsLength)
    {
        this.data = data;
        this.input = input;
        this.parent = parent;
        this.stringsAt = stringsAt;
        this.stringsLength = stringsLength;
        firstId = parent is null ? 1 : parent.firstId + parent.offsets.Length;
        parentStrings = parent is null ? 0 : parent.parentStrings + parent.stringsLength;
        offsets = Index(typesAt, typesLength, out named);
    }

    /// <summary>Number of types, including the parent's; valid ids are below this.</summary>
    public int Count => firstId + offsets.Length;

    /// <param name="parent">The kernel's BTF, if this is a module's; otherwise null.</param>
    /// <exception cref="InputException">The data is not BTF, or its records are inconsistent.</exception>
    public static Btf Parse(byte[] data, string input, Btf? parent = null)
    {
        Cursor c = new(data, input);
        if (c.U16("btf_header.magic") != Magic)
            throw c.Bad("btf_header.magic", "is not eB9F (little-endian)");
        byte version = c.U8("btf_header.version");
        if (version != 1)
            throw c.Bad("btf_header.version", $"{version} is unknown");
        c.Skip(1, "btf_header.flags");
        uint header = c.U32("btf_header.hdr_len");
        if (header < 24 || header > data.Length)
            throw c.Bad("btf_header.hdr_len", $"{header} is out of range");
        uint typeOff = c.U32("btf_header.type_off"), typeLen = c.U32("btf_header.type_len");
        uint strOff = c.U32("btf_header.str_off"), strLen = c.U32("btf_header.str_len");
        if ((ulong)header + typeOff + typeLen > (ulong)data.Length)
            throw new InputException(input, "btf_header.type_len", 12,
                $"{typeLen} bytes of types from {typeOff} do not fit in {data.Length}");
        if ((ulong)header + strOff + strLen > (ulong)data.Length)
            throw new InputException(input, "btf_header.str_len", 20,
                $"{strLen} bytes of strings from {strOff} do not fit in {data.Length}");
        return new Btf(data, input, parent, (int)(header + typeOff), (int)typeLen, (int)(header + strOff), (int)strLen);
    }

    public BtfKind Kind(int id) => id == 0 ? BtfKind.Void : (BtfKind)((Info(id) >> 24) & 0x1F);

    public string Name(int id) => id == 0 ? "void" : String(NameOffset(id));

    /// <summary>A struct or union by its tag, or by a typedef's name; null if there is none.</summary>
    public StructType? Struct(string name)
    {
        lock (structs)
        {
            if (structs.TryGetValue(name, out StructType? known))
                return known;
            int id = Find(BtfKind.Struct, name);
            if (id == 0)
                id = Find(BtfKind.Union, name);
            if (id == 0)
                id = Find(BtfKind.Typedef, name);
            StructType? type = id == 0 ? null : StructOf(id);
            structs[name] = type;
            return type;
        }
    }

    /// <summary>The struct or union of an id, after following typedefs and qualifiers; null for any other type.</summary>
    public StructType? StructOf(int id)
    {
        id = Resolve(id);
        return Kind(id) is BtfKind.Struct or BtfKind.Union ? new StructType(this, id, Name(id), (int)Math.Min(int.MaxValue, SizeOrType(id)))
            : null;
    }

    /// <summary>Id of a named type of one kind, here or in the parent; 0 if there is none.</summary>
    public int Find(BtfKind kind, string name)
    {
        lock (byName)
        {
            if (byName.TryGetValue((kind, name), out int known))
                return known;
            int found = parent?.Find(kind, name) ?? 0;
            Span<byte> wanted = Encoding.UTF8.GetBytes(name);
            foreach (int id in found != 0 ? [] : named)
            {
                if (Kind(id) == kind && StringBytes(NameOffset(id)).SequenceEqual(wanted))
                {
                    found = id;
                    break;
                }
            }
            byName[(kind, name)] = found;
            return found;
        }
    }

    /// <summary>Value of an enumerator of a named enum; null if either is missing.</summary>
    public long? Enumerator(string enumeration, string name)
    {
        int id = Find(BtfKind.Enum, enumeration);
        if (id == 0)
            return null;
        ReadOnlySpan<byte> at = Record(id);
        int count = Vlen(id);
        for (int i = 0; i < count; i++)
            if (String(U32(at, 12 + 8 * i)) == name)
                return (int)U32(at, 16 + 8 * i);
        return null;
    }

    /// <summary>Enumerators of a named enum in their order; empty if there is no such enum.</summary>
    public IReadOnlyList<(string Name, long Value)> Enumerators(string enumeration)
    {
        int id = Find(BtfKind.Enum, enumeration);
        if (id == 0)
            return [];
        ReadOnlySpan<byte> at = Record(id);
        List<(string, long)> all = [];
        int count = Vlen(id);
        for (int i = 0; i < count; i++)
            all.Add((String(U32(at, 12 + 8 * i)), (int)U32(at, 16 + 8 * i)));
        return all;
    }

    /// <summary>Follows typedefs, const, volatile, restrict and type tags.</summary>
    public int Resolve(int id)
    {
        for (int depth = 0; depth < MaxDepth; depth++)
        {
            if (Kind(id) is not (BtfKind.Typedef or BtfKind.Const or BtfKind.Volatile or BtfKind.Restrict or BtfKind.TypeTag))
                return id;
            id = (int)Math.Min(int.MaxValue, SizeOrType(id));
        }
        throw Bad("btf_type.type", $"type {id}: more than {MaxDepth} typedefs in a row");
    }

    /// <summary>Size of a type in bytes; 0 for types without a size.</summary>
    public int SizeOf(int id)
    {
        long factor = 1;
        for (int depth = 0; depth < MaxDepth; depth++)
        {
            id = Resolve(id);
            switch (Kind(id))
            {
                case BtfKind.Int or BtfKind.Struct or BtfKind.Union or BtfKind.Enum or BtfKind.Enum64 or BtfKind.Float:
                    return (int)Math.Min(int.MaxValue, factor * SizeOrType(id));
                case BtfKind.Pointer:
                    return (int)Math.Min(int.MaxValue, factor * 8);
                case BtfKind.Array:
                    (id, uint length) = Array(id);
                    factor = Math.Min(int.MaxValue, factor * length);
                    break;
                default:
                    return 0;
            }
        }
        throw Bad("btf_array.type", $"type {id}: more than {MaxDepth} arrays in each other");
    }

    /// <summary>Element type and number of elements of an array.</summary>
    public (int Element, uint Length) Array(int id)
    {
        ReadOnlySpan<byte> at = Record(id);
        return ((int)Math.Min(int.MaxValue, U32(at, 12)), U32(at, 20));
    }

    /// <summary>Type id of a pointer's target; 0 is void.</summary>
    public int Target(int id)
    {
        id = Resolve(id);
        return Kind(id) == BtfKind.Pointer ? (int)Math.Min(int.MaxValue, SizeOrType(id)) : 0;
    }

    /// <summary>
    /// Offset in bytes of a per-CPU variable in the per-CPU section, from the DATASEC; null if BTF does not contain it.
    /// </summary>
    public uint? PerCpuOffset(string variable)
    {
        int section = Find(BtfKind.DataSection, ".data..percpu");
        if (section == 0)
            return null;
        ReadOnlySpan<byte> at = Record(section);
        int count = Vlen(section);
        for (int i = 0; i < count; i++)
        {
            int id = (int)Math.Min(int.MaxValue, U32(at, 12 + 12 * i));
            if (Kind(id) == BtfKind.Variable && Name(id) == variable)
                return U32(at, 16 + 12 * i);
        }
        return null;
    }

    /// <summary>Names and type ids of a function's parameters; null if the function is unknown.</summary>
    public IReadOnlyList<(string Name, int Type)>? Parameters(string function)
    {
        int id = Find(BtfKind.Function, function);
        if (id == 0)
            return null;
        id = (int)Math.Min(int.MaxValue, SizeOrType(id));
        if (Kind(id) != BtfKind.FunctionPrototype)
            return null;
        return ParametersOf(id);
    }

    /// <summary>The type that a typedef, qualifier, function or variable refers to.</summary>
    public int Referred(int id) => (int)Math.Min(int.MaxValue, SizeOrType(id));

    /// <summary>How to interpret an integer: BTF_INT_SIGNED and BTF_INT_BOOL.</summary>
    public (bool Signed, bool Boolean) IntEncoding(int id)
    {
        uint encoding = U32(Record(id), 12) >> 24;
        return ((encoding & 1) != 0, (encoding & 4) != 0);
    }

    /// <summary>
    /// True if an enum has signed values. Before 6.0 BTF has no flag for it; then an enum with a negative value counts as signed.
    /// </summary>
    public bool SignedEnum(int id) => Info(id) >> 31 != 0 || (Kind(id) == BtfKind.Enum && Enumerators(id).Any(e => e.Value < 0));

    /// <summary>Names and values of an enum, in the order of the source.</summary>
    public IEnumerable<(string Name, long Value)> Enumerators(int id)
    {
        int count = Vlen(id);
        bool wide = Kind(id) == BtfKind.Enum64;
        for (int i = 0; i < count; i++)
        {
            int at = 12 + (wide ? 12 : 8) * i;
            ulong value = wide ? U32(Record(id), at + 4) | (ulong)U32(Record(id), at + 8) << 32 : 0;
            yield return (String(U32(Record(id), at)), wide ? unchecked((long)value) : unchecked((int)U32(Record(id), at + 4)));
        }
    }

    /// <summary>The enum that has an enumerator of this name, and its value; this BTF's own enums, then the parent's.</summary>
    public (int Enum, long Value)? FindEnumerator(string name)
    {
        Span<byte> wanted = System.Text.Encoding.UTF8.GetBytes(name);
        for (int i = 0; i < offsets.Length; i++)
        {
            int at = offsets[i];
            uint info = U32Here(at + 4);
            BtfKind kind = (BtfKind)((info >> 24) & 0x1F);
            if (kind is not (BtfKind.Enum or BtfKind.Enum64))
                continue;
            int step = kind == BtfKind.Enum ? 8 : 12;
            for (int k = 0; k < (info & 0xFFFF); k++)
                if (StringBytes(U32Here(at + 12 + step * k)).SequenceEqual(wanted))
                    return (firstId + i, Enumerators(firstId + i).ElementAt(k).Value);
        }
        return parent?.FindEnumerator(name);
    }

    /// <summary>True if the type belongs to this BTF, not to the parent.</summary>
    public bool IsOwn(int id) => id >= firstId;

    public bool ForwardIsUnion(int id) => Info(id) >> 31 != 0;

    /// <summary>Type id of a variable that a DATASEC lists; null if none does. The kernel's BTF lists those of .data..percpu.</summary>
    public int? VariableType(string variable)
    {
        if (parent?.VariableType(variable) is { } above)
            return above;
        Span<byte> wanted = System.Text.Encoding.UTF8.GetBytes(variable);
        for (int i = 0; i < offsets.Length; i++)
            if ((BtfKind)((U32Here(offsets[i] + 4) >> 24) & 0x1F) == BtfKind.Variable &&
                StringBytes(U32Here(offsets[i])).SequenceEqual(wanted))
                return (int)Math.Min(int.MaxValue, U32Here(offsets[i] + 8));
        return null;
    }

    /// <summary>Ids of this BTF's own types that have a name and one of these kinds; not the parent's.</summary>
    public IEnumerable<int> Named(params BtfKind[] kinds)
    {
        foreach (int id in named)
            if (System.Array.IndexOf(kinds, Kind(id)) >= 0)
                yield return id;
    }

    /// <summary>Names and type ids of a prototype's parameters; a last one without name and type means "…".</summary>
    public IReadOnlyList<(string Name, int Type)> ParametersOf(int prototype)
    {
        ReadOnlySpan<byte> at = Record(prototype);
        int count = Vlen(prototype);
        List<(string, int)> parameters = [];
        for (int i = 0; i < count; i++)
            parameters.Add((String(U32(at, 12 + 8 * i)), (int)Math.Min(int.MaxValue, U32(at, 16 + 8 * i))));
        return parameters;
    }

    internal int MemberCount(int id) => Vlen(id);

    internal Member MemberAt(int id, int i)
    {
        Btf owner = OwnerOf(id);
        int at = owner.offsets[id - owner.firstId] + 12 + 12 * i;
        uint offset = owner.U32Here(at + 8);
        bool bitfields = owner.U32Here(owner.offsets[id - owner.firstId] + 4) >> 31 != 0;
        int type = (int)Math.Min(int.MaxValue, owner.U32Here(at + 4));
        // Without the flag the whole word is the offset in bits; with it the top byte is the width of a bitfield.
        return new Member(owner.String(owner.U32Here(at)), type, bitfields ? offset & 0xFFFFFF : offset, bitfields ? (int)(offset >> 24)
            : 0);
    }

    internal InputException Bad(string field, string reason) => new(input, field, -1, reason);

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveOptimization)]
    private int[] Index(int typesAt, int typesLength, out int[] namedIds)
    {
        List<int> found = new(typesLength / 24);
        List<int> names = [];
        int at = typesAt, end = typesAt + typesLength;
        while (at < end)
        {
            if (end - at < 12)
                throw new InputException(input, "btf_type", at, $"needs 12 bytes, {end - at} left");
            uint info = U32Here(at + 4);
            long vlen = info & 0xFFFF;
            BtfKind kind = (BtfKind)((info >> 24) & 0x1F);
            long extra = kind switch
            {
                BtfKind.Int or BtfKind.Variable or BtfKind.DeclTag => 4,
                BtfKind.Array => 12,
                BtfKind.Struct or BtfKind.Union or BtfKind.DataSection or BtfKind.Enum64 => 12 * vlen,
                BtfKind.Enum or BtfKind.FunctionPrototype => 8 * vlen,
                _ => 0,
            };
            if (kind is BtfKind.Void or > BtfKind.Enum64)
                throw new InputException(input, "btf_type.info", at + 4, $"kind {(int)kind} is unknown");
            if (extra > end - at - 12)
                throw new InputException(input, "btf_type.info", at + 4, $"{vlen} members need {extra} bytes, {end - at - 12} left");
            if (U32Here(at) != 0 && kind is BtfKind.Struct or BtfKind.Union or BtfKind.Enum or BtfKind.Typedef or BtfKind.DataSection or
                BtfKind.Function)
                names.Add(firstId + found.Count);
            found.Add(at);
            at += 12 + (int)extra;
        }
        namedIds = [.. names];
        return [.. found];
    }

    private Btf OwnerOf(int id)
    {
        Btf? owner = this;
        while (owner is not null && id < owner.firstId)
            owner = owner.parent;
        if (owner is null || id - owner.firstId >= owner.offsets.Length)
            throw Bad("btf_type.type", $"type {id} does not exist (there are {Count})");
        return owner;
    }

    private ReadOnlySpan<byte> Record(int id)
    {
        Btf owner = OwnerOf(id);
        return owner.data.AsSpan(owner.offsets[id - owner.firstId]);
    }

    private uint Info(int id)
    {
        Btf owner = OwnerOf(id);
        return owner.U32Here(owner.offsets[id - owner.firstId] + 4);
    }

    private int Vlen(int id) => (int)(Info(id) & 0xFFFF);

    private uint NameOffset(int id)
    {
        Btf owner = OwnerOf(id);
        return owner.U32Here(owner.offsets[id - owner.firstId]);
    }

    private uint SizeOrType(int id)
    {
        Btf owner = OwnerOf(id);
        return owner.U32Here(owner.offsets[id - owner.firstId] + 8);
    }

    private string String(uint offset) => Encoding.UTF8.GetString(StringBytes(offset));

    private ReadOnlySpan<byte> StringBytes(uint offset)
    {
        if (parent is not null && offset < parentStrings)
            return parent.StringBytes(offset);
        long at = (long)offset - parentStrings;
        if (at >= stringsLength)
            throw Bad("btf_type.name_off", $"{offset} lies past the strings ({parentStrings + stringsLength} bytes)");
        ReadOnlySpan<byte> rest = data.AsSpan(stringsAt + (int)at, stringsLength - (int)at);
        int end = rest.IndexOf((byte)0);
        return end < 0 ? rest : rest[..end];
    }

    private static uint U32(ReadOnlySpan<byte> record, int at) => BinaryPrimitives.ReadUInt32LittleEndian(record[at..]);

    private uint U32Here(int at) => BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(at));
}
