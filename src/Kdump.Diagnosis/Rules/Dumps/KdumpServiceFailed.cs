using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Rules.Crashes;
using Kdump.Diagnosis.Speakers;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// The service that loads the crash kernel did not start; the reason is named by another rule or only by its own messages.
/// </summary>
public sealed class KdumpServiceFailed : Rule
{
    public override string Id => "kdump-service-failed";

    public override Entry Entry => new("kdump-service-failed", "the kdump service did not start")
    {
        Area = Area.Preparing,
        Signature = ["kdumpctl[…]: kdump: Starting kdump: [FAILED]", "Failed to start Crash recovery kernel arming"],
        Cause = "See its last lines; if another entry recognises them, it is listed above this one in the verdict. " +
            "Errors of sed, grep or dracut inside kdumpctl appear only as their own messages.",
        Fixes = [new("Read all its messages", "systemctl status kdump; journalctl -b -u kdump")],
        Origin = "kdump-utils kdumpctl start(), Debian kdump-config, openSUSE load.sh; Fedora CoreOS tracker issues 1267 and 1529",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        GaveUp[] failures = facts.Of<GaveUp>().Where(g => g.What == Undone.Start && g.Boot?.Capture != true).ToArray();
        UnitFailed? listed = facts.Of<UnitFailed>().FirstOrDefault(u => UnitListedFailed.IsKdump(u.Unit) && u.Boot?.Capture != true);
        GaveUp? first;
        if (failures.Length > 0)
            first = failures[0];
        else
            first = listed is null ? null : new GaveUp(listed.Source, Undone.Start, []);
        if (first is null)
            yield break;
        IReadOnlyList<Source> words = WordsBefore.Of(facts, failures.Select(f => f.Source));
        yield return new Finding(Id, "the kdump service did not start", Severity.Error, 0.9,
            "A crash now leaves no dump." + words.Count switch
            {
                > 0 => WordsBefore.Tell(words),
                _ when first.Before.Count > 0 => " Its last messages are below.",
                _ => " Its own messages say why, but are not in the input.",
            })
        {
            CausedBy = ["crashkernel-not-reserved", "kexec-load-rejected", "kdump-image-missing", "kdump-image-not-built",
                "kdump-conf-invalid", "core-collector-invalid", "kernel-without-kexec",
                "kernel-config-lacks-kdump", "kexec-tools-too-old", "no-space-on-target", "ssh-target-refuses-key",
                    "network-setup-unsupported", "fips-check-failed", "luks-key-not-linked"],
            Evidence = [.. words.Concat(first.Before).Concat(new[] { first.Source, listed?.Ended }.Known())
                .DistinctBy(s => (s.Input, s.Line)).Take(6)],
            Fixes = [new Fix("Read all its messages", "systemctl status kdump; journalctl -b -u kdump  # Debian, Ubuntu: kdump-tools")],
        };
    }
}
