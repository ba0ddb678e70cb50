using Kdump.Diagnosis.Model;
using Kdump.Probe.Machine;

namespace Kdump.Probe.Checks;

/// <summary>One check of the system; data missing in the system is only missing in the result and causes no other failure.</summary>
internal abstract class Check
{
    /// <summary>Name of the check in the report, one word.</summary>
    public abstract string Name { get; }

    public abstract void Run(Root root, Facts facts);
}
