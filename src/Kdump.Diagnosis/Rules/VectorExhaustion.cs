using Kdump.Diagnosis.Evidence;
using Kdump.Diagnosis.Vectors;

namespace Kdump.Diagnosis.Rules;

/// <summary>
/// Drivers are refused interrupts because every vector of every CPU that runs is taken: -ENOSPC out of irq_matrix_alloc()
/// (kernel/irq/matrix.c) in the probe path. Typical for a capture kernel with nr_cpus=1 on a machine with many PCI functions.
/// </summary>
public sealed class VectorExhaustion : Rule
{
    private const int Enospc = 28;

    public override string Id => "vector-exhaustion";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        ProbeFailed[] probes = facts.Of<ProbeFailed>().Where(p => p.Errno == Enospc && p.MayBeCapture).ToArray();
        DriverError[] errors = facts.Of<DriverError>().Where(e => e.Errno == Enospc && e.MayBeCapture).ToArray();
        InterruptRefused[] refused = facts.Of<InterruptRefused>().Where(r => r.MayBeCapture).ToArray();
        VectorShortage[] shortages = facts.Of<VectorShortage>().Where(s => s.MayBeCapture).ToArray();
        CallFailed? call = facts.Of<CallFailed>().FirstOrDefault(c => c.MayBeCapture && c.RunsOutOfVectors);
        if (probes.Length + errors.Length == 0 && call is null)
            yield break;

        InterruptTable? table = facts.Of<InterruptTable>().Where(t => t.MayBeCapture).MaxBy(t => t.VectorsHeld);
        VectorDomain? domain = facts.Of<VectorDomain>().LastOrDefault(d => d.MayBeCapture);
        string[] devices = probes.Select(p => $"{p.Driver} {p.Device}").Concat(errors.Select(e => $"{e.Driver} {e.Device}"))
            .Distinct(StringComparer.Ordinal).ToArray();
        if (table is null && domain is null)
        {
            yield return new Unknown("how many interrupt vectors were in use when the drivers failed with -28 is not known",
                "/proc/interrupts of the crash kernel, or the report of kdump-probe");
        }
        VectorUse? use = table is null ? null : VectorUse.Of(table);
        VectorCapacity capacity = domain?.Capacity ?? VectorCapacity.Unmeasured;
        int cpus = domain?.Cpus ?? table?.Cpus.Count ?? 0;
        bool full = domain is { Available: 0 } || (use is not null && use.Total >= (capacity.Low * cpus) - 4);
        bool proven = call is not null || shortages.Length > 0 || refused.Length > 0;
        if (use is not null && domain is null && !full && !proven && use.Total < capacity.Low * cpus * 3 / 4)
        {
            yield return new Unknown(
                $"{string.Join(", ", devices)} failed with -28 (ENOSPC), but the interrupt table shows only {use.Total} of about {capacity.Low * cpus} vectors in use",
                "/proc/interrupts taken in the same boot, /sys/kernel/debug/irq/domains/VECTOR, or kdump-probe trace request_threaded_irq --bind BDF --yes");
            yield break;
        }
        double confidence = full && proven ? 0.97 : full ? 0.92 : call is not null ? 0.9 : proven ? 0.8 : devices.Length > 1 ? 0.7 : 0.6;
        yield return new Finding(Id, TitleOf(use, domain, capacity, cpus), Severity.Critical, confidence, WhyOf(use, domain, capacity, cpus, call, devices))
        {
            Fixes = FixesOf(use, domain, capacity, probes, errors).ToArray(),
            Evidence = Sources(table, domain, use, call, shortages, refused, probes, errors).Take(12).ToArray(),
        };
    }

    private static string TitleOf(VectorUse? use, VectorDomain? domain, VectorCapacity capacity, int cpus)
    {
        string where = cpus switch { 0 => "the crash kernel", 1 => "the only CPU", _ => $"the {cpus} CPUs" };
        if (domain is not null)
            return $"{domain.Allocated} of {capacity.Low * cpus} interrupt vectors of {where} are taken";
        return use is null ? $"no interrupt vector was left on {where}" : $"all interrupt vectors of {where} are taken ({use.Total} counted)";
    }

    private static string WhyOf(VectorUse? use, VectorDomain? domain, VectorCapacity capacity, int cpus, CallFailed? call, string[] devices)
    {
        var why = new List<string>();
        if (domain is not null)
            why.Add($"The kernel's own vector domain shows {domain.Available} of {capacity.Low * cpus} vectors free ({capacity.Reasoning}).");
        else
            why.Add($"One CPU offers {capacity} vectors to devices ({capacity.Reasoning}).");
        if (use is not null)
        {
            string owners = string.Join(", ", use.Owners.Take(5).Select(o => $"{o.Owner} {o.Vectors}"));
            why.Add($"/proc/interrupts shows {use.Shown} requested on {cpus} CPU{(cpus == 1 ? "" : "s")}" +
                (use.Hidden.Count == 0 ? "" : $", and MSI blocks hold {use.Total - use.Shown} more without showing them " +
                    $"({string.Join(", ", use.Hidden.Take(6).Select(h => $"{h.Driver} {h.Device}: {h.Shown} of {h.Allocated} shown"))})") +
                $"; most are held by {owners}.");
        }
        if (call is not null)
            why.Add($"The trace ends in {call.Function}(), reached through {call.Path}: that is where the allocator gives up.");
        if (devices.Length > 0)
            why.Add($"So {string.Join(", ", devices.Take(6))} could not get an interrupt and returned -28 (ENOSPC).");
        return string.Join(" ", why);
    }

    private static IEnumerable<Fix> FixesOf(VectorUse? use, VectorDomain? domain, VectorCapacity capacity, ProbeFailed[] probes, DriverError[] errors)
    {
        // What was refused is not known exactly; four vectors per failed device is more than one-queue storage or USB drivers ask for.
        int failed = probes.Select(p => p.Device).Concat(errors.Select(e => e.Device)).Distinct(StringComparer.Ordinal).Count();
        int held = Math.Max(use?.Total ?? 0, domain?.Allocated ?? 0);
        int needed = Math.Max(held, capacity.Low) + (4 * failed);
        int perCpu = (use?.PerCpu ?? 0) + failed;
        if (CpuPlan.Smallest(needed, perCpu, capacity.Low) is int n)
        {
            string reckoned = $"{needed} vectors are needed ({(held > 0 ? $"{held} held" : "all of one CPU held")}, about {4 * failed} refused), {perCpu} of them once per CPU; " +
                $"{n} CPUs offer {n * capacity.Low}";
            yield return new Fix(
                $"Start the crash kernel with nr_cpus={n} instead of nr_cpus=1: {reckoned}. The place: KDUMP_COMMANDLINE_APPEND in /etc/sysconfig/kdump (RHEL, Fedora), " +
                $"KDUMP_CMDLINE_APPEND in /etc/default/kdump-tools (Debian, Ubuntu), KDUMP_CPUS={n} in /etc/sysconfig/kdump (SUSE); then restart the kdump service",
                $"sed -i 's/\\bnr_cpus=[0-9]*/nr_cpus={n}/' /etc/sysconfig/kdump && kdumpctl restart",
                "each further CPU costs the crash kernel some megabytes: check crashkernel= on machines with little reserved");
        }
        int ports = use?.Owners.FirstOrDefault(o => o.Owner == "pcieport").Vectors ?? 0;
        if (ports > 0)
        {
            yield return new Fix($"Add pcie_ports=compat to the same line: PCIe port services (hotplug, PME) hold {ports} vectors and a crash kernel needs none of them",
                Risk: "devices behind a port that needs native hotplug to come up would stay away");
        }
        string spare = string.Join(", ", (use?.Owners ?? []).Where(o => o.Vectors >= 8 && o.Owner is not "pcieport" && !o.Owner.StartsWith("AMD", StringComparison.Ordinal)).Take(3).Select(o => $"{o.Owner} ({o.Vectors})"));
        if (spare.Length > 0)
            yield return new Fix($"Or leave drivers that the dump does not need out of kdump.img: {spare} hold many (dracut_args --omit-drivers in /etc/kdump.conf)", Risk: "only if the dump target does not stand behind them");
    }

    private static IEnumerable<Source> Sources(
        InterruptTable? table, VectorDomain? domain, VectorUse? use, CallFailed? call, VectorShortage[] shortages, InterruptRefused[] refused, ProbeFailed[] probes, DriverError[] errors)
    {
        foreach (ProbeFailed p in probes.Take(4))
            yield return p.Source;
        foreach (InterruptRefused r in refused.Take(2))
            yield return r.Source;
        foreach (DriverError e in errors.Take(2))
            yield return e.Source;
        foreach (VectorShortage s in shortages.Take(2))
            yield return s.Source;
        if (domain is not null)
            yield return domain.Source;
        if (table is not null && use is not null)
            yield return table.Source;
        if (call is not null)
            yield return call.Source;
    }
}
