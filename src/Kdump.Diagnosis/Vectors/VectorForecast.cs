namespace Kdump.Diagnosis.Vectors;

/// <summary>
/// Whether the crash kernel's drivers will find an interrupt vector each, for any number of CPUs. All fit iff the ordinary vectors
/// and N for each managed set are no more than N times what one CPU offers (kernel/irq/matrix.c); when they do not, the order of
/// probing decides which drivers are refused, and modules (the dump target's among them) come last.
/// </summary>
public sealed class VectorForecast
{
    private readonly VectorConsumer[] ordered;
    private readonly CaptureConditions conditions;
    private readonly CpuMemory memory;
    private readonly bool maxcpus;

    /// <param name="conditions">As the crash kernel is configured now.</param>
    /// <param name="maxcpus">It is limited by maxcpus=, so that its possible CPUs stay what they are.</param>
    public VectorForecast(IEnumerable<VectorConsumer> consumers, VectorCapacity capacity, CaptureConditions conditions, CpuMemory memory,
        bool maxcpus)
    {
        Capacity = capacity;
        this.conditions = conditions;
        this.memory = memory;
        this.maxcpus = maxcpus;
        ordered = InOrder(consumers.ToArray());
        Current = Plan(conditions.Cpus);
        Recommended = Smallest(conditions);
    }

    public VectorCapacity Capacity { get; }

    /// <summary>In the order of probing.</summary>
    public IReadOnlyList<VectorConsumer> Consumers => ordered;

    public CaptureConditions Conditions => conditions;

    /// <summary>The plan for the configured number of CPUs.</summary>
    public VectorPlan Current { get; }

    /// <summary>The smallest number that fits with some room; null when none up to <see cref="CpuPlan.MaxCpus"/> does.</summary>
    public int? Recommended { get; }

    /// <summary>Whether pcie_ports=compat alone is enough for the present number of CPUs, and the vectors that it saves.</summary>
    public (bool Enough, int Saved) WithoutPortServices
    {
        get
        {
            CaptureConditions compat = conditions with { PortsCompat = true };
            int saved = Sum(conditions).Likely - Sum(compat).Likely;
            return (saved > 0 && Plan(compat).HasMargin, saved);
        }
    }

    public CaptureConditions With(int cpus) => conditions with { Cpus = cpus, Possible = maxcpus ? conditions.Possible : cpus };

    public VectorPlan Plan(int cpus) => Plan(With(cpus));

    private VectorPlan Plan(CaptureConditions c)
    {
        VectorNeed sum = Sum(c);
        int least = Capacity.Low * c.Cpus, most = Capacity.High * c.Cpus;
        bool? fits;
        if (sum.High <= least)
            fits = true;
        else
            fits = sum.Low > most || sum.Likely > least ? false : null;
        List<VectorVictim> victims = fits == true ? [] : Refused(c, least);
        bool known = ordered.Any(o => o.OnTargetPath);
        return new(c.Cpus, sum.Low, sum.Likely, sum.High, least, fits,
            memory.Beyond(maxcpus ? c.Possible : c.Cpus) + ordered.Sum(o => o.QueueMemory(c)))
        {
            Victims = victims,
            Shown = sum.Shown,
            TargetSurvives = !known ? null : !victims.Any(v => v.Fails && v.Consumer.OnTargetPath),
        };
    }

    private VectorNeed Sum(CaptureConditions c)
    {
        int low = 0, likely = 0, high = 0, shown = 0;
        foreach (VectorConsumer consumer in ordered)
        {
            VectorNeed need = consumer.Need(c);
            (low, likely, high, shown) = (low + need.Low, likely + need.Likely, high + need.High, shown + need.Shown);
        }
        return new(low, likely, high, shown, Certainty.Range);
    }

    private int? Smallest(CaptureConditions c)
    {
        for (int n = 1; n <= CpuPlan.MaxCpus; n++)
        {
            if (Plan(With(n)).HasMargin)
                return n;
        }
        // Unknown drivers must not make every number of CPUs unfit: then the likely need decides, and the report says so.
        for (int n = 1; n <= CpuPlan.MaxCpus; n++)
        {
            VectorNeed sum = Sum(c with { Cpus = n, Possible = maxcpus ? c.Possible : n });
            if (sum.Likely <= Capacity.Low * n * (1 - CpuPlan.Margin))
                return n;
        }
        return null;
    }

    /// <summary>Devices that are refused: one after the other takes what it likely needs, or what its driver falls back to.</summary>
    private List<VectorVictim> Refused(CaptureConditions c, int available)
    {
        var victims = new List<VectorVictim>();
        long left = available;
        foreach (VectorConsumer consumer in ordered)
        {
            int need = consumer.Need(c).Likely;
            if (need <= left)
            {
                left -= need;
                continue;
            }
            int taken = Fewer(consumer.Fallback).Where(f => f < need && f <= left).DefaultIfEmpty(-1).First();
            victims.Add(new(consumer, Fails: taken < 0 && consumer.Fallback != Fallback.Degrades));
            left -= Math.Max(0, taken);
        }
        return victims;
    }

    /// <summary>The numbers of vectors tried next; the pin takes a vector as well, unless it shares one.</summary>
    private static int[] Fewer(Fallback fallback) => fallback switch
    {
        Fallback.TwoThenPin => [2, 1],
        Fallback.OneThenPin or Fallback.Pin or Fallback.One => [1],
        _ => [],
    };

    private static VectorConsumer[] InOrder(VectorConsumer[] consumers)
    {
        var first = new Dictionary<(ProbePhase, string), PciAddress>();
        foreach (VectorConsumer c in consumers)
        {
            if (c.Device is { } d && (!first.TryGetValue((c.Phase, c.Driver), out PciAddress known) || d.Address.CompareTo(known) < 0))
                first[(c.Phase, c.Driver)] = d.Address;
        }
        return consumers.OrderBy(c => c.Phase)
            .ThenBy(c => c.Phase is ProbePhase.Module or ProbePhase.Child or ProbePhase.Root
                ? first.GetValueOrDefault((c.Phase, c.Driver)) : default)
            .ThenBy(c => c.Device?.Address ?? default).ThenBy(c => c.Name, StringComparer.Ordinal).ToArray();
    }
}
