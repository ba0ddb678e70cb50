namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class FadumpNotReserved
{
    public static readonly Failure Entry = new("fadump-not-reserved", "no memory could be reserved for firmware-assisted dump")
    {
        Area = Area.Preparing,
        Signs = [new Sign("fadump: Failed to find memory chunk for reservation", "fadump: Failed to reserve memory",
            "Firmware-assisted dump is not supported on this hardware", "fadump: Invalid boot memory size")],
        In = Life.First,
        Explains = ["fadump-not-registered", "no-capture-kernel"],
        Cause = "fadump=on requires firmware that supports it, and a free range as large as crashkernel= requests.",
        Fixes = [new("Reserve less, or use kdump instead (remove fadump= from the command line)",
            "dmesg | grep -i fadump; grubby --info=DEFAULT")],
        Kernels = "powerpc",
        Origin = "arch/powerpc/kernel/fadump.c fadump_reserve_mem()",
    };
}
