namespace Kdump.Kernel.Types;

/// <summary>A member and its place in a struct.</summary>
/// <param name="Member">The member, with its offset from the start of the outermost struct; null for a hole at the end of the
/// struct.</param>
/// <param name="Depth">Number of anonymous structs and unions around the member.</param>
/// <param name="Hole">Number of unused bytes before the member.</param>
public sealed record LayoutMember(Member? Member, CType Type, int Depth, long Hole);
