namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class DmaPoolNotAllocated
{
    public static readonly Failure Entry = new("dma-pool-not-allocated", "the kernel's pool for DMA could not be allocated in low memory")
    {
        Area = Area.Starting,
        Signs = [new Sign("DMA: failed to allocate {w} KiB ", "^dma_atomic_pool_init+0x", "^ dma_atomic_pool_init+0x",
            "Can not allocate SWIOTLB buffer earlier", "software IO TLB: Cannot allocate buffer")],
        Severity = Severity.Warning,
        Cause = "The zone for devices with few address bits (GFP_DMA) has no free memory. " +
            "A crash kernel has only the memory that crashkernel= reserved, which may be above that zone, " +
            "and on x86_64 the low memory is held back. The problem is the address of the reservation, not its size. This is a warning: " +
            "the boot continues, and only a device that needs such memory fails later.",
        Fixes =
        [
            new("For the DMA pool: use Linux 5.17 or later, which allocates none in a zone without memory", "uname -r"),
            new("If a device fails because of it, reserve some low memory as well: crashkernel=512M,high crashkernel=128M,low",
                "grubby --update-kernel=ALL --args='crashkernel=512M,high crashkernel=128M,low'", "needs a reboot"),
        ],
        Origin = "kernel/dma/pool.c, kernel/dma/swiotlb.c; " +
            "Linux commit a674e48c5443 (\"dma/pool: create dma atomic pool only if dma zone has managed pages\")",
    };
}
