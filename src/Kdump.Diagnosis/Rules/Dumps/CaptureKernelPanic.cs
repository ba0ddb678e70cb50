using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Rules.Crashes;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>The crash kernel panicked too: there is no dump, and the normal system later has no record of it.</summary>
public sealed class CaptureKernelPanic : Rule
{
    public override string Id => "capture-kernel-panic";

    public override Entry Entry => new("capture-kernel-panic", "the crash kernel panicked too")
    {
        Area = Area.Starting,
        Signature = ["Kernel panic - not syncing: … (in the crash kernel's log)"],
        Cause = "The lines before its panic show where it failed: no memory, " +
            "no initramfs, or a driver that crashes on a device left running (graphics, bnx2x, Mellanox cards initialised twice).",
        Origin = "kernel/panic.c; lf-edge/eve pull request 2794, linux-surface issue 769",
    };

    /// <summary>The meaning of init's exit status in the format of wait(2): 0x7f00 is exit code 127, 0x000b is a signal.</summary>
    private static string Meaning(KernelPanic panic, bool ghes) =>
        ghes ? " At its start it read the firmware's error records (HEST) and found the error that had crashed the first kernel."
            : Array.Find(Ends, e => panic.Reason.Contains(e.Code, StringComparison.Ordinal)).Means ?? "";

    private static readonly (string Code, string Means)[] Ends =
    [
        ("exitcode=0x00007f00", " Exit code 127: a program that init calls, or a library it needs, is not in the initramfs."),
        ("exitcode=0x00007e00", " Exit code 126: a program that init calls cannot be executed."),
        ("exitcode=0x0000000b", " init died of SIGSEGV: a damaged image, or corrupted memory."),
        ("exitcode=0x00000007", " init died of SIGBUS: the image was truncated, or its memory could not be read."),
        ("exitcode=0x00000004", " init died of SIGILL: the image is for a different processor."),
    ];

    private static Fix[] Fixes(KernelPanic panic, bool ghes)
    {
        if (ghes)
            return [.. CrashKernelOption.AddOn("hest_disable",
                "so that it does not read the firmware's error records; newer kdump-utils add it by default", null)];
        if (panic.Reason.Contains("kill init", StringComparison.Ordinal) ||
            panic.Reason.Contains("No working init", StringComparison.Ordinal))
            return [new("Check the image and rebuild it", "kdt image check IMAGE")];
        return [new("Make the whole log of the crash kernel visible: earlyprintk or earlycon and a serial console on its command line. " +
            "Leave out drivers that the dump does not need (module_blacklist=)")];
    }

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        KernelPanic? panic = facts.Of<KernelPanic>().FirstOrDefault(p => p.Boot?.Capture == true);
        if (panic is null)
            yield break;
        bool saved = DumpSaved.In(panic.Boot, facts);
        // The finding that explains the panic has the fix.
        bool told = panic.Reason.Contains("memory", StringComparison.Ordinal) || facts.Of<InitramfsUnpackFailed>()
            .Any(u => u.Boot == panic.Boot) ||
            CrashFindings.Before(panic.Source, panic.Boot, facts).Length > 0;
        // APEI's own panic; with hest_disable the crash kernel does not read the same error record again.
        bool ghes = panic.Reason.StartsWith("Fatal hardware error", StringComparison.Ordinal) &&
            panic.Boot?.CommandLine?.Contains("hest_disable", StringComparison.Ordinal) != true;
        string? driver = facts.Of<Crash>().Where(c => c.Boot == panic.Boot && c.Source.Input == panic.Source.Input &&
            c.Source.Order <= panic.Source.Order && c.ConsequenceOf is null).Select(CrashFindings.DriverOf).FirstOrDefault(d =>
                d is not null);
        yield return new Finding(Id,
            $"the crash kernel panicked too{(driver is null ? "" : $" in its driver {driver}")} ({panic.Reason})", saved
            ? Severity.Warning : Severity.Critical,
            0.97,
            (saved ? "The dump was written nevertheless."
                : "No line shows that it wrote a dump; the lines before its panic show where it failed.") + Meaning(panic, ghes))
        {
            EndsWithKernel = true,
            Fixes = driver switch
            {
                not null => [.. CrashKernelOption.AddOn($"module_blacklist={driver}", "the crash kernel then does without that driver; " +
                    "the dump must not need it", "its devices are then missing")],
                _ when told => [],
                _ => Fixes(panic, ghes),
            },
            CausedBy = ["capture-kernel-oom", "initramfs-unpack-failed", "init-without-library", "init-without-program",
                .. PanicReason.CausesOf(panic.Source, panic.Reason, panic.Boot, facts)],
            Evidence = new[] { panic.Source, panic.Boot?.CaptureEvidence }.Known(),
        };
    }
}
