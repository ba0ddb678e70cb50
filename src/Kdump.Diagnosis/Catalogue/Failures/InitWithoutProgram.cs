namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class InitWithoutProgram
{
    public static readonly Failure Entry = new("init-without-program", "init ended because {2} is not in the initramfs")
    {
        Area = Area.Starting,
        Signs =
        [
            new Sign("/init: line {w}: {e}: command not found", "/init: {w}: {e}: not found"),
            new Sign("Attempted to kill init! exitcode=0x00007f00", "Attempted to kill init! exitcode=0x00007e00"),
        ],
        Holds = taken => taken.Count > 1,
        Severity = Severity.Critical,
        Explains = ["capture-kernel-panic", "kernel-panic"],
        Cause = "The init script calls a program that is not in the image, and ends with code 127 (not found) or 126 (not executable): " +
            "the image was built without it, or lost it.",
        Fixes = [new("Look into the image, and build it again", "kdt image check IMAGE")],
        Origin = "bash and dash, kernel/exit.c",
    };
}
