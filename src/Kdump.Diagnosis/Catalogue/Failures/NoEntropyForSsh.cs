namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class NoEntropyForSsh
{
    public static readonly Failure Entry = new("no-entropy-for-ssh", "ssh waited for random numbers in the crash kernel")
    {
        Area = Area.Reaching,
        Signs = ["random: ssh*: uninitialized urandom read"],
        Unless = "random: crng init done",
        In = Life.Capture,
        Severity = Severity.Warning,
        Confidence = 0.7,
        Cause = "A crash kernel has no disk, " +
            "no keyboard and one CPU to gather randomness from, and older kernels block until they have enough.",
        Fixes = [new("Update kdump-utils, which carries a random seed in the image", "kdumpctl rebuild && kdumpctl restart")],
        Kernels = "before 5.18",
        Origin = "kdump-utils commit c5c4a7b; drivers/char/random.c",
    };
}
