namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>
/// Interrupts in /sys/kernel/irq: those that exist, and those that a driver requested. The difference is only reserved.
/// </summary>
public sealed record InterruptDescriptors(Source Source, int Total, int Requested) : Fact(Source);
