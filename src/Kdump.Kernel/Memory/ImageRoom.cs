using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Memory;

/// <summary>The range of virtual addresses in which an architecture maps the kernel's image.</summary>
/// <param name="Start">The lowest possible address.</param>
/// <param name="End">One past the highest possible address.</param>
public readonly record struct ImageRoom(VirtualAddress Start, VirtualAddress End)
{
    /// <summary>Maximum length of an image in bytes; real ones have 30 to 100 MB.</summary>
    private const ulong Longest = 256 << 20;

    /// <summary>
    /// Maximum number of consecutive unmapped blocks in a search. An image is contiguous except for parts freed after boot: a larger gap
    /// means that it has ended.
    /// </summary>
    internal const int MaxOutside = 16;

    public bool Holds(VirtualAddress address) => address >= Start && address < End;

    /// <summary>Number of bytes to search from an address in the image to the highest possible end of the image.</summary>
    public long LengthFrom(VirtualAddress address) => Holds(address) ? (long)Math.Min(End.Value - address.Value, Longest) : 0;
}
