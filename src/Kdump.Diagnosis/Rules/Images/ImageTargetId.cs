using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>The image looks for a disk by an id that no disk of the machine has: the disk was reformatted, cloned or replaced.</summary>
public sealed class ImageTargetId : Rule
{
    public override string Id => "dump-target-wrong-id";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        // The image's own name for the disk may be another one of the same id.
        foreach (TargetIdAbsent t in facts.Of<TargetIdAbsent>().OrderByDescending(t => t.OfMachine)
            .DistinctBy(t => DeviceReference.Parse(t.Spec) is { Kind: not ReferenceKind.None } device ? device.Value : t.Spec))
        {
            string held = t.Known.Count == 0 ? $"no {t.Kind} at all" : $"the {t.Kind} {ImageModuleDependency.Few(t.Known)}";
            yield return t.Mount is { } mount ? OfStart(t, mount, held) : OfImage(t, held);
        }
    }

    private Finding OfImage(TargetIdAbsent t, string held) => new(Id,
        $"{(t.OfMachine ? "the dump target is" : "the image waits for")} {t.Spec}, which no disk of this machine has", Severity.Critical,
        0.9, $"The machine's disks have {held}; " + (t.OfMachine
            ? "it is written wrongly, or the disk was reformatted, cloned or replaced since."
            : "the image was built before the disk was reformatted, cloned or replaced."))
    {
        Subject = t.Spec,
        Evidence = [t.Source],
        Fixes = [.. DumpImage.Rebuild(
            "Set the dump target in /etc/kdump.conf (or /etc/fstab) to the current id of the disk (blkid), and rebuild")],
    };

    private Finding OfStart(TargetIdAbsent t, string mount, string held) => new(Id,
        $"{mount} is to be mounted from {t.Spec}, which no disk of this machine has", Severity.Critical, 0.9,
        "The crash kernel starts this root before it writes the dump, and systemd ends that start in its emergency mode " +
            $"when a mount of /etc/fstab without nofail fails. The machine's disks have {held}.")
    {
        Subject = t.Spec,
        Evidence = [t.Source],
        Fixes = [new($"Correct the line of {mount} in /etc/fstab, or add nofail to it if no dump goes there", "blkid; findmnt --verify")],
    };
}
