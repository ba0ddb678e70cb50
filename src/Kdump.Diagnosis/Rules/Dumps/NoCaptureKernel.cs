using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Dumps;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>The kernel panicked and no crash kernel started: the log continues with a normal boot, or ends.</summary>
public sealed class NoCaptureKernel : Rule
{
    public override string Id => "no-capture-kernel";

    public override Entry Entry => new("no-capture-kernel", "the kernel panicked and no crash kernel started")
    {
        Area = Area.Preparing,
        Signature =
        [
            "Kernel panic - not syncing: …",
            "Linux version … (a normal boot follows)",
        ],
        Cause = "No crash kernel was loaded, or it failed before its first line: " +
            "a reset by INIT when another CPU than the first crashed and the crash kernel starts several (disable_cpu_apicid=; " +
            "new kernels print \"Crash kernel detected. Disabling real BSP to prevent machine INIT\"), " +
            "a graphics or serial console it does not have, or devices and timers it cannot start.",
        Fixes =
        [
            new("Check whether one is loaded", "cat /sys/kernel/kexec_crash_loaded"),
            new("Enable its early output: earlyprintk=ttyS0,115200 on its command line"),
        ],
        Origin = "kernel/kexec_core.c, arch/x86/kernel/cpu/topology.c; kdump-utils commits 428a5e9, 9df0cbb and e22ca92; " +
            "sonic-buildimage pull request 6113 (hpet=disable pci=nommconf)",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        // A dump proves that a crash kernel started.
        if (facts.Any<DumpFile>())
            yield break;
        foreach (KernelPanic panic in facts.Of<KernelPanic>().Where(p => p.Boot?.Capture != true)
            .DistinctBy(p => $"{p.Boot?.Input}#{p.Boot?.Index}").Take(16))
        {
            // A kernel that jumped to its crash kernel is handled by crash-kernel-silent.
            if (panic.Boot?.Jumped is not null)
                continue;
            Boot? next = facts.Boots.FirstOrDefault(b => b.Previous is not null && b.Previous == panic.Boot);
            Source? armed = panic.Boot?.Armed, alone = panic.Boot?.EndedAlone;
            if (next?.Capture == false || (armed is not null && alone is not null && next?.Capture != true))
                yield return Found(panic, next, armed, alone, facts);
            else if (next is null && facts.Boots.All(b => b.Capture != true) && !BeforeServices(panic, facts))
                yield return Open(armed, alone);
        }
        if (Asked(facts) is { } asked)
            yield return asked;
    }

    /// <summary>In seconds; services are not started earlier.</summary>
    private const double EarliestService = 5;

    private static readonly string[] EndsOfScripts = ["init! exitcode=0x00007f00", "init! exitcode=0x00007e00",
        "init! exitcode=0x00000100", "init! exitcode=0x00000200"];

    /// <summary>
    /// Programs of the running system load a crash kernel: a kernel that dies on the way to its root file system has none.
    /// </summary>
    private static bool BeforeServices(KernelPanic panic, Facts facts) => panic.Boot?.Armed is null &&
        (panic.Reason.StartsWith("VFS: ", StringComparison.Ordinal) ||
            panic.Reason.Contains("Unable to mount root fs", StringComparison.Ordinal) ||
            panic.Reason.StartsWith("No working init", StringComparison.Ordinal) ||
            panic.Reason.StartsWith("No init found", StringComparison.Ordinal) ||
            panic.Reason.StartsWith("Requested init ", StringComparison.Ordinal) ||
            // A script as init ends with 127, 126 (not found, not executable), 1 or 2. systemd and the like do not.
            (panic.Reason.StartsWith("Attempted to kill init", StringComparison.Ordinal) &&
                KernelLine.Parse(panic.Source.Plain).Time < EarliestService) ||
            EndsOfScripts.Any(e => panic.Reason.Contains(e, StringComparison.Ordinal)) ||
            facts.Of<RootSign>().Any(s => s.Boot == panic.Boot && s.Source.Input == panic.Source.Input && s.Step is
                RootStep.KernelCannotOpen or RootStep.NoFilesystem or RootStep.NothingMounted or RootStep.InitRefused or
                RootStep.InitMissing or RootStep.NoInit or RootStep.InitramfsGaveUp) ||
            (panic.Reason.StartsWith("Attempted to kill init", StringComparison.Ordinal) && facts.Of<Crash>()
                .Any(c => c.Boot == panic.Boot && c.Context.Comm is "switch_root" or "run-init")));

    /// <summary>Somebody requested a crash, a crash kernel was loaded, and nothing in the inputs tells of the crash.</summary>
    private static Unknown? Asked(Facts facts)
    {
        CrashAsked? asked = facts.Of<CrashAsked>().LastOrDefault();
        Source? armed = facts.Boots.Select(b => b.Armed).LastOrDefault(a => a is not null);
        if (asked is null || (armed is null && !asked.NoDump) || facts.Any<KernelPanic>() || facts.Any<Crash>() ||
            facts.Any<DumpProgress>() ||
            facts.Boots.Any(b => b.Capture == true || b.Jumped is not null))
            return null;
        return Open(armed ?? asked.Source, null) with
        {
            Question = "why the crash that was asked for left no dump: " +
                $"{(armed is null ? "" : "a crash kernel was loaded, and ")}nothing of the crash or of the crash kernel is in these inputs",
            Evidence = [.. new[] { armed, asked.Source }.Known()],
        };
    }

    private Finding Found(KernelPanic panic, Boot? next, Source? armed, Source? alone, Facts facts)
    {
        KernelBanner? banner = next is null ? null : facts.Of<KernelBanner>().FirstOrDefault(b => b.Boot == next);
        string why = next?.Capture == false ? "The next kernel in this log is a normal boot"
            : "The panicked kernel continued to its own end (halt or reboot)";
        return new Finding(Id, "the kernel panicked and no crash kernel started", Severity.Error, 0.9,
            why + armed switch
            {
                not null => ", although a crash kernel was loaded.",
                _ when alone is not null => ", and the panicked kernel halted or rebooted by itself, " +
                    "which it does not do with a crash kernel loaded.",
                _ => ", so either none was loaded or it failed without any output.",
            })
        {
            CausedBy = ["crashkernel-not-reserved", "kexec-load-rejected", "kernel-config-lacks-kdump"],
            Evidence = [.. new[] { panic.Source, armed, alone, banner?.Source, next?.CaptureEvidence }.Known().DistinctBy(s => s.Place)],
            Fixes = armed is not null ? CrashKernelSilent.FixesFor(panic.Boot!, facts).ToArray()
                : [new Fix("Check whether a crash kernel is loaded",
                    "cat /sys/kernel/kexec_crash_loaded; kdumpctl status   # Debian: kdump-config show")],
        };
    }

    private static Unknown Open(Source? armed, Source? alone)
    {
        if (armed is not null)
            return new("whether the crash kernel worked: one was loaded when the kernel panicked, but these inputs contain no line of it",
                "ls -l /var/crash; if there is no dump, the console log from the panic on, with earlyprintk=serial,ttyS0,115200 " +
                "(x86) or earlycon on the crash kernel's command line; CPUs or memory that were added since need: systemctl restart kdump");
        if (alone is not null)
            return new(
                "why no crash kernel started: the panicked kernel halted or rebooted by itself, which it does not do with one loaded",
                "cat /sys/kernel/kexec_crash_loaded; kdumpctl status   # Debian: kdump-config show");
        return new("whether a crash kernel started after the panic: none of these inputs shows one", "the console log from the panic on");
    }
}
