using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks.Mcelog;

/// <summary>What the decoding of an Intel machine check needs of its record.</summary>
/// <param name="McgCap">0 when the record does not have it.</param>
/// <param name="Socket">-1 when the record does not have it.</param>
internal readonly record struct IntelRecord(
    Cpu Model, int Bank, ulong Status, ulong Misc, ulong McgStatus, ulong McgCap, uint Processor, int Socket, uint Apic);
