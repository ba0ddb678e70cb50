namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>Volumes that are kept twice, on two machines (DRBD), and no longer hold the same.</summary>
internal static class ReplicationFamilies
{
    private const string Both = "Both machines wrote while they did not see each other. " +
        "No program can tell which data counts: until a person decides, each goes on alone, and nothing is copied.";

    public static readonly Family Diverged = new("replica-diverged", "the two sides of a replicated volume hold different data")
    {
        Area = Area.Crashing,
        Confidence = 0.95,
        CausedBy = ["network-storage-silent"],
        Cause = "DRBD compares the history of both sides when they connect. They do not fit, so it does not copy.",
        Fixes =
        [
            new("See the role and the state of both sides, and decide whose data counts", "drbdadm status"),
            new("On the side whose changes are to be dropped", "drbdadm disconnect RESOURCE; drbdadm secondary RESOURCE; " +
                "drbdadm connect --discard-my-data RESOURCE", "the changes of that side since the separation are lost"),
            new("On the other side", "drbdadm connect RESOURCE"),
        ],
        Tellings =
        [
            new("drbd {e}: Split-Brain detected but unresolved, dropping connection",
                "DRBD found a split brain of {1} and broke the connection off", Both),
            new("drbd {e}: Equivalent unrotated UUIDs, but both are primary", "both sides of DRBD {1} are in use (primary)", Both),
            new("drbd {e}: Unrelated data, aborting", "the two sides of DRBD {1} hold unrelated data",
                "They were never one volume: another disk was connected, or the metadata were made anew."),
            new("drbd {e}: I shall become SyncTarget, but I am primary",
                "DRBD {1} should take over the data of its peer, but is in use (primary)"),
            new("drbd {e}: Online verify found {w} {w} block out of sync", "{2} blocks ({3}) of DRBD {1} differ between its two sides",
                "Something changed blocks below DRBD, or a program changed its buffers while they were written.")
                { Severity = Severity.Warning, Fixes = [new("Disconnect and connect again: the blocks that differ are copied",
                    "drbdadm disconnect RESOURCE; drbdadm connect RESOURCE")] },
        ],
        Origin = "drivers/block/drbd/drbd_receiver.c drbd_sync_handshake(), drbd_worker.c w_ov_finished()",
    };

    public static readonly Family[] All = [Diverged];
}
