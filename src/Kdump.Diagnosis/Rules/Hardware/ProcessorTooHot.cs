using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>A processor slows itself down because it is too hot.</summary>
public sealed class ProcessorTooHot : Rule
{
    private const int MostNamed = 8;

    public override string Id => "processor-too-hot";

    public override Entry Entry => new("processor-too-hot", "the processor slowed itself down because it was too hot")
    {
        Area = Area.Hardware,
        Signature = ["CPU…: Package temperature above threshold, cpu clock throttled (total events = …)"],
        Cause = "Above its temperature threshold a processor lowers its clock: everything is slower.",
        Fixes = [new("Check fans, air flow and heat sinks", "sensors")],
        Kernels = "x86, Intel",
        Origin = "drivers/thermal/intel/therm_throt.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        IReadOnlyList<ThermalThrottle> heat = facts.Of<ThermalThrottle>();
        if (heat.Count == 0)
            yield break;
        ThermalThrottle hot = heat[0];
        long most = heat.Max(h => h.Total), times = heat.Count + facts.Dropped<ThermalThrottle>();
        int[] cpus = [.. heat.Where(h => h.Package == hot.Package).Select(h => h.Cpu).OfType<int>().Distinct().Order()];
        string often;
        if (most > times)
            often = $"{most} times since it started";
        else
            often = times == 1 ? "once in the log" : $"{times} times in the log";
        yield return new Finding(Id,
            $"the {(hot.Package ? "processor package" : "core")} slowed itself down because it was too hot ({often})",
            Severity.Warning, 0.95,
            "Above its temperature threshold a processor lowers its clock: everything is slower, and heat can also cause errors." +
            (cpus.Length is 0 or > MostNamed ? "" : $" It was noticed on CPU {string.Join(", ", cpus)}.") +
            (most > 1000 ? " So many events are not caused by a short load: the cooling is not sufficient." : ""))
        {
            Fixes = [new("Check fans, dust, air flow, heat sinks and their paste, " +
                "power limits, and the inlet temperature in the management controller", "sensors; ipmitool sdr type temperature")],
            Evidence = heat.OrderByDescending(h => h.Total).Select(h => h.Source).Take(3).OrderBy(s => s.Line).ToArray(),
        };
    }
}
