using Kdump.Diagnosis.Model;
using Kdump.Probe.Machine;

namespace Kdump.Probe.Checks;

/// <summary>
/// One check of the system. If a file or attribute is missing, the check leaves out the facts that depend on it and does not fail.
/// </summary>
internal abstract class Check
{
    /// <summary>Name of the check in the report, one word.</summary>
    public abstract string Name { get; }

    public abstract void Run(Root root, Facts facts);
}
