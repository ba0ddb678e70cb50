namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class CpuDidNotStart
{
    public static readonly Failure Entry = new("cpu-did-not-start", "CPU {1} did not start")
    {
        Area = Area.Starting,
        Signs = [new Sign("do_boot_cpu failed(*) to wakeup CPU#{w}", "CPU{w}: failed to come online", "CPU{w}: will not boot",
            "CPU {w} APIC ID * is not present. Aborting bringup", "CPU {w} has invalid APIC ID *. Aborting bringup",
            "CPU{w} failed to report alive state", "CPU{w}: failed in unknown state", "CPU{w}: failed to boot: ",
            "CPU{w}: died during early boot", "CPU{w}: is stuck in kernel", "CPU{w}: does not support ")],
        Severity = Severity.Warning,
        Cause = "A CPU that the firmware lists did not answer. After a crash it may still hang in the crashed kernel.",
        Fixes = [new("A crash kernel needs few CPUs: nr_cpus=1 avoids it")],
        Origin = "arch/x86/kernel/smpboot.c, arch/arm64/kernel/smp.c, kernel/cpu.c",
    };
}
