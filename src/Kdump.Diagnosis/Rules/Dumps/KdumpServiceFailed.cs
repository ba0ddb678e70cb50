using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// The service that holds a crash kernel ready did not start, for a reason that another rule names, or that only its own words tell.
/// </summary>
public sealed class KdumpServiceFailed : Rule
{
    public override string Id => "kdump-service-failed";

    public override Entry Entry => new("kdump-service-failed", "the kdump service did not start")
    {
        Area = Area.Preparing,
        Signature = ["kdumpctl[…]: kdump: Starting kdump: [FAILED]", "Failed to start Crash recovery kernel arming"],
        Cause = "Whatever its last lines say; where another entry knows them it stands above this one in the verdict. sed, grep or " +
            "dracut that fail inside kdumpctl are told by their own words alone.",
        Fixes = [new("See all that it says", "systemctl status kdump; journalctl -b -u kdump")],
        Origin = "kdump-utils kdumpctl start(), Debian kdump-config, openSUSE load.sh; Fedora CoreOS tracker issues 1267 and 1529",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        GaveUp[] failures = facts.Of<GaveUp>().Where(g => g.What == Undone.Start && g.Boot?.Capture != true).ToArray();
        if (failures.Length == 0)
            yield break;
        GaveUp first = failures[0];
        yield return new Finding(Id, "the kdump service did not start", Severity.Error, 0.9,
            "A crash now leaves no dump." +
                (first.Before.Count > 0 ? " Its last messages are below." : " Its own messages, which are not here, tell why."))
        {
            CausedBy = ["crashkernel-not-reserved", "kexec-load-rejected", "kdump-image-missing", "kdump-image-not-built",
                "kdump-conf-invalid", "core-collector-invalid", "kernel-without-kexec",
                "kernel-config-lacks-kdump", "kexec-tools-too-old", "no-space-on-target", "ssh-target-refuses-key",
                    "network-setup-unsupported", "fips-check-failed", "luks-key-not-linked"],
            Evidence = [.. first.Before, first.Source],
            Fixes = [new Fix("See all that it says", "systemctl status kdump; journalctl -b -u kdump  # Debian, Ubuntu: kdump-tools")],
        };
    }
}
