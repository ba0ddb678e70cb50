using System.Diagnostics;

namespace Kdump.Kernel.Types;

/// <summary>A struct or union: members by name, including those of anonymous members, and by path (<c>arch.num_orcs</c>).</summary>
[DebuggerDisplay("struct {Name} ({Size} bytes)")]
public sealed class StructType
{
    private const int MaxDepth = 16;

    private readonly Btf btf;
    private readonly Dictionary<string, Member?> known = new(StringComparer.Ordinal);

    internal StructType(Btf btf, int id, string name, int size)
    {
        this.btf = btf;
        Id = id;
        Name = name;
        Size = size;
    }

    public int Id { get; }

    public string Name { get; }

    public int Size { get; }

    public Btf Types => btf;

    public bool Has(string path) => Find(path) is not null;

    public Member? Find(string path)
    {
        lock (known)
        {
            if (known.TryGetValue(path, out Member? member))
                return member;
            member = Search(path);
            known[path] = member;
            return member;
        }
    }

    /// <exception cref="Kdump.Formats.Bytes.InputException">The struct has no such member.</exception>
    public Member this[string path] => Find(path) ?? throw btf.Bad($"{Name}.{path}", "this kernel's struct has no such member");

    public int Offset(string path) => this[path].Offset;

    /// <summary>Size of a member in bytes.</summary>
    public int SizeOf(string path) => btf.SizeOf(this[path].Type);

    /// <summary>Number of elements of an array member.</summary>
    public uint Length(string path)
    {
        int id = btf.Resolve(this[path].Type);
        return btf.Kind(id) == BtfKind.Array ? btf.Array(id).Length : 1;
    }

    /// <summary>
    /// The struct of a member: the member itself, the element of an array, or the target of a pointer; null for scalars.
    /// </summary>
    public StructType? Of(string path)
    {
        int id = btf.Resolve(this[path].Type);
        for (int depth = 0; depth < MaxDepth; depth++)
        {
            if (btf.Kind(id) == BtfKind.Array)
                id = btf.Resolve(btf.Array(id).Element);
            else if (btf.Kind(id) == BtfKind.Pointer)
                id = btf.Resolve(btf.Target(id));
            else
                break;
        }
        return btf.StructOf(id);
    }

    public IEnumerable<Member> Members()
    {
        int count = btf.MemberCount(Id);
        for (int i = 0; i < count; i++)
            yield return btf.MemberAt(Id, i);
    }

    private Member? Search(string path)
    {
        int dot = path.IndexOf('.');
        Member? first = Search(Id, dot < 0 ? path : path[..dot], 0, 0);
        if (dot < 0 || first is not { } outer)
            return first;
        if (btf.StructOf(outer.Type) is not { } inner || inner.Find(path[(dot + 1)..]) is not { } member)
            return null;
        return member with { BitOffset = outer.BitOffset + member.BitOffset };
    }

    private Member? Search(int id, string name, uint bits, int depth)
    {
        if (depth > MaxDepth)
            throw btf.Bad($"{Name}.{name}", $"more than {MaxDepth} anonymous members in each other");
        int count = btf.MemberCount(id);
        for (int i = 0; i < count; i++)
        {
            Member member = btf.MemberAt(id, i);
            if (member.Name == name)
                return member with { BitOffset = bits + member.BitOffset };
            if (member.Name.Length > 0)
                continue;
            int inner = btf.Resolve(member.Type);
            if (btf.Kind(inner) is BtfKind.Struct or BtfKind.Union && Search(inner, name, bits + member.BitOffset, depth + 1) is { } found)
                return found;
        }
        return null;
    }
}
