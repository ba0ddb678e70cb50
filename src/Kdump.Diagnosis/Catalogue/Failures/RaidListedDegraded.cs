namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class RaidListedDegraded
{
    public static readonly Failure Entry = new("raid-listed-degraded", "mdadm shows an array that lacks a member")
    {
        Area = Area.Hardware,
        Signs = ["/dev/md{w}:", "State : {e}, degraded*"],
        Subject = 1,
        Cause = "The array md{1} runs without one of its members, and may not survive the next loss.",
        Fixes =
        [
            new("Check which member is missing or faulty, and the kernel's messages about its disk",
                "cat /proc/mdstat; dmesg | grep -i -e md -e ata"),
            new("Replace it if its disk has errors; otherwise add it again", "mdadm /dev/md{1} --re-add MEMBER"),
        ],
        Origin = "mdadm Detail.c",
    };
}
