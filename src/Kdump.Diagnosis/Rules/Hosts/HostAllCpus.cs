using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>The crash kernel's command line does not limit its CPUs, as every distribution's own does.</summary>
public sealed class HostAllCpus : Rule
{
    public override string Id => "crash-kernel-takes-all-cpus";

    public override Entry Entry => new("crash-kernel-takes-all-cpus", "the crash kernel starts on all CPUs of the machine")
    {
        Area = Area.Preparing,
        Signature = ["neither nr_cpus= nor maxcpus= on the crash kernel's command line"],
        Cause = "The distribution's options were replaced and not extended: KDUMP_COMMANDLINE_APPEND, KDUMP_CMDLINE_APPEND. Each CPU " +
            "takes memory out of the reservation. An x86 machine resets when a crash kernel starts the first CPU from another one, " +
            "unless disable_cpu_apicid= leaves that out, which kdump-utils and SUSE's kdump add.",
        Fixes = [new("Put nr_cpus=1 back into the crash kernel's options")],
        Origin = "Documentation/admin-guide/kdump/kdump.rst (nr_cpus=, disable_cpu_apicid=); defaults of kdump-utils, kdump-tools and " +
            "openSUSE/kdump",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        IReadOnlyList<CaptureParameter> line = facts.Of<CaptureParameter>();
        int cpus = facts.Of<PossibleCpus>() is [var possible, ..] ? possible.Count : 0;
        if (line.Count == 0 || cpus == 1 || line.Any(p => p.Name.Replace('-', '_') is "nr_cpus" or "maxcpus" or "nosmp"))
            yield break;
        // kdump(5) of SUSE: 0 means all of them, and load.sh leaves the first one out by itself.
        if (facts.Of<KdumpSetting>().Any(s => s is { Name: "KDUMP_CPUS", Value: "0" }))
            yield break;
        bool debian = facts.Of<KdumpSetup>() is [{ Tools: KdumpTools.Debian }, ..];
        CaptureParameter last = line[^1];
        yield return new Finding(Id, cpus > 1 ? $"the crash kernel starts on all {cpus} CPUs: its command line has no nr_cpus="
            : "the crash kernel starts on all CPUs: its command line has no nr_cpus=", Severity.Warning, 0.85,
            debian ? "Each CPU takes memory out of the reservation. kdump-config does not add disable_cpu_apicid=: an x86 machine resets " +
                "when the crash kernel starts the first CPU from another one." : "Each CPU takes memory out of the reservation.")
        {
            Evidence = cpus > 1 ? [last.Source, facts.Of<PossibleCpus>()[0].Source] : [last.Source],
            Fixes = [.. CrashKernelOption.AddOn("nr_cpus=1", "one CPU writes the dump", null)],
        };
    }
}
