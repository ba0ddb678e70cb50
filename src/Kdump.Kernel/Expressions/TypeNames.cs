using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Expressions;

/// <summary>
/// Types by the names that C gives them: the kernel's, else those of the one module that has such a name; <c>module::name</c> where
/// several have.
/// </summary>
public sealed class TypeNames(CrashedKernel kernel)
{
    private static readonly string[] IntegerWords = ["char", "short", "int", "long", "signed", "unsigned", "void", "_Bool", "bool", "float",
        "double"];

    private static readonly string[] OtherWords = ["struct", "union", "enum", "const", "volatile", "typeof"];

    /// <summary>Types of the language itself and those that every kernel has, where BTF has no typedef of the name.</summary>
    private static readonly (string Name, CType Type)[] Always =
    [
        ("u8", CType.UnsignedChar), ("u16", CType.UnsignedShort), ("u32", CType.UnsignedInt), ("u64", CType.UnsignedLongLong),
        ("s8", CType.SignedChar), ("s16", CType.Short), ("s32", CType.Int), ("s64", CType.LongLong),
        ("uint8_t", CType.UnsignedChar), ("uint16_t", CType.UnsignedShort), ("uint32_t", CType.UnsignedInt),
        ("uint64_t", CType.UnsignedLong), ("int8_t", CType.SignedChar), ("int16_t", CType.Short), ("int32_t", CType.Int),
        ("int64_t", CType.Long), ("uintptr_t", CType.UnsignedLong), ("size_t", CType.UnsignedLong), ("ssize_t", CType.Long),
    ];

    private readonly Dictionary<(string?, string), CType?> typedefs = [];

    public static bool IsKeyword(string word) => IsInteger(word) && word != "bool" || Array.IndexOf(OtherWords, word) >= 0;

    public static bool IsInteger(string word) => Array.IndexOf(IntegerWords, word) >= 0;

    /// <summary>An integer type by its words in any order: <c>unsigned long int</c>; null where they make no type.</summary>
    public static CType? Integer(IReadOnlyList<string> words)
    {
        int Count(string word) => words.Count(w => w == word);
        bool unsigned = Count("unsigned") > 0, signed = Count("signed") > 0;
        int longs = Count("long");
        if (words.Distinct().Count() + Math.Max(0, longs - 1) != words.Count || longs > 2 || (unsigned && signed))
            return null;
        string[] rest = [.. words.Where(w => w is not ("unsigned" or "signed" or "long" or "int"))];
        bool hasInt = Count("int") > 0;
        return rest switch
        {
            [] when longs == 0 => unsigned ? CType.UnsignedInt : CType.Int,
            [] when longs == 1 => unsigned ? CType.UnsignedLong : CType.Long,
            [] => unsigned ? CType.UnsignedLongLong : CType.LongLong,
            ["short"] when longs == 0 => unsigned ? CType.UnsignedShort : CType.Short,
            ["char"] when longs == 0 && !hasInt => (unsigned, signed) switch
            {
                (true, _) => CType.UnsignedChar,
                (_, true) => CType.SignedChar,
                _ => CType.Char,
            },
            ["void"] when words.Count == 1 => CType.Void,
            ["_Bool" or "bool"] when words.Count == 1 => CType.Bool,
            _ => null,
        };
    }

    /// <summary>A struct, union or enum by its tag.</summary>
    /// <param name="word"><c>struct</c>, <c>union</c> or <c>enum</c>.</param>
    /// <exception cref="ExpressionException">None has it, or several modules have.</exception>
    internal CType Tag(string word, string tag, string? module, int column)
    {
        BtfKind[] kinds = word switch
        {
            "struct" => [BtfKind.Struct],
            "union" => [BtfKind.Union],
            _ => [BtfKind.Enum, BtfKind.Enum64],
        };
        if (Find(kinds, tag, module, column, strict: true) is { } type)
            return type;
        string other = word == "struct" ? "union" : "struct";
        string hint;
        if (word != "enum" && Find([other == "struct" ? BtfKind.Struct : BtfKind.Union], tag, module, column) is not null)
            hint = $"; it is a {other}";
        else if (Typedef(tag, module) is not null)
            hint = $"; it is a typedef: write {tag} alone";
        else
            hint = Nearest.Hint(tag, Names(kinds, module));
        throw new ExpressionException(column, kernel.Btf.Value is null ? $"types need BTF: {kernel.Btf.Status}"
            : $"{(module is null ? "neither the kernel nor one of its modules" : $"module {module}")} has {word} '{tag}'{hint}");
    }

    /// <summary>A struct, union or enum by tag, or anything by typedef; null where there is none.</summary>
    /// <exception cref="ExpressionException">Several modules have it.</exception>
    public CType? Any(string name, string? module = null, int column = 0) => Find([BtfKind.Struct], name, module, column)
        ?? Find([BtfKind.Union], name, module, column) ?? Find([BtfKind.Enum, BtfKind.Enum64], name, module, column)
        ?? Typedef(name, module);

    /// <summary>A typedef, or a name that every kernel has for an integer; null where there is none.</summary>
    public CType? Typedef(string name, string? module)
    {
        if (typedefs.TryGetValue((module, name), out CType? known))
            return known;
        if (module is null && Array.Find(Always, a => a.Name == name).Type is { } always &&
            kernel.Btf.Value?.Find(BtfKind.Typedef, name) is null or 0)
            known = always;
        // A name that the kernel itself has for something else: no module's types are looked at for it.
        else if (module is null && kernel.Btf.Value is { } own && own.Find(BtfKind.Typedef, name) is 0 &&
            (IsSymbol(name) || own.FindEnumerator(name) is not null))
            known = null;
        else
            known = Find([BtfKind.Typedef], name, module, 0);
        typedefs[(module, name)] = known;
        return known;
    }

    /// <summary>The whole type of one that is only declared where it was found: by its tag, in the kernel or the one module.</summary>
    public CType Complete(CType type)
    {
        CType bare = type.Bare;
        if (bare.Kind != CTypeKind.Incomplete)
            return type;
        string[] words = bare.Name.Split(' ');
        // A module's own type first: another module may have one of the same name.
        return OwnTag(bare, words[0], words[1]) ?? Find([words[0] == "struct" ? BtfKind.Struct : BtfKind.Union], words[1], null, 0) ?? type;
    }

    /// <summary>A symbol has this name.</summary>
    public bool IsSymbol(string name) => kernel.Kallsyms.Value?.Find(name) is not null;

    /// <summary>A suggestion of a type with a similar name.</summary>
    public string Hint(string wrong)
    {
        foreach (BtfKind kind in (BtfKind[])[BtfKind.Struct, BtfKind.Union, BtfKind.Enum])
            if (kernel.Btf.Value?.Find(kind, wrong) is > 0)
                return $"; did you mean '{Word(kind)} {wrong}'?";
        return Nearest.Hint(wrong, Names([BtfKind.Typedef], null).Concat(Always.Select(a => a.Name)));
    }

    /// <summary>Names of types of some kinds, the kernel's and then the modules', or one module's.</summary>
    public IEnumerable<string> Names(BtfKind[] kinds, string? module)
    {
        if (kernel.Btf.Value is not { } own)
            yield break;
        if (module is null)
            foreach (int id in own.Named(kinds))
                yield return own.Name(id);
        foreach ((string name, Btf types) in kernel.Modules.Value?.Types() ?? new Dictionary<string, Btf>())
            if (module is null || name == module)
                foreach (int id in types.Named(kinds))
                    yield return types.Name(id);
    }

    /// <summary>The module that a type is from; null for the kernel's own.</summary>
    public string? ModuleOf(CType type)
    {
        if (type.Types is not { } types || types == kernel.Btf.Value)
            return null;
        foreach ((string name, Btf known) in kernel.Modules.Value?.Types() ?? new Dictionary<string, Btf>())
            if (known == types && known.IsOwn(type.Id))
                return name;
        return null;
    }

    private static string Word(BtfKind kind) => kind switch { BtfKind.Struct => "struct", BtfKind.Union => "union", _ => "enum" };

    private static CType? OwnTag(CType declared, string word, string tag)
    {
        if (declared.Types is not { } types)
            return null;
        int id = types.Find(word == "struct" ? BtfKind.Struct : BtfKind.Union, tag);
        return id > 0 ? CType.Of(types, id) : null;
    }

    /// <param name="strict">A module without types is an error.</param>
    private CType? Find(BtfKind[] kinds, string name, string? module, int column, bool strict = false)
    {
        if (kernel.Btf.Value is not { } own)
            return null;
        if (module is null)
            foreach (BtfKind kind in kinds)
                if (own.Find(kind, name) is > 0 and var id)
                    return CType.Of(own, id);
        List<(string Module, CType Type)> found = [];
        foreach ((string owner, Btf types) in kernel.Modules.Value?.Types() ?? new Dictionary<string, Btf>())
        {
            if (module is not null && owner != module)
                continue;
            foreach (BtfKind kind in kinds)
                if (types.Find(kind, name) is > 0 and var id)
                    found.Add((owner, CType.Of(types, id)));
        }
        if (module is not null && found.Count == 0 && strict && kernel.Modules.Value?.Types().ContainsKey(module) != true)
            throw new ExpressionException(column, $"no module '{module}' with types is loaded" +
                Nearest.Hint(module, kernel.Modules.Value?.All.Select(m => m.Name) ?? []));
        // Modules that include the same header have the same type.
        if (found.Count > 1 && !found.TrueForAll(f => SameLayout(f.Type, found[0].Type)))
            throw new ExpressionException(column, $"{found.Count} modules have a type '{name}': write " +
                string.Join(" or ", found.Take(4).Select(f => $"{f.Module}::{name}")));
        return found.Count > 0 ? found[0].Type : null;
    }

    private static bool SameLayout(CType a, CType b)
    {
        if (a.Bare.Kind != b.Bare.Kind || a.Size != b.Size)
            return false;
        if (a.Compound is not { } first || b.Compound is not { } second)
            return a.ToString() == b.ToString();
        return first.Members().Select(Place).SequenceEqual(second.Members().Select(Place));

        static (string, uint, int) Place(Member member) => (member.Name, member.BitOffset, member.BitSize);
    }
}
