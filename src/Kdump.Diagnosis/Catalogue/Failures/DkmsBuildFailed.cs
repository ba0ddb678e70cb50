namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class DkmsBuildFailed
{
    public static readonly Failure Entry = new("dkms-build-failed", "dkms could not build its modules for kernel {1}")
    {
        Area = Area.Crashing,
        Signs =
        [
            new Sign("dkms: autoinstall for kernel {t}", "dkms: running auto installation service for kernel {t}"),
            new Sign("...fail!"),
        ],
        Subject = 1,
        In = Life.First,
        Cause = "A module that is built on this machine (zfs, nvidia, a network card's) does not compile for that kernel, " +
            "or the kernel's headers are not installed. With a root or a card that needs it that kernel does not start rightly.",
        Fixes =
        [
            new("Read the build's log, install the headers, take a version of the module that knows this kernel",
                "dkms status; tail -30 /var/lib/dkms/*/*/build/make.log"),
            new("Start the older kernel until then"),
        ],
        Origin = "dkms (its script); damentz/liquorix-package issue 186",
    };
}
