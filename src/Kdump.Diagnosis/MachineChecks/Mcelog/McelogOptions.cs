using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks.Mcelog;

/// <summary>mcelog's own options that change what <c>--ascii</c> prints.</summary>
/// <param name="Cpu">The processor to decode for, whatever the record says.</param>
/// <param name="Mhz">The clock with which a time stamp counter is turned into an uptime.</param>
/// <param name="Raw">Print the fields, not their meaning.</param>
public sealed record McelogOptions(Cpu? Cpu = null, double? Mhz = null, bool Raw = false);
