using System.Globalization;
using Kdump.Diagnosis.Model;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Types;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>Types as text: structs with offsets, sizes and holes, enums with values, prototypes.</summary>
internal sealed class TypeText(TypeNames types, TextWriter output)
{
    /// <summary>Prints the whole type: for a struct all members, or the given ones.</summary>
    /// <param name="members">Paths of members; empty: all.</param>
    /// <param name="start">Address of an object: prints the members' addresses; null: prints their offsets.</param>
    public void Whole(CType type, IReadOnlyList<string> members, ulong? start = null)
    {
        CType bare = types.Complete(type).Bare;
        if (type.Kind == CTypeKind.Typedef)
            output.WriteLine(Printable.Escape($"typedef {CDeclaration.Of(type.Target, type.Name)};"));
        if (bare.Compound is { } compound)
            Struct(bare, compound, members, start);
        else if (bare.Kind == CTypeKind.Enum && bare.Types is { } owner)
            Enum(bare, owner);
        else if (type.Kind != CTypeKind.Typedef)
            output.WriteLine(Printable.Escape(type.ToString()));
        if (bare.Size > 0)
            output.WriteLine($"SIZE: {bare.Size}" +
                (types.ModuleOf(bare) is { } module ? $"  (a type of module {Printable.Escape(module)})" : ""));
    }

    private void Struct(CType bare, StructType compound, IReadOnlyList<string> members, ulong? start)
    {
        (string Path, Member Member)[] chosen = [.. members.Select(path => (path, MemberBy(bare, compound, path)))];
        output.WriteLine($"{Printable.Escape(bare.ToString())} {{");
        if (members.Count > 0)
        {
            foreach ((string path, Member member) in chosen)
                Line(1, Place(member, start), CDeclaration.Of(CType.Of(compound.Types, member.Type), path) + Bits(member) + ";");
        }
        else
        {
            int depth = 0;
            Stack<string> open = new();
            foreach (LayoutMember line in StructLayout.Of(compound))
            {
                for (; depth > line.Depth; depth--)
                    Line(depth, "", open.Pop());
                if (line.Hole > 0)
                    Line(depth + 1, "",
                        $"/* {Counted.Of(line.Hole, "byte")} {(line.Member is null ? "at the end" : "in between")} */");
                if (line.Member is not { } member)
                    continue;
                bool anonymous = member.Name.Length == 0 && line.Type.IsCompound;
                if (anonymous)
                {
                    Line(depth + 1, "", line.Type.Bare.Kind == CTypeKind.Union ? "union {" : "struct {");
                    open.Push("};");
                    depth++;
                    continue;
                }
                Line(depth + 1, Place(member, start), CDeclaration.Of(line.Type, member.Name) + Bits(member) + ";", line.Type.Size);
            }
            for (; depth > 0; depth--)
                Line(depth, "", open.Pop());
        }
        output.WriteLine("}");
    }

    /// <exception cref="ExpressionException">The type has no such member.</exception>
    public static Member MemberBy(CType type, StructType compound, string path) => compound.Find(path)
        ?? throw new ExpressionException(0, $"{type} has no member '{path}'" +
            Nearest.Hint(path, StructLayout.Of(compound).Select(m => m.Member?.Name ?? "")));

    private void Line(int depth, string place, string text, int size = -1)
    {
        const int column = 72;
        string line = $"{place,8} {new string(' ', 2 * (depth - 1))}{Printable.Escape(text)}";
        output.WriteLine(size < 0 ? line.TrimEnd() : $"{line.PadRight(column)} {size,5}".TrimEnd());
    }

    private static string Place(Member member, ulong? start)
    {
        ulong at = unchecked((start ?? 0) + member.BitOffset / 8);
        string bit = member.BitSize > 0 && member.BitOffset % 8 != 0 ? $":{member.BitOffset % 8}" : "";
        return start is null ? $"[{at.ToString(CultureInfo.InvariantCulture)}{bit}]" : $"[{at:x}{bit}]";
    }

    private static string Bits(Member member) => member.BitSize > 0 ? $" : {member.BitSize}" : "";

    private void Enum(CType type, Btf owner)
    {
        output.WriteLine($"{Printable.Escape(type.ToString())} {{");
        foreach ((string name, long value) in owner.Enumerators(type.Id))
            output.WriteLine($"  {Printable.Escape(name)} = {value.ToString(CultureInfo.InvariantCulture)},");
        output.WriteLine("}");
    }
}
