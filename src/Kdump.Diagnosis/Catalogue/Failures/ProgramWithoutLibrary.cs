namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class ProgramWithoutLibrary
{
    public static readonly Failure Entry = new("program-without-library", "a program in the crash kernel could not load {1}")
    {
        Area = Area.Starting,
        Signs = ["error while loading shared libraries: {e}: cannot open shared object file"],
        In = Life.Capture,
        Subject = 1,
        Severity = Severity.Critical,
        CausedBy = ["initramfs-unpack-failed", "library-missing-in-image", "capture-kernel-oom"],
        Explains = ["capture-kernel-panic"],
        Cause = "The dynamic linker ends the program with exit code 127. " +
            "The library is not in the image, or the image was not unpacked to its end.",
        Fixes = [new("See whether the library is in the image", "kdt image check IMAGE")],
        Origin = "glibc elf/dl-load.c; Azure azurelinux issue 6479, Fedora CoreOS tracker issue 798",
    };
}
