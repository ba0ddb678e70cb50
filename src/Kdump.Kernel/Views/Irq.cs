namespace Kdump.Kernel.Views;

/// <summary>One interrupt of the dead kernel.</summary>
/// <param name="Number">Linux' number, as in /proc/interrupts.</param>
/// <param name="Chip">irq_chip.name.</param>
/// <param name="Domain">irq_domain.name of the chip.</param>
/// <param name="HardwareIrq">Number in that domain.</param>
/// <param name="Device">The device of a message-signalled interrupt.</param>
/// <param name="Actions">Names of its handlers.</param>
/// <param name="Vector">CPU vector; null where it has none (not started, or only reserved).</param>
/// <param name="Cpu">The CPU that the vector is on.</param>
/// <param name="Managed">The kernel spreads it over the CPUs itself.</param>
/// <param name="Reserved">It gets its vector only when it is started.</param>
/// <param name="Affinity">CPUs it may go to.</param>
/// <param name="Count">How often it came, all CPUs together; null where per-CPU memory is missing.</param>
public sealed record Irq(
    int Number, string? Chip, string? Domain, ulong HardwareIrq, string? Device, IReadOnlyList<string> Actions,
    int? Vector, int? Cpu, bool Managed, bool Reserved, IReadOnlyList<int> Affinity, ulong? Count);
