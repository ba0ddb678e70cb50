using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Dumps;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>The crashed kernel started its crash kernel, and no line of the crash kernel reached the console.</summary>
public sealed class CrashKernelSilent : Rule
{
    /// <summary>The early console parameter of each architecture, for output before the real console driver is loaded.</summary>
    private static readonly (string[] Releases, string Parameter)[] EarlyConsoles =
    [
        (["x86_64", "amd64", "i686", "i386"], "earlyprintk=serial,ttyS0,115200"),
        (["aarch64", "arm64", "riscv", "loongarch"], "earlycon"),
    ];

    public override string Id => "crash-kernel-silent";

    public override Entry Entry => new("crash-kernel-silent", "the crash kernel was started, but no output of it reached the console")
    {
        Area = Area.Starting,
        Signature =
        [
            "Starting crashdump kernel... (the log ends, or continues with firmware)",
            "I'm in purgatory (the log ends, or continues with firmware)",
        ],
        Cause = "The crashed kernel jumped to the crash kernel, so one was loaded. " +
            "The crash kernel failed or hung before its console was up: " +
            "it has no console= for this port, CPUs of the crashed kernel still run, " +
            "CPUs or memory were added after it was loaded, or a device that was not reset writes into its memory.",
        Fixes =
        [
            new("Enable early output: earlycon (arm64, riscv, " +
                "loongarch) or earlyprintk=serial,ttyS0,115200 (x86) and the console= of the first kernel, in KDUMP_COMMANDLINE_APPEND"),
            new("Reload the crash kernel after CPUs or memory were added",
                "systemctl restart kdump   # Debian: systemctl restart kdump-tools"),
        ],
        Origin = "arch/arm64/kernel/machine_kexec.c, kexec-tools purgatory/purgatory.c; linuxppc-dev 20210416064749.657585-1, " +
            "raspberrypi/linux issue 6428",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        // A dump proves that the crash kernel ran.
        if (facts.Any<DumpFile>() || facts.Boots.Any(b => b.Capture == true))
            yield break;
        foreach (Boot boot in facts.Boots.Distinct().Where(b => b.Jumped is not null && b.Capture != true).Take(16))
        {
            Boot? next = facts.Boots.FirstOrDefault(b => b.Previous == boot);
            // The log inside a dump ends with the same line although the crash kernel ran.
            bool ofDump = boot.Input.Contains("vmcore-dmesg", StringComparison.Ordinal);
            if (ofDump)
                continue;
            yield return new Finding(Id, "the crash kernel was started, but no output of it reached this console", Severity.Error,
                next?.Capture == false ? 0.9 : 0.75,
                "The last line of the crashed kernel is the jump to the crash kernel, so one was loaded. " +
                    (next?.Capture == false
                        ? "The next kernel in this log is a normal boot: the crash kernel failed or hung without any output."
                        : "No line follows: it hung or failed before its first line, or it writes to another console. " +
                            "(If this log was extracted from a dump, the crash kernel did run, and there is no problem.)"))
            {
                // If the crash was not requested, it is the subject of the report; the silence of the crash kernel follows from it.
                CausedBy = facts.Of<Crash>().Any(c => c.Boot == boot && c.Requested) ? []
                    : ["kernel-panic", "kernel-oops", "soft-lockup", "hard-lockup", "mce-fatal"],
                Fixes = [.. FixesFor(boot, facts)],
                Evidence = new[] { boot.Armed, boot.Jumped, next?.CaptureEvidence }.Known(),
            };
        }
    }

    /// <summary>Fixes to try, the easiest first.</summary>
    internal static IEnumerable<Fix> FixesFor(Boot boot, Facts facts)
    {
        string? early = EarlyConsole(boot, facts), console = Console(boot);
        if (boot.Release?.Contains("ppc64", StringComparison.Ordinal) != true)
        {
            foreach (Fix fix in CrashKernelOption.AddOn((early ?? "earlycon") + (console is null ? "" : " " + console),
                (early is null ? "it then prints before its console driver is loaded (x86: earlyprintk=serial,ttyS0,115200 instead)"
                    : "it then prints before its console driver is loaded") +
                (console is null ? "; also give it the console= of the first kernel" : ""), null))
                yield return fix;
        }
        yield return new Fix("If CPUs or memory were added since the crash kernel was loaded, load it again: it describes the machine " +
            "as it was when it was loaded", "systemctl restart kdump   # Debian, Ubuntu: systemctl restart kdump-tools");
        yield return new Fix("Check whether a dump was written nevertheless", "ls -l /var/crash");
    }

    private static string? Console(Boot boot) =>
        boot.CommandLine?.Split(' ').LastOrDefault(w => w.StartsWith("console=tty", StringComparison.Ordinal) && w != "console=tty0");

    private static string? EarlyConsole(Boot boot, Facts facts)
    {
        string release = boot.Release ?? facts.Boots.FirstOrDefault(b => b.Release is not null)?.Release ?? "";
        return EarlyConsoles.FirstOrDefault(a => a.Releases.Any(r => release.Contains(r, StringComparison.Ordinal))).Parameter;
    }
}
