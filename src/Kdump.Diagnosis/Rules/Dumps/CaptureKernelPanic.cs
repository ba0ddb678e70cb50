using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Rules.Crashes;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>The crash kernel panicked in its turn: no dump, and no word of it on the ordinary system afterwards.</summary>
public sealed class CaptureKernelPanic : Rule
{
    public override string Id => "capture-kernel-panic";

    public override Entry Entry => new("capture-kernel-panic", "the crash kernel panicked itself")
    {
        Area = Area.Starting,
        Signature = ["Kernel panic - not syncing: … (in the crash kernel's log)"],
        Cause = "The lines before its panic tell where it died: no memory, no initramfs, or a driver that falls over a device left " +
            "running (graphics, bnx2x, Mellanox cards initialised twice).",
        Origin = "kernel/panic.c; lf-edge/eve pull request 2794, linux-surface issue 769",
    };

    /// <summary>What init's end says: the status of wait(2), so 0x7f00 is exit code 127 and 0x000b a signal.</summary>
    private static string Meaning(KernelPanic panic, bool ghes) =>
        ghes ? " It read the firmware's error records (HEST) at its start and met the error that had killed the first kernel."
            : Array.Find(Ends, e => panic.Reason.Contains(e.Code, StringComparison.Ordinal)).Means ?? "";

    private static readonly (string Code, string Means)[] Ends =
    [
        ("exitcode=0x00007f00", " Exit code 127: a program that init calls, or a library it needs, is not in the initramfs."),
        ("exitcode=0x00007e00", " Exit code 126: a program that init calls cannot be executed."),
        ("exitcode=0x0000000b", " init died of SIGSEGV: a damaged image, or memory that is not what it should be."),
        ("exitcode=0x00000007", " init died of SIGBUS: the image was cut, or its memory could not be read."),
        ("exitcode=0x00000004", " init died of SIGILL: the image is for another processor."),
    ];

    private static Fix[] Fixes(KernelPanic panic, bool ghes) =>
        ghes ? [CrashKernelOption.Add("hest_disable", "then it does not read the firmware's records; newer kdump-utils have it by default",
            null)] :
        panic.Reason.Contains("kill init", StringComparison.Ordinal) || panic.Reason.Contains("No working init", StringComparison.Ordinal)
            ? [new("Look into the image, and build it again", "kdt image check IMAGE")]
            : [new("Let the whole log of the crash kernel be seen: earlyprintk or earlycon and a serial console on its command line; " +
                "leave out " +
                "drivers that its dump does not need (module_blacklist=)")];

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        KernelPanic? panic = facts.Of<KernelPanic>().FirstOrDefault(p => p.Boot?.Capture == true);
        if (panic is null)
            yield break;
        bool saved = DumpSaved.In(panic.Boot, facts);
        // What explains it has the fix.
        bool told = panic.Reason.Contains("memory", StringComparison.Ordinal) || facts.Of<InitramfsUnpackFailed>()
            .Any(u => u.Boot == panic.Boot) ||
            CrashFindings.Before(panic.Source, panic.Boot, facts).Length > 0;
        // APEI's own panic; hest_disable keeps the crash kernel from looking at the same error again.
        bool ghes = panic.Reason.StartsWith("Fatal hardware error", StringComparison.Ordinal) &&
            panic.Boot?.CommandLine?.Contains("hest_disable", StringComparison.Ordinal) != true;
        string? driver = facts.Of<Crash>().Where(c => c.Boot == panic.Boot && c.Source.Input == panic.Source.Input &&
            c.Source.Order <= panic.Source.Order && c.ConsequenceOf is null).Select(CrashFindings.DriverOf).FirstOrDefault(d =>
                d is not null);
        yield return new Finding(Id,
            $"the crash kernel panicked itself{(driver is null ? "" : $" in its driver {driver}")} ({panic.Reason})", saved
            ? Severity.Warning : Severity.Critical,
            0.97,
            (saved ? "The dump was written all the same."
                : "No line tells that it wrote a dump; the lines before its panic tell where it died.") + Meaning(panic, ghes))
        {
            EndsWithKernel = true,
            Fixes = driver is not null ? [.. CrashKernelOption.AddOn($"module_blacklist={driver}",
                "the crash kernel then does without that " +
                    "driver; the dump must not need it", "what it drives is then not there")] : told ? [] : Fixes(panic, ghes),
            CausedBy = ["capture-kernel-oom", "initramfs-unpack-failed", "init-without-library", "init-without-program",
                .. PanicReason.CausesOf(panic.Source, panic.Reason, panic.Boot, facts)],
            Evidence = new[] { panic.Source, panic.Boot?.CaptureEvidence }.Known(),
        };
    }
}
