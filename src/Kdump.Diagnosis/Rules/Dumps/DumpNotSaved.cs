using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>kdump reports that it could not save the dump, and no line before it says why.</summary>
public sealed class DumpNotSaved : Rule
{
    public override string Id => "dump-not-saved";

    public override Entry Entry => new("dump-not-saved", "the dump could not be saved")
    {
        Area = Area.Writing,
        Signature = ["saving vmcore failed, exitcode:…"],
        Cause = "This line is the last of several; " +
            "the reason is in the messages of mount, makedumpfile, cp or ssh before it, which are not in the input or not recognised.",
        Fixes = [new("Look at the crash kernel's own log: kexec-dmesg.log next to the dump, or the console log from its first line")],
        Origin = "kdump-utils kdump.sh dump_fs(), dump_ssh(), dump_raw()",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (Saving.Failure(facts) is not { } failure || Saving.Before(failure, facts).Count > 0 ||
            facts.Of<DumpProgress>().Any(p => p.Boot == failure.Boot && p.Step is DumpStep.NoSpace or DumpStep.VmcoreMissing))
            yield break;
        List<DumpProgress> failures = Saving.Failures(facts);
        if (failures.Any(f => f.Boot == failure.Boot && f.Source.Text.Contains("makedumpfile", StringComparison.Ordinal)))
            yield break;
        yield return new Finding(Id, "the dump could not be saved", Severity.Critical, 0.9,
            "kdump reports it; no line shows which of its steps failed.")
        {
            CausedBy = ["dump-target-missing", "dump-target-wrong-id", "dump-target-not-mounted", "mount-timed-out", "capture-kernel-oom",
                "nfs-target-refused", "network-not-ready", "vmcore-not-there", "core-collector-invalid", "kdump-pre-failed"],
            Explains = ["vmcore-incomplete"],
            Evidence = [failure.Source],
            Fixes = [new Fix("Look at the crash kernel's own log from its first line: the console, or kexec-dmesg.log next to the dump",
                "ls -lt /var/crash/*/")],
        };
        yield return new Unknown("why the dump could not be saved: no line before \"saving vmcore failed\" gives a reason",
            "the crash kernel's console log from its first line, or kexec-dmesg.log next to the dump");
    }
}
