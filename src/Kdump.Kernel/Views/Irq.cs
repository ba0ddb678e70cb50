namespace Kdump.Kernel.Views;

/// <summary>One interrupt of the crashed kernel.</summary>
/// <param name="Number">Linux' number, as in /proc/interrupts.</param>
/// <param name="Chip">irq_chip.name.</param>
/// <param name="Domain">irq_domain.name of the chip.</param>
/// <param name="HardwareIrq">Number in that domain.</param>
/// <param name="Device">The device of a message-signalled interrupt.</param>
/// <param name="Actions">Names of its handlers.</param>
/// <param name="Vector">CPU vector; null if it has none (not started, or only reserved).</param>
/// <param name="Cpu">The CPU of the vector.</param>
/// <param name="Managed">True if the kernel itself distributes the interrupt over the CPUs (managed affinity).</param>
/// <param name="Reserved">True if the interrupt gets a vector only when it is started.</param>
/// <param name="Affinity">CPUs to which the interrupt may be delivered.</param>
/// <param name="Count">Number of interrupts on all CPUs; null if per-CPU memory is missing.</param>
public sealed record Irq(
    int Number, string? Chip, string? Domain, ulong HardwareIrq, string? Device, IReadOnlyList<string> Actions,
    int? Vector, int? Cpu, bool Managed, bool Reserved, IReadOnlyList<int> Affinity, ulong? Count);
