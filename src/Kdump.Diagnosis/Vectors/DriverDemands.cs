namespace Kdump.Diagnosis.Vectors;

/// <summary>
/// What drivers ask for, by module: read in the kernel's source (6.1 and 6.12; each row names file and function), and measured by
/// tests/lab/vectors for devices that QEMU has. A driver that is not here is bounded by what it does now
/// (<see cref="DemandRules"/>).
/// </summary>
public static class DriverDemands
{
    public static readonly DriverDemand[] All = [.. StorageDemands.All, .. NetworkDemands.All, .. BusDemands.All];

    private static readonly Dictionary<string, DriverDemand> ByModule = All.ToDictionary(d => d.Module, StringComparer.Ordinal);

    /// <param name="module">With underscores, as lsmod has it.</param>
    public static DriverDemand? Find(string module) => ByModule.GetValueOrDefault(module);

    /// <summary>Bytes of a network queue with 256 receive buffers of a page each.</summary>
    internal const int NetworkQueue = (256 * 4096) + (2 * 256 * 16);

    /// <summary>Bytes of a block queue: the crash kernel caps it at 64 requests (block/blk-mq.c blk_mq_alloc_tag_set).</summary>
    internal const int BlockQueue = 96 * 1024;
}
