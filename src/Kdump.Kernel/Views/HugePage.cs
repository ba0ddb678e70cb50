using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>A pool of hugetlb pages of one size: struct hstate of include/linux/hugetlb.h.</summary>
/// <param name="Pages">Size of a huge page, in pages of the kernel.</param>
public sealed record HugePage(long Pages, long Count, long Free, long Reserved, long Surplus)
{
    /// <summary>Maximum number of page sizes: HUGE_MAX_HSTATE is 2 on x86-64; other architectures have up to 8.</summary>
    private const int MaxStates = 16;

    public static IReadOnlyList<HugePage> All(CrashedKernel kernel, List<Damage> damages)
    {
        List<HugePage> all = [];
        if (kernel.FindSymbol("hstates") is not { } at || kernel.FindSymbol("hugetlb_max_hstate") is not { } count ||
            kernel.Btf.Value?.Struct("hstate") is not { } type || !kernel.Memory.TryU32(count, out uint states))
            return all;
        for (int i = 0; i < Math.Min(states, MaxStates); i++)
        {
            try
            {
                StructReader state = new(kernel.Memory, type, at + (long)i * type.Size);
                if (state.U32("order") is not < 32 and var wrong)
                    throw new InputException(kernel.Dump.Name, "hstate.order", -1, $"{wrong} is no size of a page");
                all.Add(new HugePage(1L << (int)state.U32("order"), state.S64("nr_huge_pages"), state.S64("free_huge_pages"),
                    state.S64("resv_huge_pages"), state.S64("surplus_huge_pages")));
            }
            catch (InputException e)
            {
                damages.Add(Damage.From(e));
            }
        }
        return all;
    }
}
