using Kdump.Kernel.Symbols;

namespace Kdump.Kernel.Views;

/// <summary>A place in a CPU's own copy of the kernel's per-CPU variables.</summary>
public sealed record PerCpuPlace(int Cpu, Location? Variable);
