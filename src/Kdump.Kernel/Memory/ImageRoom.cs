using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Memory;

/// <summary>Virtual addresses between which an architecture puts the kernel's image.</summary>
/// <param name="Start">The lowest that it can have.</param>
/// <param name="End">One past the highest.</param>
public readonly record struct ImageRoom(VirtualAddress Start, VirtualAddress End)
{
    /// <summary>An image is 30 to 100 MB; it does not reach past 256 MB.</summary>
    private const ulong Longest = 256 << 20;

    /// <summary>An image is contiguous except for parts freed after boot: a larger unmapped gap means that it has ended.</summary>
    internal const int MaxOutside = 16;

    public bool Holds(VirtualAddress address) => address >= Start && address < End;

    /// <summary>Bytes to search from an address in the image to where it must have ended.</summary>
    public long LengthFrom(VirtualAddress address) => Holds(address) ? (long)Math.Min(End.Value - address.Value, Longest) : 0;
}
