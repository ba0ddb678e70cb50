namespace Kdump.Kernel.Views;

/// <summary>A line of /proc/meminfo.</summary>
/// <param name="Bytes">Value in bytes; null if the counter is missing in the kernel or from the dump.</param>
public sealed record MemoryLine(string Name, long? Bytes);
