using Kdump.Diagnosis.Catalogue.Tools;

namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class MakedumpfileBehindKernel
{
    public static readonly Failure Entry =
        new("makedumpfile-behind-kernel", "makedumpfile is older than the kernel and does not know its version")
    {
        Area = Area.Writing,
        Signs = ["The kernel version is not supported."],
        // A saved dump has a rule of its own, and most saved dumps are complete.
        Unless = new Sign("The dumpfile is saved to ", "saving vmcore complete", "saved vmcore in "),
        Severity = Severity.Warning,
        Confidence = 0.6,
        Cause = "makedumpfile does not know this kernel's version and continues. Where it then gives up, that is the likely reason; a " +
            "dump that it finishes is usually complete, but some versions exclude too many pages of newer kernels without a word, others " +
            "too few (free pages then stay, and the dump is huge and slow).",
        Explains = ["makedumpfile-failed"],
        ByRelease = release => KernelNeed.LackedByAll(release) is { Severity: > Severity.Info } need
            ? new(need.Severity,
                $"makedumpfile does not know {release} and continues. " +
                $"Every release that says so of this kernel is older than {need.Version}, " +
                $"which Linux {need.Kernel} needs: {need.What}.", true)
            : new(Severity.Info, $"makedumpfile does not know {release} and continues. " +
                "Nothing is known that a release which says so of this kernel must do wrong: " +
                "its newest has all changes that this kernel needed.", false),
        Fixes =
        [
            new("Check whether the dump has holes, and which pages it contains", "kdt vmcore verify vmcore; kdt vmcore info vmcore"),
            new("Use a newer makedumpfile, and rebuild the image for the crash kernel", "makedumpfile -v; uname -r"),
        ],
        Origin = "makedumpfile.c get_kernel_version(), makedumpfile.h LATEST_VERSION; osandov/drgn issue 421, " +
            "sonic-net/sonic-buildimage issue 25890",
    };
}
