namespace Kdump.Kernel.Views;

/// <summary>Interrupt vectors of one CPU: struct cpumap of kernel/irq/matrix.c.</summary>
public sealed record VectorUse(int Cpu, bool Online, uint Available, uint Allocated, uint Managed, uint ManagedAllocated);
