namespace Kdump.Kernel.Types;

/// <summary>A member where it lies.</summary>
/// <param name="Member">Its offset counts from the start of the outermost struct; null: only the hole, at the end of the struct.</param>
/// <param name="Depth">Anonymous structs and unions around it.</param>
/// <param name="Hole">Bytes before it that no member has.</param>
public sealed record LayoutMember(Member? Member, CType Type, int Depth, long Hole);
