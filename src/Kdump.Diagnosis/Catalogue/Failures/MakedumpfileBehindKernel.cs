namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class MakedumpfileBehindKernel
{
    public static readonly Failure Entry = new("makedumpfile-behind-kernel", "the dump was written by a makedumpfile that is older than the " +
        "kernel")
    {
        Area = Area.Writing,
        Signs = ["The kernel version is not supported.", new Sign("The dumpfile is saved to ", "saving vmcore complete", "saved vmcore in ")],
        Severity = Severity.Warning,
        Confidence = 0.6,
        Cause = "makedumpfile does not know this kernel's version and goes on. Mostly the dump is whole; some versions leave out too many " +
            "pages of newer kernels without a word, so look before it is needed.",
        Fixes =
        [
            new("See whether the dump has holes", "kdt vmcore verify vmcore; kdt vmcore info vmcore"),
            new("Use a newer makedumpfile, and build the image for the crash kernel anew", "makedumpfile -v; uname -r"),
        ],
        Origin = "makedumpfile.c check_kernel_version(); osandov/drgn issue 421",
    };
}
