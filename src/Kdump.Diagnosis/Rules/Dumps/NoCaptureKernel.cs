using Kdump.Diagnosis.Evidence.Dumps;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>The kernel panicked and no crash kernel came up: the log goes on with an ordinary boot, or ends.</summary>
public sealed class NoCaptureKernel : Rule
{
    public override string Id => "no-capture-kernel";

    public override Entry Entry => new("no-capture-kernel", "the kernel panicked and no crash kernel started")
    {
        Area = Area.Preparing,
        Signature =
        [
            "Kernel panic - not syncing: …",
            "Linux version … (an ordinary boot follows)",
        ],
        Cause = "None was loaded; or it was, and died before its first word: a reset by INIT when another CPU than the first crashed and " +
            "the crash kernel starts several (disable_cpu_apicid=; new kernels print \"Crash kernel detected. Disabling real BSP to " +
            "prevent machine INIT\"), a graphics or serial console it does not have, or devices and timers it cannot start.",
        Fixes =
        [
            new("Look whether one is loaded", "cat /sys/kernel/kexec_crash_loaded"),
            new("Let it speak early: earlyprintk=ttyS0,115200 on its command line"),
        ],
        Origin = "kernel/kexec_core.c, arch/x86/kernel/cpu/topology.c; kdump-utils commits 428a5e9, 9df0cbb and e22ca92; " +
            "sonic-buildimage pull request 6113 (hpet=disable pci=nommconf)",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        // A dump is the proof that one did.
        if (facts.Any<DumpFile>())
            yield break;
        foreach (KernelPanic panic in facts.Of<KernelPanic>().Where(p => p.Boot?.Capture != true)
            .DistinctBy(p => $"{p.Boot?.Input}#{p.Boot?.Index}").Take(16))
        {
            KernelBanner? next = facts.Of<KernelBanner>().FirstOrDefault(b => b.Boot is not null && b.Boot.Previous == panic.Boot);
            bool armed = ArmedIn(panic.Boot, facts);
            if (next?.Boot?.Capture == false)
            {
                yield return new Finding(Id, "the kernel panicked and no crash kernel started", Severity.Error, 0.9,
                    "The next kernel in this log is an ordinary one" +
                        (armed ? ", although a crash kernel was loaded." : ", so either none was loaded or it died without a word."))
                {
                    CausedBy = ["crashkernel-not-reserved", "kexec-load-rejected", "kernel-config-lacks-kdump"],
                    Evidence = new[] { panic.Source, next.Source, next.Boot.CaptureEvidence }.Known(),
                    Fixes = armed
                        ? [new Fix(
                        "Let the crash kernel speak early: add earlyprintk=ttyS0,115200 (or earlycon) to its command line and crash the " +
                        "machine again")]
                        : [new Fix("Look whether a crash kernel is loaded",
                            "cat /sys/kernel/kexec_crash_loaded; kdumpctl status   # Debian: kdump-config show")],
                };
            }
            else if (next is null && facts.Of<KernelBanner>().All(b => b.Boot?.Capture != true))
            {
                yield return new Unknown("whether a crash kernel started after the panic: none of these inputs shows one",
                    "the console log from the panic on");
            }
        }
    }

    /// <summary>A trace of that boot says "Kdump: loaded".</summary>
    private static bool ArmedIn(Boot? boot, Facts facts) =>
        boot?.CaptureEvidence?.Text.Contains("Kdump: loaded", StringComparison.Ordinal) == true || facts.Of<CrashKernelLoaded>()
            .Any(l => l.Boot == boot);
}
