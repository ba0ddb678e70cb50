namespace Kdump.Kernel.Views;

/// <summary>A swap device or file, struct swap_info_struct of include/linux/swap.h; sizes in the kernel's pages.</summary>
/// <param name="Number">Its type in swap entries.</param>
/// <param name="Path">Null where it cannot be read.</param>
public sealed record SwapDevice(int Number, string? Path, bool IsPartition, long Pages, long Used, int Priority, ulong Flags);
