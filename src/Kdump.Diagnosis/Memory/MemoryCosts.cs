namespace Kdump.Diagnosis.Memory;

/// <summary>
/// Figures that cannot be read from a machine. tests/lab/memory measured the kernel's part (while the image is unpacked, which was
/// the peak on every machine it ran on); it bounds the other figures: with these figures the second peak stays below the
/// reservations with which crash kernels worked (docs/memory.md).
/// </summary>
internal static class MemoryCosts
{
    /// <summary>Slabs, page tables, sysfs, the first CPU, beyond the sections of the kernel's file.</summary>
    public static readonly MemoryRange KernelRuntime = MemoryRange.Megabytes(12, 18, 26);

    /// <summary>Programs of a dracut image with systemd: their own memory, not their files, which are in the image.</summary>
    public static readonly MemoryRange Systemd = MemoryRange.Megabytes(8, 16, 32);

    /// <summary>The same without systemd.</summary>
    public static readonly MemoryRange Shell = MemoryRange.Megabytes(2, 6, 16);

    /// <summary>kdump-tools starts the machine's own systemd with one target.</summary>
    public static readonly MemoryRange RealRoot = MemoryRange.Megabytes(24, 48, 110);

    public static readonly MemoryRange Network = MemoryRange.Megabytes(4, 12, 32);

    /// <summary>Buffers of makedumpfile, without the bitmaps.</summary>
    public static readonly MemoryRange Makedumpfile = MemoryRange.Megabytes(4, 8, 16);

    /// <summary>Dirty pages of the dump, watermarks, what cannot be reclaimed.</summary>
    public static readonly MemoryRange Reserve = MemoryRange.Megabytes(3, 8, 20);
}
