using Kdump.Diagnosis.Evidence;

namespace Kdump.Diagnosis.Rules;

/// <summary>The service that holds a crash kernel ready did not start, for a reason that another rule names, or that only its own words tell.</summary>
public sealed class KdumpServiceFailed : Rule
{
    public override string Id => "kdump-service-failed";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        GaveUp[] failures = facts.Of<GaveUp>().Where(g => g.What == Undone.Start && g.Boot?.Capture != true).ToArray();
        if (failures.Length == 0)
            yield break;
        GaveUp first = failures[0];
        yield return new Finding(Id, "the kdump service did not start", Severity.Error, 0.9,
            "A crash now leaves no dump." + (first.Before.Count > 0 ? " What it said last stands below." : " Its own lines would tell why."))
        {
            CausedBy = ["crashkernel-not-reserved", "kexec-load-rejected", "kdump-image-missing", "kdump-image-not-built", "kdump-conf-invalid", "core-collector-invalid", "kernel-without-kexec",
                "kernel-config-lacks-kdump", "kexec-tools-too-old", "no-space-on-target", "ssh-target-refuses-key", "network-setup-unsupported", "fips-check-failed"],
            Evidence = [.. first.Before, first.Source],
            Fixes = [new Fix("See all that it says", "systemctl status kdump; journalctl -b -u kdump  # Debian, Ubuntu: kdump-tools")],
        };
    }
}
