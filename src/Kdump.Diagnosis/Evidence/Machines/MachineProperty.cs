namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>Something about a machine that another of its kind should have alike.</summary>
/// <param name="Area">bios, cpu, memory, microcode, module, parameter, firmware, security, package: what <c>kdt host diff</c> ranks
/// by.</param>
/// <param name="Name">The same on every machine for the same part: a driver, a model, a parameter; never an address.</param>
public sealed record MachineProperty(Source Source, string Area, string Name, string Value) : Fact(Source);
