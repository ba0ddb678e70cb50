namespace Kdump.Kernel.Views;

/// <summary>A line of /proc/meminfo.</summary>
/// <param name="Bytes">Null where the counter is missing from the kernel or from the dump.</param>
public sealed record MemoryLine(string Name, long? Bytes);
