using Kdump.Diagnosis.Catalogue.Devices;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Text;
using Kdump.Diagnosis.Vectors;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// Drivers get no interrupts because every vector of every online CPU is in use: -ENOSPC out of irq_matrix_alloc()
/// (kernel/irq/matrix.c) in the probe path. Typical for a crash kernel with nr_cpus=1 on a machine with many PCI functions.
/// </summary>
public sealed class VectorExhaustion : Rule
{
    private const int Enospc = 28;

    public override string Id => "vector-exhaustion";

    public override Entry Entry => new("vector-exhaustion", "all interrupt vectors of the crash kernel's CPUs are in use")
    {
        Area = Area.Starting,
        Signature =
        [
            "…: probe of … failed with error -28",
            "Interrupt reservation exceeds available resources",
            "irq …: Affinity broken due to vector space exhaustion.",
        ],
        Cause = "One x86 CPU has about 200 vectors for devices. " +
            "Port services of PCIe bridges and multi-queue cards use them up before the disk is probed, " +
            "and the disk's driver gets -ENOSPC.",
        Fixes =
        [
            new("pcie_ports=compat on the crash kernel's command line", Risk: "no hot-plug and PME there"),
            new("Or use more CPUs: kdt shows how many are enough for this machine", "kdt host vectors --cpus 1,2,4"),
        ],
        Kernels = "x86",
        Origin = "kernel/irq/matrix.c, arch/x86/kernel/apic/vector.c, drivers/base/dd.c; kdump-utils commits 2040103, 85156bf and ada6f5e",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        var signs = new Signs(facts);
        // A different table is full: DriverProbeFailed reports it.
        if (facts.Any<IrteExhausted>() && signs.Shortages.Length == 0 && signs.Call is null)
            yield break;
        if (signs.Failures.Length == 0 && signs.Call is null && !(signs.Waiting is not null && signs.Shortages.Length > 0))
            yield break;
        if (signs.OtherArchitecture)
        {
            yield return new Unknown($"{signs.Names} failed with -28 (ENOSPC) on a machine that has no x86 interrupt vectors",
                "kdump-probe trace of the driver's probe");
            yield break;
        }
        var count = new Count(signs);
        if (count is { Full: false, HasCount: false })
        {
            yield return new Unknown("how many interrupt vectors were in use when the drivers failed with -28",
                "/proc/interrupts of the crash kernel, or the report of kdump-probe");
        }
        // Only if the tables are full can missing vectors be the cause of a disk without driver.
        if (signs.Failures.Length == 0 && signs.Call is null && !count.Full)
            yield break;
        bool proven = signs.Call is not null || signs.Shortages.Length > 0 || signs.Refused.Length > 0;
        if (count is { Full: false, HasRoom: true } && !proven)
        {
            yield return new Unknown(
                $"{signs.Names} failed with -28 " +
                $"(ENOSPC), but the interrupt table shows only {count.Held} of about {count.Offered} vectors in use",
                "/proc/interrupts taken in the same boot, " +
                    "/sys/kernel/debug/irq/domains/VECTOR, or kdump-probe trace request_threaded_irq --bind BDF --yes");
            yield break;
        }
        if (!count.Full && !proven && signs.Drivers < 2)
        {
            yield return new Unknown(
                $"why {signs.Names} failed with -28 (ENOSPC): " +
                    "in a probe this usually means that interrupt vectors ran out, but no other line shows it",
                "/proc/interrupts of the crash kernel, the whole kernel log, or the report of kdump-probe");
            yield break;
        }
        double confidence = (count.Full, proven) switch
        {
            (true, true) => 0.97,
            (true, false) => 0.92,
            _ when signs.Call is not null => 0.9,
            (_, true) => 0.85,
            _ => 0.7,
        };
        bool saved = signs.Failures.All(f => DumpSaved.In(f.Boot, facts)) && signs.Failures.Length > 0;
        yield return new Finding(Id, count.Title, saved ? Severity.Warning : Severity.Critical, confidence,
            string.Join(" ", count.Reasons(signs)))
        {
            EndsWithKernel = true,
            Reckoning = [.. count.Reckoning(signs)],
            Fixes = count.Fixes(signs).ToArray(),
            Evidence = signs.Sources().Concat(count.Sources())
                .Concat(new[] { signs.Call?.Source, signs.Failures.Length == 0 ? signs.Waiting?.Source : null }.Known()).Distinct().Take(16)
                .ToArray(),
        };
    }

    /// <summary>One refusal, reported by the driver core or the driver.</summary>
    private readonly record struct Failure(string Driver, string Device, Source Source, Boot? Boot, bool Probe);

    /// <summary>The signs in logs and traces that vectors ran out.</summary>
    private sealed class Signs
    {
        public Signs(Facts facts)
        {
            Failures = facts.Of<ProbeFailed>().Where(p => p.Errno == Enospc && p.MayBeCapture)
                .Select(p => new Failure(p.Driver, p.Device, p.Source, p.Boot, Probe: true))
                .Concat(facts.Of<DriverError>().Where(e => e.Errno == Enospc && e.MayBeCapture)
                    .Select(e => new Failure(e.Driver, e.Device, e.Source, e.Boot, Probe: false)))
                // The card's own table was too small: no vector of a CPU was missing.
                .Where(f => !facts.Of<DeviceSaid>().Any(s => s.Family == PciLinks.NoMsix && s.Device == f.Device && s.Boot == f.Boot))
                .OrderByDescending(f => f.Boot?.Capture == true).ThenByDescending(f => f.Probe)
                    .ThenByDescending(f => StorageDrivers.Contains(f.Driver)).ToArray();
            Devices = Failures.Select(f => f.Device).Distinct(StringComparer.Ordinal).ToArray();
            Refused = facts.Of<InterruptRefused>().Where(r => r.MayBeCapture && Devices.Contains(r.Device)).ToArray();
            Shortages = facts.Of<VectorShortage>().Where(s => s.MayBeCapture).ToArray();
            Call = facts.Of<CallFailed>().FirstOrDefault(c => c.MayBeCapture && c.RunsOutOfVectors);
            Boot = Failures.Select(f => f.Boot).FirstOrDefault();
            Tables = facts.Of<InterruptTable>().Where(t => t.MayBeCapture).ToArray();
            Domain = facts.Of<VectorDomain>().LastOrDefault(d => d.MayBeCapture);
            Waiting = facts.Of<BusDevice>()
                .FirstOrDefault(d => d.MayBeCapture && d.Unbound && d.State == "block" && d.Modules is { Length: > 0 });
            Summary = facts.Of<VectorSummary>().LastOrDefault(s => s.MayBeCapture);
            // Releases name the architecture on some distributions only; the interrupt controller and arm64's first lines always do.
            others = facts.Any<ArmCpu>() || Tables.Any(t => t.WithoutVectors);
        }

        private readonly bool others;

        public Failure[] Failures { get; }

        public string[] Devices { get; }

        public InterruptRefused[] Refused { get; }

        public VectorShortage[] Shortages { get; }

        public CallFailed? Call { get; }

        public Boot? Boot { get; }

        public InterruptTable[] Tables { get; }

        public VectorDomain? Domain { get; }

        /// <summary>
        /// A disk whose module is in the image but that has no driver: reported by kdump-probe when the log is lost.
        /// </summary>
        public BusDevice? Waiting { get; }

        /// <summary>The summary in a report of kdump-probe of a table that it could not include.</summary>
        public VectorSummary? Summary { get; }

        public int Drivers => Failures.Select(f => f.Driver).Distinct(StringComparer.Ordinal).Count();

        public string Names => string.Join(", ", Failures.DistinctBy(f => f.Device).Take(6).Select(f => $"{f.Driver} {f.Device}")) +
            (Devices.Length > 6 ? $" and {Devices.Length - 6} more" : "");

        public bool OtherArchitecture => others ||
            Boot?.Release is { } r && (MachineArchitecture.IsArm64(r) || r.Contains("ppc64", StringComparison.Ordinal) ||
                r.Contains("s390", StringComparison.Ordinal) || r.Contains("riscv", StringComparison.Ordinal));

        public List<Source> Sources() =>
            [.. Failures.Select(f => f.Source).DistinctBy(s => s.Text).Take(5).Concat(Refused.Take(2).Select(r => r.Source))
                .Concat(Shortages.DistinctBy(s => s.Source.Text).Take(2).Select(s => s.Source))];
    }

    /// <summary>The vectors in use, according to the tables.</summary>
    private sealed class Count
    {
        private readonly VectorUse? use;
        private readonly VectorSummary? summary;
        private readonly VectorCapacity capacity;
        private readonly int cpus;

        public Count(Signs signs)
        {
            Domain = signs.Domain;
            // A table with more CPUs than the crash kernel was given is the normal system's.
            int? limit = signs.Boot?.CpuLimit;
            Table = signs.Tables.Where(t => limit is null || t.Cpus.Count <= limit)
                .OrderByDescending(t => t.Boot?.Capture == true).ThenByDescending(t => t.VectorsHeld).FirstOrDefault();
            use = Table is null ? null : VectorUse.Of(Table);
            summary = Table is null ? signs.Summary : null;
            capacity = Domain?.Capacity ?? VectorCapacity.Unmeasured;
            cpus = Domain?.Cpus ?? Table?.Cpus.Count ?? summary?.Cpus ?? limit ?? 0;
        }

        /// <summary>True if the number of vectors in use is known from any source.</summary>
        public bool HasCount => Table is not null || Domain is not null || summary is not null;

        public InterruptTable? Table { get; }

        public VectorDomain? Domain { get; }

        public int Held => Math.Max(Seen ?? 0, Domain?.Allocated ?? 0);

        private int? Seen => use?.Total ?? summary?.Held;

        public int Offered => capacity.Low * cpus;

        /// <summary>True if the kernel's own numbers show no free vector, or fewer are left than a driver requests.</summary>
        public bool Full => Domain is { Available: 0 } || (cpus > 0 && Seen >= Offered - 4);

        /// <summary>True if the table shows many free vectors: then the failure had another reason or was at another time.</summary>
        public bool HasRoom => Domain is null && Seen < Offered * 3 / 4;

        public string Title
        {
            get
            {
                string where = cpus switch { 0 => "the crash kernel", 1 => "the only CPU", _ => $"the {cpus} CPUs" };
                if (Domain is not null)
                    return $"{Domain.Allocated} of {Counted.Of(Offered, "interrupt vector")} of {where} are in use";
                if (Seen is null || !Full)
                    return $"interrupt vectors of {where} ran out";
                return $"all interrupt vectors of {where} are in use ({Seen} counted)";
            }
        }

        public IEnumerable<Reckoned> Reckoning(Signs signs)
        {
            if (cpus > 0)
                yield return new("vectors offered", Offered, Note: cpus == 1 ? $"one CPU: {capacity}" : $"{cpus} CPUs, {capacity} each");
            if (Domain is not null)
                yield return new("in use", Domain.Allocated, Note: "the kernel's own count");
            else if (use is not null)
                yield return new("in use", use.Total, Note: (use.Hidden.Count == 0 ? ""
                    : $"{use.Total - use.Shown} of them not shown: " +
                    "MSI blocks; ") + string.Join(", ", use.Owners.Take(3).Select(o => $"{o.Owner} {o.Vectors}")));
            else if (summary is not null)
                yield return new("in use", summary.Held);
            if (signs.Devices.Length > 0)
                yield return new(signs.Devices.Length == 1 ? "device refused" : "devices refused", signs.Devices.Length,
                    Note: string.Join(", ", signs.Devices.Take(3)) + (signs.Devices.Length > 3 ? ", …" : ""));
        }

        public IEnumerable<string> Reasons(Signs signs)
        {
            yield return Domain is not null
                ? $"The kernel's own vector domain shows {Domain.Available} of {Counted.Of(Offered, "vector")} free."
                : $"One CPU offers {capacity} vectors to devices.";
            if (use is not null)
            {
                yield return $"/proc/interrupts shows {use.Shown} requested on {Counted.Of(cpus, "CPU")}" +
                    (use.Hidden.Count == 0 ? "" : $"; MSI blocks use {use.Total - use.Shown} more that it does not show " +
                        $"({string.Join(", ", use.Hidden.Take(1).Select(h => $"{h.Driver} {h.Device}: {h.Shown} of {h.Allocated}"))}" +
                        $"{(use.Hidden.Count > 1 ? ", …" : "")})") + ".";
            }
            if (summary is not null)
                yield return $"/proc/interrupts showed {summary.Shown} requested, " +
                    $"and {summary.Held} in use including MSI blocks that it does not show. Most by {summary.Owners}.";
            if (signs.Call is not null)
                yield return $"The trace shows which function refused it: {signs.Call.Function}(), " +
                    $"reached by {Short(signs.Call.Path)}{(signs.Call.Reasoning.Length == 0 ? "" : $" ({signs.Call.Reasoning})")}.";
            if (signs.Failures.Length > 0)
            {
                yield return $"So {signs.Names} got no interrupt and returned -28 " +
                    $"(ENOSPC).{(signs.Boot?.CpuLimit is { } limit ? $" This kernel runs with nr_cpus={limit}." : "")}";
                Failure first = signs.Failures.OrderBy(f => f.Source.Order).First();
                string lost = string.Join(", ",
                    signs.Failures.Where(f => StorageDrivers.Contains(f.Driver)).Select(f => f.Device).Distinct().Take(4));
                if (signs.Devices.Length > 1)
                    yield return $"First failure {PortOf(first.Device)} " +
                        $"({first.Driver}){(lost.Length > 0 ? $"; storage lost: {lost}, and with it a dump target there" : "")}.";
            }
            else if (signs.Waiting is { } disk)
                yield return $"{disk.Name} on {disk.Pci} has no driver although the image has {disk.Modules}: " +
                    "the line with its failure is not in this log.";
        }

        public IEnumerable<Fix> Fixes(Signs signs)
        {
            // The number of refused vectors is not known exactly; four per failed device is more than single-queue storage or USB
            // drivers request.
            int failed = Math.Max(1, signs.Devices.Length);
            int running = Math.Max(1, cpus);
            int once = (use?.PerCpu ?? 0) / running;
            int held = Held > 0 ? Held - (once * (running - 1)) : capacity.Low * running;
            int needed = held + (4 * failed), perCpu = once + failed;
            if (CpuPlan.Smallest(needed, perCpu, capacity.Low) is int least)
            {
                int n = Math.Max(least, running + 1);
                int now = signs.Boot?.CpuLimit ?? cpus;
                string reckoned = (now > 0 ? $"it runs with {now}; " : "") + $"{Counted.Of(needed, "vector", "is", "are")} needed " +
                    $"({(Held > 0 ? $"{held} held" : "all of one CPU in use")}, up to {4 * failed} refused), " +
                    $"{perCpu} of them on each CPU, and {Counted.Of(n, "CPU", "offers", "offer")} {n * capacity.Low}";
                foreach (Fix fix in CrashKernelOption.SetCpus(n, now, reckoned,
                    "each further CPU costs the crash kernel some megabytes; older kernels may hang when another CPU than 0 crashed, " +
                        "unless disable_cpu_apicid= names CPU 0 (kdumpctl adds it itself)"))
                    yield return fix;
            }
            int ports = use?.Owners.FirstOrDefault(o => o.Owner == "pcieport").Vectors ?? PortsIn(summary?.Owners);
            if (ports > 0)
            {
                foreach (Fix fix in CrashKernelOption.AddOn("pcie_ports=compat",
                    $"PCIe port services (hotplug, PME) use {Counted.Of(ports, "vector")} and a dump needs none of them",
                    "devices behind a port that requires native hotplug do not appear"))
                    yield return fix;
            }
            else if (signs.Devices.Any(d => PortOf(d) != d))
            {
                foreach (Fix fix in CrashKernelOption.AddOn("pcie_ports=compat",
                    "PCIe port services (PME, AER, hotplug) were also refused; they use one vector per port and a dump needs none of them",
                    "devices behind a port that requires native hotplug do not appear"))
                    yield return fix;
                yield return new Fix("Or fewer drivers: name those that the dump does not need in module_blacklist= on the crash " +
                    "kernel's command line", Risk: "only if the dump target is not behind them");
            }
            string spare = string.Join(", ",
                (use?.Owners ?? []).Where(o => o.Vectors >= 8 && o.Owner is not "pcieport" &&
                !o.Owner.StartsWith("AMD", StringComparison.Ordinal)).Take(3).Select(o => $"{o.Owner} ({o.Vectors})"));
            if (spare.Length > 0)
                yield return new Fix(
                    $"Or do without drivers that the dump does not need: {spare} use many; name their modules in " +
                    "module_blacklist= on the crash kernel's command line", Risk: "only if the dump target is not behind them");
        }

        /// <summary>The port of a service: <c>0000:b0:02.0:pcie002</c>.</summary>
        private static string PortOf(string device) =>
            device.IndexOf(":pcie", StringComparison.Ordinal) is > 0 and var at ? device[..at] : device;

        /// <summary>Shortens a long call path to its outermost and innermost calls.</summary>
        private static string Short(string path)
        {
            string[] calls = path.Split(" -> ");
            return calls.Length <= 4 ? path : $"{calls[0]} -> ... -> {calls[^2]} -> {calls[^1]}";
        }

        /// <summary>The number after <c>pcieport:</c> in a summary.</summary>
        private static int PortsIn(string? owners)
        {
            var c = new TextCursor(owners);
            return c.SkipPast("pcieport:") && c.Number(out long n) && n is > 0 and < 65536 ? (int)n : 0;
        }

        /// <summary>
        /// The table's header, the rows of the largest users, and the rows around gaps in the numbers that MSI blocks use.
        /// </summary>
        public IEnumerable<Source> Sources()
        {
            if (Domain is not null)
                yield return Domain.Source;
            if (summary is not null)
                yield return summary.Source;
            if (Table is null || use is null)
                yield break;
            yield return Table.Source;
            if (Table.Rows.FirstOrDefault(r => r.HoldsVector)?.Source is { } first)
                yield return first;
            if (Table.Rows.LastOrDefault(r => r.HoldsVector)?.Source is { } last)
                yield return last;
            foreach (HiddenVectors hidden in use.Hidden.Take(1))
            {
                foreach (InterruptRow row in Table.Rows.Where(r => r.Irq == hidden.LastIrq || r.Irq == hidden.NextIrq))
                {
                    if (row.Source is not null)
                        yield return row.Source;
                }
            }
        }
    }
}
