using Kdump.Diagnosis.Evidence.Dumps;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>The crashed kernel jumped into its crash kernel, and not one line of that kernel reached the console.</summary>
public sealed class CrashKernelSilent : Rule
{
    /// <summary>Where each architecture's first words come from, before the real console driver is there.</summary>
    private static readonly (string[] Releases, string Parameter)[] EarlyConsoles =
    [
        (["x86_64", "amd64", "i686", "i386"], "earlyprintk=serial,ttyS0,115200"),
        (["aarch64", "arm64", "riscv", "loongarch"], "earlycon"),
    ];

    public override string Id => "crash-kernel-silent";

    public override Entry Entry => new("crash-kernel-silent", "the crash kernel was started, and nothing of it reached the console")
    {
        Area = Area.Starting,
        Signature =
        [
            "Starting crashdump kernel... (the log ends, or goes on with firmware)",
            "I'm in purgatory (the log ends, or goes on with firmware)",
        ],
        Cause = "The crashed kernel jumped, so a crash kernel was loaded. That kernel died or hung before its console was up: it has no " +
            "console= for this port, CPUs of the crashed kernel still run, CPUs or memory were added after it was loaded, or a device " +
            "that nobody reset writes into its memory.",
        Fixes =
        [
            new("Let it speak early: earlycon (arm64, riscv, loongarch) or earlyprintk=serial,ttyS0,115200 (x86) and the console= of the " +
                "first kernel, in KDUMP_COMMANDLINE_APPEND"),
            new("Load it again after CPUs or memory were added", "systemctl restart kdump   # Debian: systemctl restart kdump-tools"),
        ],
        Origin = "arch/arm64/kernel/machine_kexec.c, kexec-tools purgatory/purgatory.c; linuxppc-dev 20210416064749.657585-1, " +
            "raspberrypi/linux issue 6428",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        // A dump is the proof that it ran.
        if (facts.Any<DumpFile>() || facts.Boots.Any(b => b.Capture == true))
            yield break;
        foreach (Boot boot in facts.Boots.Distinct().Where(b => b.Jumped is not null && b.Capture != true).Take(16))
        {
            Boot? next = facts.Boots.FirstOrDefault(b => b.Previous == boot);
            // The log in a dump ends with the same words, and there the crash kernel ran.
            bool ofDump = boot.Input.Contains("vmcore-dmesg", StringComparison.Ordinal);
            if (ofDump)
                continue;
            yield return new Finding(Id, "the crash kernel was started, and nothing of it reached this console", Severity.Error,
                next?.Capture == false ? 0.9 : 0.75,
                "The crashed kernel's last word is its jump into the crash kernel, so one was loaded. " +
                    (next?.Capture == false
                        ? "The next kernel in this log is an ordinary one: the crash kernel died or hung without a word."
                        : "Nothing follows: it hung or died before its first line, or it writes to another console. (If this log was " +
                            "taken out of a dump, it did run and all is well.)"))
            {
                Fixes = [.. FixesFor(boot, facts)],
                Evidence = new[] { boot.Armed, boot.Jumped, next?.CaptureEvidence }.Known(),
            };
        }
    }

    /// <summary>What to try, in the order of what it costs.</summary>
    internal static IEnumerable<Fix> FixesFor(Boot boot, Facts facts)
    {
        string? early = EarlyConsole(boot, facts), console = Console(boot);
        if (boot.Release?.Contains("ppc64", StringComparison.Ordinal) != true)
            yield return CrashKernelOption.Add((early ?? "earlycon") + (console is null ? "" : " " + console),
                (early is null ? "it then speaks before its console driver is up (x86: earlyprintk=serial,ttyS0,115200 instead)"
                    : "it then speaks before its console driver is up") +
                (console is null ? "; give it the console= of the first kernel, too" : ""), null);
        yield return new Fix("If CPUs or memory were added since the crash kernel was loaded, load it again: its description of the " +
            "machine is that of the day it was loaded", "systemctl restart kdump   # Debian, Ubuntu: systemctl restart kdump-tools");
        yield return new Fix("Look whether a dump was written all the same", "ls -l /var/crash");
    }

    private static string? Console(Boot boot) =>
        boot.CommandLine?.Split(' ').LastOrDefault(w => w.StartsWith("console=tty", StringComparison.Ordinal) && w != "console=tty0");

    private static string? EarlyConsole(Boot boot, Facts facts)
    {
        string release = boot.Release ?? facts.Boots.FirstOrDefault(b => b.Release is not null)?.Release ?? "";
        return EarlyConsoles.FirstOrDefault(a => a.Releases.Any(r => release.Contains(r, StringComparison.Ordinal))).Parameter;
    }
}
