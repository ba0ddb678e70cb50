namespace Kdump.Kernel.Types;

/// <summary>
/// A member of a struct in BTF: offset in bits from the start of the struct; width in bits for a bitfield, otherwise 0.
/// </summary>
public readonly record struct Member(string Name, int Type, uint BitOffset, int BitSize)
{
    public int Offset => (int)(BitOffset / 8);
}
