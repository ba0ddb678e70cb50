namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class InitWithoutLibrary
{
    public static readonly Failure Entry = new("init-without-library", "init ended because {1} is not in the initramfs")
    {
        Area = Area.Starting,
        Signs = ["error while loading shared libraries: {e}: cannot open shared object file",
            "Attempted to kill init! exitcode=0x00007f00"],
        Severity = Severity.Critical,
        Explains = ["capture-kernel-panic", "kernel-panic"],
        Cause = "Exit code 0x7f00 is 127: a program could not be started. " +
            "The image was built wrong: the library is missing, or is in a folder that its dynamic linker does not search " +
            "(glibc-hwcaps without ld.so.cache, as some versions of dracut packed it).",
        Fixes =
        [
            new("Look into the image, then update dracut and build it again", "kdt image check IMAGE"),
            new("RHEL, Fedora", "dnf upgrade dracut && kdumpctl rebuild && kdumpctl restart"),
        ],
        Origin = "glibc elf/dl-load.c, kernel/exit.c; dracutdevs/dracut pull request 1558",
    };
}
