using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Model;
using Kdump.Probe.Machine;

namespace Kdump.Probe.Checks;

/// <summary>All checks in the order in which they run: first the kernel, then the checks that others depend on.</summary>
internal static class CheckTable
{
    public static readonly Check[] All =
    [
        new KernelCheck(),
        new TargetCheck(),
        new BlockCheck(),
        new PciCheck(),
        new PresenceCheck(),
        new SaverCheck(),
        new LogCheck(),
        new DeferredCheck(),
        new VectorCheck(),
        new ForecastCheck(),
        new MemoryCheck(),
    ];

    /// <summary>Runs the checks. If a check throws, only its own result is missing, and the failure becomes a fact.</summary>
    public static Facts Run(Root root, IEnumerable<Check> checks)
    {
        var facts = new Facts();
        foreach (Check check in checks)
        {
            try
            {
                check.Run(root, facts);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                facts.Add(new CheckFailed(new Source("kdump-probe", ""), check.Name, $"{e.Message}"));
            }
        }
        return facts;
    }
}
