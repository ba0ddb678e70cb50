using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Evidence.Logs;

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
        Cause = "mount's message before it gives the reason: NFS locks without rpc.statd, an export that does not allow the address, a " +
            "missing file system driver, a missing device, no network.",
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
        (Source Source, string Driver, string Device)[] cards = reason is null || !OfTheWay.Any(w => reason.Message.Wording.Contains(w,
            StringComparison.Ordinal)) ? [] : [.. FailedCards(facts, said[0])];
        yield return new Finding(Id, "the crash kernel could not mount the dump target" +
            (cards.Length == 0 ? "" : $": its network card did not start ({cards[0].Driver} {cards[0].Device})"), Severity.Critical,
            reason is null ? 0.85 : 0.95,
            (reason?.Means ?? "The line gives the mount options but no reason.") + (cards.Length == 0 ? ""
                : $" Before it the driver {cards[0].Driver} could not bring up {cards[0].Device}: without that card the server cannot " +
                    $"be reached."))
        {
            CausedBy = ["nfs-target-refused", "network-not-ready", "mount-timed-out", "dump-target-missing", "dump-target-wrong-id",
                "driver-probe-failed", "vector-exhaustion"],
            Explains = ["dump-target-not-mounted", "vmcore-incomplete", "dump-not-saved"],
            Evidence = [.. said.Select(s => s.Source).Take(4), .. cards.Select(c => c.Source).Take(2)],
            Fixes = reason is null
                ? [new Fix("Mount it by hand with the same options, from the first kernel or from the crash kernel's shell " +
                    "(rd.shell=1; failure_action shell in /etc/kdump.conf)")]
                : [.. DumpServices.Fitting(reason, service)],
        };
    }

    /// <summary>
    /// Messages of a mount that cannot reach its server; if a network card did not start, that is the most likely reason.
    /// </summary>
    private static readonly string[] OfTheWay = ["timed out", "No route to host", "Network is unreachable", "Failed to resolve"];

    /// <summary>Network drivers that failed before in the same boot: a failed probe, or a refused interrupt.</summary>
    private static IEnumerable<(Source Source, string Driver, string Device)> FailedCards(Facts facts, ToolSaid said) =>
        facts.Of<ProbeFailed>().Select(p => ((Fact)p, p.Driver, p.Device))
            .Concat(facts.Of<DriverError>().Select(e => ((Fact)e, e.Driver, e.Device)))
            .Concat(facts.Of<InterruptRefused>().Select(i => ((Fact)i, i.Driver, i.Device)))
            .Where(f => f.Item1.Boot == said.Boot && NetworkDrivers.Contains(f.Driver) && f.Item1.Source.Input == said.Source.Input &&
                f.Item1.Source.Order < said.Source.Order)
            .Select(f => (f.Item1.Source, f.Driver, f.Device)).OrderBy(f => f.Source.Order);
}
