using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>Swap devices as in /proc/swaps: swap_info[] of mm/swapfile.c.</summary>
public sealed class Swaps
{
    private const int MaxDevices = 32;
    private const ulong Used = 1;

    private readonly List<SwapDevice> all = [];
    private readonly List<Damage> damages = [];

    /// <exception cref="InputException">BTF lacks a struct, or a symbol is missing.</exception>
    public Swaps(CrashedKernel kernel)
    {
        VirtualAddress table = kernel.Symbol("swap_info");
        StructType type = kernel.Struct("swap_info_struct");
        uint count = kernel.Memory.U32(kernel.Symbol("nr_swapfiles"), "nr_swapfiles");
        if (count > MaxDevices)
            damages.Add(new Damage(kernel.Dump.Name, "nr_swapfiles", -1, $"{count} is no number of swap devices"));
        DentryPath paths = new(kernel);
        for (int i = 0; i < Math.Min(count, MaxDevices); i++)
        {
            try
            {
                VirtualAddress at = kernel.Memory.Pointer(table + 8L * i, "swap_info");
                if (at.Value == 0)
                    continue;
                StructReader one = new(kernel.Memory, type, at);
                ulong flags = one.U64("flags");
                if ((flags & Used) == 0 || one.Follow("swap_file") is not { } file)
                    continue;
                string? path = null;
                try
                {
                    path = paths.Of(file.Pointer("f_path.mnt"), file.Pointer("f_path.dentry"));
                }
                catch (InputException e)
                {
                    damages.Add(Damage.From(e));
                }
                bool partition = file.Follow("f_inode") is { } inode && (inode.U64("i_mode") & 0xF000) == 0x6000;
                all.Add(new SwapDevice(i, path, partition, (long)one.U64("pages"), (long)one.U64("inuse_pages"), (short)one.U64("prio"),
                    flags));
            }
            catch (InputException e)
            {
                damages.Add(Damage.From(e));
            }
        }
        ZswapBytes = Long("zswap_pool_total_size");
        ZswapStored = Long("zswap_stored_pages");

        long? Long(string symbol) =>
            kernel.FindSymbol(symbol) is { } at && kernel.Memory.TryU64(at, out ulong value) ? unchecked((long)value) : null;
    }

    public IReadOnlyList<SwapDevice> All => all;

    /// <summary>Bytes of compressed pages in memory (zswap); null if this kernel does not record the sum.</summary>
    public long? ZswapBytes { get; }

    /// <summary>Number of pages stored compressed; null if this kernel does not count them.</summary>
    public long? ZswapStored { get; }

    public IReadOnlyList<Damage> Damages => damages;
}
