namespace Kdump.Kernel.Views;

/// <summary>A partition of a disk; positions and sizes are in sectors of 512 bytes.</summary>
public sealed record BlockPartition(int Number, string Name, string Device, ulong Start, ulong Sectors, bool ReadOnly, int? Openers,
    IReadOnlyList<string> Holders);
