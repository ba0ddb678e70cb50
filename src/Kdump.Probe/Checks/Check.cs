using Kdump.Diagnosis.Model;
using Kdump.Probe.Machine;

namespace Kdump.Probe.Checks;

/// <summary>One question asked of the system; what is missing there is missing in the answer, and nothing else.</summary>
internal abstract class Check
{
    /// <summary>A word, for the report.</summary>
    public abstract string Name { get; }

    public abstract void Run(Root root, Facts facts);
}
