using Kdump.Diagnosis.Evidence.DumpSetup;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// The probe runs in an image of a crash kernel in which nothing saves the dump; <see cref="Images.ImageCannotDump"/> says it before.
/// </summary>
public sealed class NothingSavesDump : Rule
{
    public override string Id => "image-cannot-dump";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (facts.Of<NoDumpSaver>() is not [var none, ..])
            yield break;
        yield return new Finding(Id, "nothing in the image writes a dump", Severity.Critical, 0.9,
            "The image has a dump target, and no script, hook or unit in it reads /proc/vmcore: it was built without the dump tools' " +
            "dracut module. /proc/vmcore is there, so a dump can still be written by hand before the reboot.")
        {
            Explains = ["dump-not-saved"],
            Evidence = [none.Source],
            Fixes =
            [
                new Fix("If the image has makedumpfile: mount the target by hand and save the dump now",
                    "makedumpfile -l -d 31 /proc/vmcore FILE"),
                .. DumpImage.Rebuild("Then build the image with the distribution's own tools"),
            ],
        };
    }
}
