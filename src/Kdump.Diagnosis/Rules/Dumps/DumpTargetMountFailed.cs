using Kdump.Diagnosis.Catalogue.Tools;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>The crash kernel could not mount the dump target; mount's message says why.</summary>
public sealed class DumpTargetMountFailed : Rule
{
    public override string Id => "dump-target-mount-failed";

    public override Entry Entry => new("dump-target-mount-failed", "the crash kernel could not mount the dump target")
    {
        Area = Area.Reaching,
        Signature =
        [
            "kdump: mounting failed (mount point: …, option: …)",
            "mount.nfs: …",
            "mount: …: unknown filesystem type '…'",
        ],
        Cause = "mount's message before it gives the reason: NFS locks without rpc.statd, " +
            "an export that does not allow the address, a missing file system driver, a missing device, no network.",
        Fixes = [new("Try the same mount, with the same options, from the first kernel")],
        Origin = "nfs-utils utils/mount, util-linux libmount, kdump-utils kdump-lib-initramfs.sh dump_fs(); xcat-core pull request 6796",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        ToolSaid[] all = facts.Of<ToolSaid>().Where(s => s.Message.Stage == ToolStage.Mounting && s.MayBeCapture).ToArray();
        // A normal boot mounts other things: the line must be about the dump, or be in a crash kernel's log.
        ToolSaid[] said = all.Where(s => s.Boot?.Capture == true || all.Any(a => a.Boot == s.Boot && a.Message.Mark.Length > 0) ||
            Saving.Failures(facts).Any(f => f.Boot == s.Boot && f.Source.Input == s.Source.Input && f.Source.Order > s.Source.Order))
                .ToArray();
        if (said.Length == 0 || DumpSaved.In(said[0].Boot, facts))
            yield break;
        ToolSaid? reason = said.FirstOrDefault(s => s.Message.Means.Length > 0);
        DumpService service = DumpServices.Of(facts);
        LostNetwork? lost = reason is null ? null : LostNetwork.Before(said[0], facts);
        yield return new Finding(Id, "the crash kernel could not mount the dump target" +
            (lost is null ? "" : $": {lost.Title}"), Severity.Critical,
            reason is null ? 0.85 : 0.95,
            (reason?.Means ?? "The line gives the options of the mount and no reason.") + lost?.Why)
        {
            CausedBy = ["nfs-target-refused", "network-not-ready", "mount-timed-out", "dump-target-missing", "dump-target-wrong-id",
                "driver-probe-failed", "vector-exhaustion"],
            Explains = ["dump-target-not-mounted", "vmcore-incomplete", "dump-not-saved"],
            Evidence = [.. said.Select(s => s.Source).Take(4), .. lost?.Evidence ?? []],
            Fixes = reason is null
                ? [new Fix("Mount it by hand with the same options, from the first kernel or from the crash kernel's shell " +
                    "(rd.shell=1; failure_action shell in /etc/kdump.conf)")]
                : [.. lost?.Fixes ?? [], .. DumpServices.Fitting(reason, service)],
        };
    }
}
