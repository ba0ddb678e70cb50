using Kdump.Diagnosis.Evidence;

namespace Kdump.Diagnosis.Rules;

/// <summary>
/// The disk is there under another name than the image looks for: a UUID or label that changed after kdump.img was built (a reformatted
/// file system, a cloned machine). Told apart from a disk that is missing only where a listing shows what the machine has.
/// </summary>
public sealed class DumpTargetWrongId : Rule
{
    public override string Id => "dump-target-wrong-id";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (DeviceWait wait in DumpTargetMissing.Missing(facts))
        {
            DiskListing[] listings = facts.Of<DiskListing>().Where(l => DumpTargetMissing.Lists(l, wait.Device) is not null).ToArray();
            if (listings.Length == 0 || listings.Any(l => DumpTargetMissing.Lists(l, wait.Device) == true))
                continue;
            string name = wait.Device[(wait.Device.LastIndexOf('/') + 1)..];
            DiskListing? ordinary = listings.FirstOrDefault(l => l.Boot?.Capture == false);
            bool driversFailed = facts.Of<ProbeFailed>().Any(p => p.MayBeCapture && StorageDrivers.Contains(p.Driver));
            if (ordinary is null)
            {
                if (!driversFailed)
                {
                    yield return new Unknown($"whether the disk behind {wait.Device} is missing or only has another id now: {listings[0].Directory} lists {listings[0].Links.Count} other ids",
                        $"ls -l {listings[0].Directory} on the ordinary system in the same log, or the report of kdump-probe");
                }
                continue;
            }
            yield return new Finding(Id, $"no disk of this machine has the id {name} that kdump.img looks for", Severity.Error, 0.9,
                $"The ordinary system lists {ordinary.Links.Count} ids in {ordinary.Directory} and this one is not among them, so the image was built for a disk that is gone or was formatted anew.")
            {
                Subject = wait.Device,
                Evidence = [wait.Source, ordinary.Source],
                Fixes =
                [
                    new Fix("Point the dump target in /etc/kdump.conf (or /etc/fstab) at the id the disk has now, and rebuild the image", "kdumpctl rebuild && kdumpctl restart"),
                    new Fix("Debian, Ubuntu: correct /etc/fstab and build the image anew", "rm /var/lib/kdump/initrd.img-$(uname -r) && kdump-config unload && kdump-config load"),
                ],
            };
        }
    }
}
