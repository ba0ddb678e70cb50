using System.Globalization;
using Kdump.Diagnosis.Catalogue.Families;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>dracut checks the root file system before it mounts it, and stops where the check ends with a status of 4 or more.</summary>
public sealed class CheckInInitramfs : Rule
{
    public override string Id => "initramfs-check-failed";

    public override Entry Entry => new(Id, "the initramfs could not check a file system")
    {
        Area = Area.Crashing,
        Signature = ["dracut: issuing e2fsck -a /dev/…", "dracut Warning: e2fsck returned with …",
            "dracut Warning: *** An error occurred during the file system check."],
        Cause = "dracut checks the root file system before it mounts it. The status tells what came of it: 4 errors were left, which " +
            "only a person may repair; 8 the check itself could not run; 16 it was called wrongly, so nothing was checked.",
        Fixes = [new("In the shell of the initramfs, check it by hand", "fsck -f /dev/DISK", "never on a mounted file system")],
        Origin = "dracut modules.d/99fs-lib/fs-lib.sh fsck_tail(), fsck_ask_err(); fsck(8)",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (var run in facts.Of<CheckEnded>().GroupBy(c => (c.Boot, c.Program, c.Device)))
        {
            CheckEnded last = run.MaxBy(c => c.Source.Order)!;
            string of = last.Device.Length > 0 ? $"the file system on {last.Device}" : "a file system";
            string status = last.Status.ToString(CultureInfo.InvariantCulture);
            yield return new Finding(Id, $"the initramfs could not check {of}: {last.Program} ended with status {status}",
                Severity.Error, 0.95, "dracut checks the root file system before it mounts it, and opens a shell after a status like " +
                    "this. " + CheckStatus.Says(last.Status))
            {
                Subject = last.Device.Length > 0 ? last.Device : null,
                Evidence = [.. run.SelectMany(c => new[] { c.Begun, c.Source }).Known().OrderBy(s => s.Order).Take(4)],
                CausedBy = ["filesystem-damaged", "disk-medium-error", "disk-io-error"],
                Explains = ["emergency-mode", "root-not-mounted"],
                Fixes = [.. FixesOf(last)],
            };
        }
    }

    private static IEnumerable<Fix> FixesOf(CheckEnded run)
    {
        string device = PlainWord.Is(run.Device) ? run.Device : "/dev/DISK";
        if ((run.Status & CheckStatus.Misused) != 0)
        {
            yield return new Fix("See how the check was called, and with which options it works by hand",
                $"{(PlainWord.Is(run.Program) ? run.Program : "fsck")} -f {device}", "never on a mounted file system");
            yield return new Fix("A wish for a check (/forcefsck, fsck.mode=force) adds an option: without it the start goes on; " +
                "update dracut, which passes the options");
        }
        else if ((run.Status & CheckStatus.Left) != 0)
        {
            yield return new Fix("In the shell of the initramfs it is not mounted: check it there, and answer the questions with yes (-y)",
                $"fsck -y {device}",
                "damaged files may be cut or moved to lost+found; copy the disk before if it holds what no backup has");
            yield return new Fix("Then check the disk, before it happens again", "smartctl -x /dev/DISK");
        }
        else
            yield return new Fix("Read what the check said, and run it by hand", $"fsck -f {device}", "never on a mounted file system");
    }
}
