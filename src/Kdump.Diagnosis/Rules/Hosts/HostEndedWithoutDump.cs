using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>The previous boot ended without a shutdown, and no dump was written before the next one.</summary>
public sealed class HostEndedWithoutDump : Rule
{
    /// <summary>A dump of many terabytes takes some hours; an older dump belongs to an earlier crash.</summary>
    private const long Before = 6 * 3600;

    public override string Id => "boot-ended-without-dump";

    public override Entry Entry => new("boot-ended-without-dump", "the previous boot ended without a shutdown and left no dump")
    {
        Area = Area.Preparing,
        Signature = ["two boots in /var/log/wtmp without a shutdown between them, and no dump of that time"],
        Cause = "A panic whose crash kernel failed, a watchdog reset, a hang followed by a manual reset, or a loss of power.",
        Fixes = [new("Check pstore, the console and the management controller's event log for traces of it",
            "ls -l /var/lib/systemd/pstore; journalctl -b -1 -n 50; ipmitool sel list")],
        Origin = "utmp(5); names of dumps as kdump-utils, kdump-tools and SUSE's kdump give them",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (!facts.Any<HistorySeen>() || facts.Of<PastBoot>() is not [.., { Ended: 0, Next: > 0 } ended, _])
            yield break;
        PastDump? dump = facts.Of<PastDump>().FirstOrDefault(d => d.Time > ended.Started && d.Time > ended.Next - Before &&
            d.Time < ended.Next + Before);
        // An incomplete one is last-dump-lost.
        if (dump is not null)
            yield break;
        PastRecord[] records = [.. facts.Of<PastRecord>().Where(r => r.Kind == "BERT" || r.Time > ended.Started)];
        yield return new Finding(Id, $"the previous boot ended without a shutdown before {UtcTime.Minute(ended.Next)} and left no dump",
            Severity.Warning, 0.7,
            "It panicked, was reset, or lost power: wtmp has two boots without a shutdown between them." +
            (records.Length > 0 ? $" {string.Join(" and ", records.Select(r => r.Kind).Distinct())} kept a record of that time." : ""))
        {
            Evidence = [ended.Source, .. records.Take(3).Select(r => r.Source)],
            Fixes = [new Fix("Check the last lines of the journal, pstore and the management controller's event log",
                "journalctl -b -1 -n 50 --no-pager; ls -l /var/lib/systemd/pstore; ipmitool sel list")],
        };
    }
}
