using System.Numerics;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// Set bits of a struct sbitmap, include/linux/sbitmap.h: the bits of the member word that are not in the member cleared, which was added
/// by Linux commit ea86ea2cdced ("sbitmap: amortize cost of clearing bits") (v5.0).
/// </summary>
public static class SBitmap
{
    /// <summary>Maximum number of bits; BLK_MQ_MAX_DEPTH is 10,240.</summary>
    private const uint MaxBits = 1 << 20;

    /// <exception cref="InputException">The bitmap is missing from the dump, or is too large.</exception>
    public static List<uint> Set(CrashedKernel kernel, StructReader bitmap)
    {
        StructType word = kernel.Struct("sbitmap_word");
        uint depth = bitmap.U32("depth"), words = bitmap.U32("map_nr");
        int shift = bitmap.S32("shift");
        if (depth > MaxBits || words > MaxBits || shift is < 0 or > 6)
            throw new InputException(kernel.Dump.Name, "sbitmap.depth", -1, $"{depth} bits in {words} words are no bitmap");
        List<uint> set = [];
        VirtualAddress map = bitmap.Pointer("map");
        for (uint i = 0; i < words; i++)
        {
            StructReader one = new(kernel.Memory, word, map + (long)i * word.Size);
            ulong bits = one.U64("word") & ~(one.First("cleared") ?? 0);
            for (; bits != 0; bits &= bits - 1)
            {
                uint bit = (i << shift) + (uint)BitOperations.TrailingZeroCount(bits);
                if (bit < depth)
                    set.Add(bit);
            }
        }
        return set;
    }
}
