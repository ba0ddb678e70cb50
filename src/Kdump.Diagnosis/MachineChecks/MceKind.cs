namespace Kdump.Diagnosis.MachineChecks;

/// <summary>What a machine check is about: it decides where to look first.</summary>
public enum MceKind
{
    Unknown,
    Memory,
    Cache,
    Tlb,
    Bus,
    InputOutput,
    Timer,
    Internal,
    PowerUnit,
    Link,
    Thermal,
}
