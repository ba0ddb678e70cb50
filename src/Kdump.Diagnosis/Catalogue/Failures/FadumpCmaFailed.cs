namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class FadumpCmaFailed
{
    public static readonly Failure Entry =
        new("fadump-cma-failed", "the memory reserved for fadump could not be made available to the running system (CMA)")
    {
        Area = Area.Preparing,
        Signs = [new Sign("fadump: Failed to init cma area for firmware-assisted",
            "Failed to init cma area for firmware-assisted dump,{w}")],
        Severity = Severity.Warning,
        Cause = "fadump itself works: its memory is still reserved. Only CMA did not take it over, " +
            "so programs cannot use this memory during normal operation. If the log also has \"cma: " +
            "pageblock_order not yet initialized\", the kernel asked too early during its start. " +
            "That is a bug of the kernel (seen in 7.0-rc1).",
        Fixes =
        [
            new("The dump needs no fix. To get the memory back, use a kernel in which this is fixed; check what is registered",
                "cat /sys/kernel/fadump/registered; dmesg | grep -iE 'fadump|cma'"),
        ],
        Kernels = "powerpc",
        Origin = "arch/powerpc/kernel/fadump.c fadump_cma_init(); linuxppc-dev mail 87ms0th9xt.ritesh.list@gmail.com",
    };
}
