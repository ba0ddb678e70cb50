using Kdump.Diagnosis.Rules.Dumps;
using Kdump.Diagnosis.Rules.Images;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>
/// The rules of <c>kdt host check</c>: the machine's own, then those that judge its image. The order is the order in which opinions of
/// equal weight are shown.
/// </summary>
public static class HostRuleBook
{
    public static readonly Rule[] Own =
    [
        new HostNoKexec(),
        new HostNotReserved(),
        new HostReservationSmall(),
        new HostKexecForbidden(),
        new HostServiceOff(),
        new HostConfInvalid(),
        new HostRawTarget(),
        new HostImageMissing(),
        new HostNotLoaded(),
        new HostToolTooOld(),
        new HostNextBootUncovered(),
        new HostAllCpus(),
        new HostVectors(),
        new HostWatchdog(),
        new HostDumpOutlasts(),
        new HostImageNetwork(),
        new HostLabelWrong(),
        new HostTargetEncrypted(),
        new HostHotplug(),
        new HostOopsGoesOn(),
        new HostQuietEvents(),
        new HostNotifiersFirst(),
        new HostEndedWithoutDump(),
        new HostLastDumpLost(),
        new HostNeverTested(),
    ];

    public static readonly Rule[] All = [.. Own, new KernelConfigLacksKdump(), .. ImageRuleBook.All];
}
