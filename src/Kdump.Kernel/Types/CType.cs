using System.Diagnostics;

namespace Kdump.Kernel.Types;

/// <summary>
/// A type of the C language: a type from BTF (<see cref="Of(Btf, int)"/>), or one derived from another type (a pointer to it, an array of
/// it), which BTF need not contain. Sizes are those of x86-64 and arm64 kernels: LP64, little-endian.
/// </summary>
[DebuggerDisplay("{ToString()}")]
public sealed class CType
{
    /// <summary>Maximum length of a chain of typedefs and qualifiers; Btf has the same limit.</summary>
    private const int MaxDepth = 32;

    public static readonly CType Void = new(CTypeKind.Void, "void", 0);
    public static readonly CType Bool = new(CTypeKind.Bool, "_Bool", 1);
    public static readonly CType Char = new(CTypeKind.Int, "char", 1) { Signed = true };
    public static readonly CType SignedChar = new(CTypeKind.Int, "signed char", 1) { Signed = true };
    public static readonly CType UnsignedChar = new(CTypeKind.Int, "unsigned char", 1);
    public static readonly CType Short = new(CTypeKind.Int, "short", 2) { Signed = true };
    public static readonly CType UnsignedShort = new(CTypeKind.Int, "unsigned short", 2);
    public static readonly CType Int = new(CTypeKind.Int, "int", 4) { Signed = true };
    public static readonly CType UnsignedInt = new(CTypeKind.Int, "unsigned int", 4);
    public static readonly CType Long = new(CTypeKind.Int, "long", 8) { Signed = true };
    public static readonly CType UnsignedLong = new(CTypeKind.Int, "unsigned long", 8);
    public static readonly CType LongLong = new(CTypeKind.Int, "long long", 8) { Signed = true };
    public static readonly CType UnsignedLongLong = new(CTypeKind.Int, "unsigned long long", 8);

    /// <summary>Type of a variable that BTF does not contain.</summary>
    public static readonly CType Unknown = new(CTypeKind.Unknown, "?", 0);

    private readonly CType? made;
    private readonly int targetId;
    private CType? target;

    private CType(CTypeKind kind, string name, int size, Btf? types = null, int id = 0, int targetId = 0, CType? made = null,
        uint length = 0)
    {
        Kind = kind;
        Name = name;
        Size = size;
        Types = types;
        Id = id;
        this.targetId = targetId;
        this.made = made;
        Length = length;
    }

    public CTypeKind Kind { get; }

    /// <summary>A tag, the name of a typedef or integer, <c>const</c> or <c>volatile</c>; empty for a type without a name.</summary>
    public string Name { get; }

    /// <summary>Size in bytes; 0 for types without a size.</summary>
    public int Size { get; }

    public bool Signed { get; private init; }

    /// <summary>The BTF of this type, which may be a module's; null for a derived type.</summary>
    public Btf? Types { get; }

    /// <summary>Id of the type in <see cref="Types"/>.</summary>
    public int Id { get; }

    /// <summary>Number of elements of an array; 0 also if no length is declared.</summary>
    public uint Length { get; }

    /// <summary>
    /// Target of a pointer, element type of an array, return type of a function, or the type to which a typedef or qualifier refers.
    /// </summary>
    public CType Target => target ??= made ?? (Types is null ? Void : Of(Types, targetId));

    /// <summary>The type after following typedefs and qualifiers.</summary>
    public CType Bare
    {
        get
        {
            CType type = this;
            for (int depth = 0; depth < MaxDepth && type.Kind is CTypeKind.Typedef or CTypeKind.Qualified; depth++)
                type = type.Target;
            return type;
        }
    }

    public bool IsInteger => Bare.Kind is CTypeKind.Int or CTypeKind.Bool or CTypeKind.Enum;

    public bool IsScalar => IsInteger || Bare.Kind is CTypeKind.Pointer or CTypeKind.Float;

    public bool IsCompound => Bare.Kind is CTypeKind.Struct or CTypeKind.Union;

    /// <summary>True for char, signed or unsigned: arrays of it and pointers to it are text.</summary>
    public bool IsCharacter => Bare is { Kind: CTypeKind.Int, Size: 1, Name: "char" or "signed char" };

    /// <summary>The members of a struct or union; null for any other type.</summary>
    public StructType? Compound => Bare is { Kind: CTypeKind.Struct or CTypeKind.Union, Types: { } types } bare ? types.StructOf(bare.Id)
        : null;

    /// <summary>A type of a BTF by its id.</summary>
    /// <exception cref="Formats.Bytes.InputException">The BTF has no such type, or the type's record is damaged.</exception>
    public static CType Of(Btf types, int id) => Of(types, id, 0);

    private static CType Of(Btf types, int id, int depth)
    {
        // The record of a function or variable refers to itself.
        if (depth > MaxDepth)
            return Unknown;
        int size = types.SizeOf(id);
        switch (types.Kind(id))
        {
            case BtfKind.Void:
                return Void;
            case BtfKind.Int:
                (bool signed, bool boolean) = types.IntEncoding(id);
                return new CType(boolean ? CTypeKind.Bool : CTypeKind.Int, Spelled(types.Name(id)), size, types, id) { Signed = signed };
            case BtfKind.Float:
                return new CType(CTypeKind.Float, types.Name(id), size, types, id) { Signed = true };
            case BtfKind.Enum or BtfKind.Enum64:
                return new CType(CTypeKind.Enum, types.Name(id), size, types, id) { Signed = types.SignedEnum(id) };
            case BtfKind.Pointer:
                return new CType(CTypeKind.Pointer, "", 8, types, id, types.Target(id));
            case BtfKind.Array:
                (int element, uint length) = types.Array(id);
                return new CType(CTypeKind.Array, "", size, types, id, element, length: length);
            case BtfKind.Struct:
                return new CType(CTypeKind.Struct, types.Name(id), size, types, id);
            case BtfKind.Union:
                return new CType(CTypeKind.Union, types.Name(id), size, types, id);
            case BtfKind.Forward:
                return new CType(CTypeKind.Incomplete, (types.ForwardIsUnion(id) ? "union " : "struct ") + types.Name(id), 0, types, id);
            case BtfKind.Function:
                return Of(types, types.Referred(id), depth + 1);
            case BtfKind.FunctionPrototype:
                return new CType(CTypeKind.Function, "", 0, types, id, types.Referred(id));
            case BtfKind.Variable or BtfKind.TypeTag or BtfKind.Restrict:
                return Of(types, types.Referred(id), depth + 1);
            case BtfKind.Typedef:
                return new CType(CTypeKind.Typedef, types.Name(id), size, types, id, types.Referred(id));
            case BtfKind.Const:
                return new CType(CTypeKind.Qualified, "const", size, types, id, types.Referred(id));
            case BtfKind.Volatile:
                return new CType(CTypeKind.Qualified, "volatile", size, types, id, types.Referred(id));
            default:
                return Unknown;
        }
    }

    /// <summary>An integer's name as in the kernel's source; BTF contains DWARF's spelling.</summary>
    private static string Spelled(string name) => name switch
    {
        "long int" => "long",
        "long unsigned int" => "unsigned long",
        "long long int" => "long long",
        "long long unsigned int" => "unsigned long long",
        "short int" => "short",
        "short unsigned int" => "unsigned short",
        _ => name,
    };

    public static CType PointerTo(CType target) => new(CTypeKind.Pointer, "", 8, made: target);

    public static CType ArrayOf(CType element, uint length) =>
        new(CTypeKind.Array, "", (int)Math.Min(int.MaxValue, (long)element.Size * length), made: element, length: length);

    /// <summary>The type in C syntax, without a name: <c>struct task_struct *</c>, <c>int (*)(void *)</c>.</summary>
    public override string ToString() => CDeclaration.Of(this, "");

    /// <summary>True if both are the same type: compared by name, or by their structure if they have no name.</summary>
    public bool Same(CType other, int depth = 0)
    {
        CType a = Bare, b = other.Bare;
        if (a.Kind != b.Kind || a.Size != b.Size || depth > MaxDepth)
            return a.Kind == CTypeKind.Int && a.Kind == b.Kind && a.Size == b.Size && a.Signed == b.Signed;
        return a.Kind switch
        {
            CTypeKind.Int => a.Signed == b.Signed,
            CTypeKind.Pointer => a.Target.Same(b.Target, depth + 1),
            CTypeKind.Array => a.Length == b.Length && a.Target.Same(b.Target, depth + 1),
            CTypeKind.Void or CTypeKind.Bool or CTypeKind.Float or CTypeKind.Function => true,
            _ => a.Name == b.Name && (a.Name.Length > 0 || (a.Types == b.Types && a.Id == b.Id)),
        };
    }
}
