using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Vectors;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>
/// The crash kernel's drivers would request more interrupt vectors than its CPUs have. Predicted on the healthy machine from the
/// drivers in the image, not from what the running kernel uses (kdump-utils counted that in 2017 and reverted it).
/// </summary>
public sealed class HostVectors : Rule
{
    public override string Id => "vector-exhaustion";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (facts.Of<VectorOutlook>() is not [.., var outlook] || outlook.OtherArchitecture)
            yield break;
        VectorForecast forecast = outlook.Forecast;
        VectorPlan now = forecast.Current;
        if (outlook.Now is null)
        {
            yield return new Unknown("how many interrupt vectors the devices use now: /proc/interrupts of the machine is not there",
                "/proc/interrupts, and lspci -vvv as root; kdt host collect gathers both");
        }
        if (now.Fits == false)
            yield return Refused(outlook, forecast, now);
        else if (now.Fits is null)
        {
            yield return new Unknown(
                $"whether {Cpus(now.Cpus)} have enough vectors: " +
                    $"likely {now.Likely} of {now.Available} are needed, but up to {now.High} if {Deciders(forecast)} request the maximum",
                outlook.Image.Length switch
                {
                    0 => "the kdump image (--image)",
                    _ when forecast.Recommended is { } n && n > now.Cpus => $"a test crash, or nr_cpus={n}, which leaves enough vectors",
                    _ => "a test crash with kdump-probe in the image",
                });
        }
        if (outlook.MaxCpus)
        {
            yield return new Finding("maxcpus-keeps-possible-cpus",
                $"maxcpus={now.Cpus} limits the CPUs that run, not the {forecast.Conditions.Possible} that the crash kernel prepares for",
                Severity.Warning, 0.9,
                $"Per-CPU memory, queues and managed interrupts are set up for all of them: about {Megabytes(now.MemoryBytes)} MB. " +
                    "nr_cpus= limits both.")
            {
                Evidence = [outlook.Source],
                Fixes = [new Fix($"nr_cpus={now.Cpus} instead of maxcpus={now.Cpus} on the crash kernel's command line")],
            };
        }
    }

    private Finding Refused(VectorOutlook outlook, VectorForecast forecast, VectorPlan now)
    {
        string? target = now.TargetSurvives == false ? now.Victims.First(v => v.Fails && v.Consumer.OnTargetPath).Consumer.Name : null;
        VectorVictim[] failing = [.. now.Victims.Where(v => v.Fails)];
        string first = now.Victims.Count > 0 ? $" {Victim(now.Victims[0])} is the first without vectors" +
            (failing.Length > 1 ? $", {failing.Length} fail in total" : "") + "." : "";
        string fate = now.TargetSurvives switch
        {
            false => $" The dump target is behind {target}, whose driver fails: there will be no dump.",
            true => " The dump target's own controller gets its vectors.",
            null => "",
        };
        bool certain = now.Low > now.Available && outlook.Image.Length > 0;
        return new Finding(Id,
            $"the crash kernel with {Cpus(now.Cpus)} needs {Counted.Of(now.Likely, "interrupt vector")} and has {now.Available}",
            target is not null || now.TargetSurvives is null && failing.Length > 0 ? Severity.Critical : Severity.Error, certain ? 0.95
                : 0.75,
            "Most are for " +
                $"{Consumers(forecast, forecast.Conditions, 4)}.{first}{fate}" +
                    $"{(outlook.Image.Length == 0 ? " Without an image, the drivers bound now were counted." : "")}")
        {
            Reckoning =
            [
                new("vectors offered", now.Available, Note: Cpus(now.Cpus)),
                new("needed", now.Likely, Note: $"{now.Low} to {now.High}; {Consumers(forecast, forecast.Conditions, 3)}"),
                .. failing.Length == 0 ? Array.Empty<Reckoned>()
                    : [new(failing.Length == 1 ? "device without vectors" : "devices without vectors",
                    failing.Length, Note: string.Join(", ", failing.Take(3).Select(Victim)) + (failing.Length > 3 ? ", …" : ""))],
            ],
            Impact = now.TargetSurvives switch
            {
                false => "A crash now leaves no dump: the driver of its target gets no vector.",
                true => "The dump's own controller gets its vectors; other devices do not.",
                _ => null,
            },
            Evidence = [outlook.Source, .. now.Victims.Take(3).Select(v => v.Consumer.Source),
                .. forecast.Consumers.OrderByDescending(c => c.Need(forecast.Conditions).Likely).Take(2).Select(c => c.Source)],
            Fixes = [.. Fixes(forecast, now)],
        };
    }

    private static IEnumerable<Fix> Fixes(VectorForecast forecast, VectorPlan now)
    {
        (bool enough, int saved) = forecast.WithoutPortServices;
        IEnumerable<Fix> compat = CrashKernelOption.AddOn("pcie_ports=compat",
            $"PCIe port services take {Counted.Of(saved, "vector")} and a dump needs none of them",
            "devices behind a port that requires native hotplug do not appear");
        foreach (Fix fix in enough ? compat : [])
            yield return fix;
        if (forecast.Recommended is { } n && n > now.Cpus)
        {
            VectorPlan better = forecast.Plan(n);
            foreach (Fix fix in CrashKernelOption.SetCpus(n, now.Cpus,
                $"{Counted.Of(better.Likely, "vector", "is", "are")} needed then and {Counted.Of(n, "CPU", "offers", "offer")} " +
                    $"{better.Available}; this needs about {Megabytes(better.MemoryBytes)} MB of the reservation",
                "older kernels may hang when another CPU than 0 crashed, unless disable_cpu_apicid= names CPU 0 (kdumpctl adds it itself)"))
                yield return fix;
        }
        foreach (Fix fix in !enough && saved > 0 ? compat : [])
            yield return fix;
        (string Module, int Sum)[] spare = [.. forecast.Consumers
            .Where(c => c is { Device: not null, OnTargetPath: false, Phase: not ProbePhase.Builtin })
            .GroupBy(c => c.Driver)
            .Where(g => g.All(c => !c.OnTargetPath) && !forecast.Consumers.Any(c => c.OnTargetPath && c.Driver == g.Key))
            .Select(g => (g.Key, Sum: g.Sum(c => c.Need(forecast.Conditions).Likely)))
            .Where(g => g.Sum >= 8).OrderByDescending(g => g.Sum).Take(3)];
        if (spare.Length == 0)
            yield break;
        string names = string.Join(", ", spare.Select(g => $"{g.Module} ({g.Sum})")), list = string.Join(',', spare.Select(g => g.Module));
        const string Risk = "only if the dump target is not behind them";
        yield return new Fix("Or leave drivers that the dump does not need out of the image: " +
            $"{names} (dracut_args --omit-drivers in /etc/kdump.conf)", Risk: Risk) { For = KdumpTools.RedHat };
        foreach (KdumpTools tools in new[] { KdumpTools.Debian, KdumpTools.Suse })
            yield return new Fix(
                "Or keep drivers that the dump does not need from being loaded: " +
                $"{names} (modprobe.blacklist={list} on the crash kernel's command line)", Risk: Risk) { For = tools };
    }

    private static string Cpus(int n) => n == 1 ? "one CPU" : $"{n} CPUs";

    private static string Victim(VectorVictim v) => $"{v.Consumer.Driver} {v.Consumer.Name}";

    private static long Megabytes(long bytes) => (bytes + (1 << 19)) >> 20;

    /// <summary>The largest, by driver: <c>virtio_net 162 (54 devices)</c>.</summary>
    public static string Consumers(VectorForecast forecast, CaptureConditions conditions, int most) =>
        string.Join(", ", forecast.Consumers.GroupBy(c => c.Device is null ? "interrupt lines" : c.Driver, StringComparer.Ordinal)
            .Select(g => (g.Key, Count: g.Count(), Sum: g.Sum(c => c.Need(conditions).Likely))).Where(g => g.Sum > 0)
                .OrderByDescending(g => g.Sum).ThenBy(g => g.Key, StringComparer.Ordinal)
            .Take(most).Select(g => $"{g.Key} {g.Sum}{(g.Count > 1 && g.Key != "interrupt lines" ? $" ({g.Count} devices)" : "")}"));

    /// <summary>The devices whose demand is least certain.</summary>
    private static string Deciders(VectorForecast forecast) =>
        string.Join(", ", forecast.Consumers.GroupBy(c => c.Driver, StringComparer.Ordinal)
            .Select(g => (g.Key, Open: g.Sum(c => c.Need(forecast.Conditions) is var n ? n.High - n.Likely : 0)))
            .Where(g => g.Open > 0).OrderByDescending(g => g.Open).Take(3).Select(g => $"{g.Key} (+{g.Open})"));
}
