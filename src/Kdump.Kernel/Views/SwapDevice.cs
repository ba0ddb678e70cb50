namespace Kdump.Kernel.Views;

/// <summary>A swap device or file, struct swap_info_struct of include/linux/swap.h; sizes are in pages of the kernel.</summary>
/// <param name="Number">Number of the device (the type in swap entries).</param>
/// <param name="Path">Path of the device or file; null if it cannot be read.</param>
public sealed record SwapDevice(int Number, string? Path, bool IsPartition, long Pages, long Used, int Priority, ulong Flags);
