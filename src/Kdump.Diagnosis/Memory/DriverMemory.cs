namespace Kdump.Diagnosis.Memory;

/// <summary>
/// The memory that drivers use in a crash kernel beside their own code. A measured figure says by whom; the others are bounded by
/// what such drivers set up for one CPU. Drivers without a row use little.
/// </summary>
public static class DriverMemory
{
    private sealed record Row(string Module, MemoryRange Bytes, bool EachDevice, string Reason);

    private static readonly Row[] Rows =
    [
        Once("mlx5_core", 60, 130, 200, "124 MB measured with pages of 4 KB (kdump-utils commit a65dde2)"),
        Once("mlx4_core", 10, 30, 80, "not measured here"),
        Once("qede", 60, 150, 220, "149.6 MB of qed by memstrack (kexec list, May 2020)"),
        Once("amdgpu", 40, 120, 400, "graphics driver and its firmware (kdump-utils commit 77a0246)"),
        Once("radeon", 20, 60, 200, "graphics driver and its firmware (kdump-utils commit 77a0246)"),
        Once("nouveau", 20, 60, 200, "graphics driver and its firmware (kdump-utils commit 77a0246)"),
        Once("i915", 10, 40, 150, "graphics driver and its frame buffer; not measured here"),
        Once("xe", 10, 60, 200, "graphics driver; not measured here"),
        Once("ib_core", 10, 60, 200, "the RDMA stack: 200 MB on x86 (kdump-utils commit 1732a3b)"),
        Each("megaraid_sas", 4, 16, 48, "frames for its whole queue; not measured here"),
        Each("mpt3sas", 4, 16, 48, "frames for its whole queue; not measured here"),
        Each("mpi3mr", 4, 16, 48, "frames for its whole queue; not measured here"),
        Each("smartpqi", 2, 8, 32, "queues of firmware's size; not measured here"),
        Each("hpsa", 2, 8, 32, "queues of firmware's size; not measured here"),
        Each("lpfc", 4, 16, 64, "exchanges for its whole queue; not measured here"),
        Each("qla2xxx", 2, 12, 40, "its firmware and firmware's dump; not measured here"),
        Each("ice", 2, 12, 48, "not measured here"),
        Each("i40e", 2, 8, 32, "not measured here"),
        Each("bnxt_en", 2, 8, 32, "not measured here"),
        Each("nvme", 0.1, 0.4, 2, "admin and one queue; not measured here"),
    ];

    private static readonly MemoryRange Small = MemoryRange.Megabytes(0.05, 0.3, 1.5);

    /// <summary>For all devices of a driver.</summary>
    public static (MemoryRange Bytes, string Reason) Of(string module, int devices, bool largePages)
    {
        if (Array.Find(Rows, r => r.Module == module) is not { } row)
            return (Small * devices, "a small driver");
        MemoryRange bytes = row.EachDevice ? row.Bytes * devices : row.Bytes;
        // Rings and buffers are counted in pages: with larger pages the same number takes more (mlx5_core: 124 and 188 MB, 350 MB
        // at its peak).
        return largePages ? (bytes with { Likely = bytes.Likely * 3 / 2, High = bytes.High * 2 }, row.Reason + ", more with pages of 64 KB")
            : (bytes, row.Reason);
    }

    /// <summary>True if the module has a row of its own and is worth a line.</summary>
    public static bool IsKnown(string module) => Array.Exists(Rows, r => r.Module == module);

    private static Row Once(string module, double low, double likely, double high, string reason) =>
        new(module, MemoryRange.Megabytes(low, likely, high), false, reason);

    private static Row Each(string module, double low, double likely, double high, string reason) =>
        new(module, MemoryRange.Megabytes(low, likely, high), true, reason);
}
