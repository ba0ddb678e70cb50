using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// Free objects of a slab, each with a pointer to the next: freelist_ptr() of mm/slub.c. With CONFIG_SLAB_FREELIST_HARDENED a pointer is
/// XORed with the cache's secret and with its own address, whose bytes are swapped since Linux commit 1ad53d9fa3f6 ("slub: improve bit
/// diffusion for freelist ptr obfuscation") (v5.7).
/// </summary>
public static class SlubFreeList
{
    /// <summary>Maximum number of objects in a slab: oo_objects has 16 bits.</summary>
    public const int MaxObjects = 1 << 16;

    /// <summary>Addresses of the free objects; Whole is false if the list leaves the slab or cannot be read.</summary>
    /// <param name="cache">The slab's struct kmem_cache.</param>
    /// <param name="start">Address of the slab's first byte.</param>
    /// <param name="end">Address after the slab's last object.</param>
    public static (List<VirtualAddress> Free, bool Whole) Walk(StructReader cache, VirtualAddress first, VirtualAddress start,
        VirtualAddress end)
    {
        List<VirtualAddress> free = [];
        long offset = cache.U32("offset");
        ulong? secret = cache.Has("random") ? cache.U64("random") : null;
        ulong most = (end.Value - start.Value) / Math.Max(1, cache.U32("size"));
        for (VirtualAddress at = first; at.Value != 0;)
        {
            if (at < start || at >= end || (ulong)free.Count >= most || !cache.Memory.TryU64(at + offset, out ulong raw))
                return (free, false);
            free.Add(at);
            at = Decode(raw, secret, at + offset, start.Value, end.Value);
        }
        return (free, true);
    }

    private static VirtualAddress Decode(ulong raw, ulong? secret, VirtualAddress at, ulong start, ulong end)
    {
        if (secret is not { } key)
            return new VirtualAddress(raw);
        ulong swapped = raw ^ key ^ BinaryPrimitives.ReverseEndianness(at.Value), plain = raw ^ key ^ at.Value;
        bool old = swapped != 0 && (swapped < start || swapped >= end) && (plain == 0 || (plain >= start && plain < end));
        return new VirtualAddress(old ? plain : swapped);
    }
}
