using Kdump.Sources.Trees;

namespace Kdump.Sources.Hosts;

/// <summary>The hardware error that firmware kept over a reset: ACPI's Boot Error Record Table, as the kernel exposes its data.</summary>
internal static class BootErrorRecord
{
    public const string Path = "/sys/firmware/acpi/tables/data/BERT";

    /// <summary>
    /// The block status with which the region begins (ACPI 18.3.1), 4 bytes; null where nothing was recorded, which is zero, or cannot be
    /// read.
    /// </summary>
    public static byte[]? Status(MachineTree root) =>
        root.Bytes(Path, 4) is { Length: 4 } status && status.AsSpan().IndexOfAnyExcept((byte)0) >= 0 ? status : null;
}
