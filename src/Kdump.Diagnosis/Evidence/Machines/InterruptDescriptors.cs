namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>/sys/kernel/irq: interrupts that exist, and those that somebody asked for. The difference is reserved only.</summary>
public sealed record InterruptDescriptors(Source Source, int Total, int Requested) : Fact(Source);
