namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class TooManyCpusInCrashKernel
{
    public static readonly Failure Entry =
        new("too-many-cpus-in-crash-kernel", "the crash kernel started {2} CPUs and then ran out of memory")
    {
        Area = Area.Starting,
        Signs =
        [
            "smp: Brought up {w} node*, {w} CPU",
            new Sign("Out of memory: Kill", "Out of memory and no killable processes", "System is deadlocked on memory",
                "page allocation failure: order:"),
        ],
        In = Life.Capture,
        Holds = taken => int.TryParse(taken[1], out int cpus) && cpus > 32,
        Explains = ["capture-kernel-oom", "crashkernel-too-small"],
        Cause = "Each CPU costs some megabytes of the reserved memory, and drivers make queues for every one of them. " +
            "A dump gains little beyond a few CPUs.",
        Fixes =
        [
            new("Start fewer CPUs: nr_cpus=4 on the crash kernel's command line (KDUMP_COMMANDLINE_APPEND in /etc/sysconfig/kdump, " +
                "KDUMP_CPUS on SUSE, KDUMP_CMDLINE_APPEND in /etc/default/kdump-tools)", Risk: "the dump takes longer"),
            new("Or reserve more memory (crashkernel=)"),
        ],
        Origin = "openSUSE kdump commit 95378d3 (bsc#1240769: 640 CPUs took 1.8 GB)",
    };
}
