namespace Kdump.Kernel.Types;

/// <summary>The members of a struct or union, including those of anonymous members, and the holes between them.</summary>
public static class StructLayout
{
    private const int MaxDepth = 16;

    /// <summary>
    /// Maximum number of members: struct net, one of the largest, has a hundred, but in damaged BTF an anonymous struct may contain
    /// itself.
    /// </summary>
    private const int MaxLines = 20_000;

    /// <summary>
    /// Members in the order of the source. An anonymous struct or union precedes its own members, whose depth is one higher.
    /// </summary>
    public static IEnumerable<LayoutMember> Of(StructType type) =>
        Of(type, 0, 0, type.Types.Kind(type.Id) == BtfKind.Union).Take(MaxLines);

    private static IEnumerable<LayoutMember> Of(StructType type, uint bits, int depth, bool union)
    {
        long end = 0;
        foreach (Member member in type.Members())
        {
            CType of = CType.Of(type.Types, member.Type);
            long size = member.BitSize > 0 ? member.BitSize : 8L * of.Size;
            // Bitfields leave holes of less than a byte.
            long hole = union || member.BitOffset <= end ? 0 : (member.BitOffset - end) / 8;
            end = Math.Max(end, member.BitOffset + size);
            yield return new LayoutMember(member with { BitOffset = bits + member.BitOffset }, of, depth, hole);
            if (member.Name.Length == 0 && depth < MaxDepth && type.Types.StructOf(member.Type) is { } inner)
                foreach (LayoutMember below in Of(inner, bits + member.BitOffset, depth + 1, of.Bare.Kind == CTypeKind.Union))
                    yield return below;
        }
        long left = union ? 0 : type.Size - (end + 7) / 8;
        if (left > 0 && end > 0)
            yield return new LayoutMember(null, CType.Void, depth, left);
    }
}
