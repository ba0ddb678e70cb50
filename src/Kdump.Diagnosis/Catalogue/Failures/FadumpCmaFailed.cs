namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class FadumpCmaFailed
{
    public static readonly Failure Entry =
        new("fadump-cma-failed", "the memory kept for fadump could not be lent to the running system (CMA)")
    {
        Area = Area.Preparing,
        Signs = [new Sign("fadump: Failed to init cma area for firmware-assisted",
            "Failed to init cma area for firmware-assisted dump,{w}")],
        Severity = Severity.Warning,
        Cause = "fadump itself works: " +
            "its memory is still reserved. Only CMA did not take it over, so programs cannot use it in normal running. " +
            "With \"cma: pageblock_order not yet initialized\" beside it the kernel asks too early in its start, " +
            "which is a bug of that kernel (seen in 7.0-rc1).",
        Fixes =
        [
            new("The dump needs no fix; to get the memory back use a kernel where this is fixed, or check what is registered",
                "cat /sys/kernel/fadump/registered; dmesg | grep -iE 'fadump|cma'"),
        ],
        Kernels = "powerpc",
        Origin = "arch/powerpc/kernel/fadump.c fadump_cma_init(); linuxppc-dev mail 87ms0th9xt.ritesh.list@gmail.com",
    };
}
