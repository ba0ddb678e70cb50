using System.Text.Json;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Types;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>Types as JSON: members with offsets and sizes in bytes, enumerators with values, what a typedef stands for.</summary>
internal sealed class TypeJson(TypeNames types, Utf8JsonWriter json)
{
    /// <summary>Writes the fields of the whole type into the open object: for a struct all members, or the given ones.</summary>
    public void Whole(CType type, IReadOnlyList<string> members)
    {
        CType bare = Head(type);
        if (bare.Compound is { } compound)
            Members(bare, compound, members, null);
        else if (bare.Kind == CTypeKind.Enum && bare.Types is { } owner)
            Enumerators(owner, bare.Id);
    }

    /// <summary>Writes name, kind and size of a type; returns the type that it is after following typedefs.</summary>
    public CType Head(CType type)
    {
        CType bare = types.Complete(type).Bare;
        json.WriteString("type", type.ToString());
        json.WriteString("kind", bare.Kind.ToString().ToLowerInvariant());
        if (type.Kind == CTypeKind.Typedef)
            json.WriteString("typedefOf", type.Target.ToString());
        if (bare.Size > 0)
            json.WriteNumber("size", bare.Size);
        if (types.ModuleOf(bare) is { } module)
            json.WriteString("module", module);
        return bare;
    }

    /// <summary>Writes the members; with the address of an object, the address of each.</summary>
    /// <exception cref="ExpressionException">The type has no such member, or no members.</exception>
    public void Members(CType bare, IReadOnlyList<string> paths, ulong start) => Members(bare, bare.Compound
        ?? throw new ExpressionException(0, $"{bare} has no members"), paths, start);

    private void Members(CType bare, StructType compound, IReadOnlyList<string> paths, ulong? start)
    {
        long end = 0;
        json.WriteStartArray("members");
        foreach (string path in paths)
        {
            Member member = TypeText.MemberBy(bare, compound, path);
            One(member with { Name = path }, CType.Of(compound.Types, member.Type), 0, 0, start);
        }
        foreach (LayoutMember line in paths.Count > 0 ? [] : StructLayout.Of(compound))
        {
            if (line.Member is { } member)
                One(member, line.Type, line.Depth, line.Hole, start);
            else if (line.Depth == 0)
                end = line.Hole;
        }
        json.WriteEndArray();
        if (end > 0)
            json.WriteNumber("holeAtEnd", end);
    }

    private void One(Member member, CType type, int depth, long hole, ulong? start)
    {
        json.WriteStartObject();
        json.WriteString("name", member.Name);
        json.WriteString("type", type.ToString());
        json.WriteNumber("offset", member.Offset);
        if (start is { } at)
            json.WriteString("address", $"{unchecked(at + (ulong)member.Offset):x16}");
        json.WriteNumber("size", type.Size);
        if (member.BitSize > 0)
        {
            json.WriteNumber("bit", member.BitOffset % 8);
            json.WriteNumber("bits", member.BitSize);
        }
        if (depth > 0)
            json.WriteNumber("depth", depth);
        if (hole > 0)
            json.WriteNumber("holeBefore", hole);
        json.WriteEndObject();
    }

    private void Enumerators(Btf owner, int id)
    {
        json.WriteStartArray("enumerators");
        foreach ((string name, long value) in owner.Enumerators(id))
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteNumber("value", value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
