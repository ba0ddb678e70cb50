namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class FipsCheckFailed
{
    public static readonly Failure Entry = new("fips-check-failed", "the FIPS check of the initramfs stopped the boot")
    {
        Area = Area.Reaching,
        Signs =
        [
            new Sign("FIPS integrity test failed", "You have to specify boot=<boot device> as a boot option for fips=1",
                "FIPS mode have to be enabled by 'fips=1' not just 'fips'"),
        ],
        Severity = Severity.Critical,
        Explains = ["dump-target-missing"],
        Cause = "With fips=1 the initramfs verifies the kernel image on /boot, " +
            "and stops when it cannot reach that file system or the checksum differs.",
        Fixes = [new("Name the file system of /boot: boot=UUID=… on the command line",
            "blkid -o value -s UUID $(findmnt -no SOURCE /boot)")],
        Origin = "dracut modules.d/01fips; kdump-utils commits a0596e5, 443a43e and 2de96da",
    };
}
