namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class FadumpNotRegistered
{
    public static readonly Failure Entry = new("fadump-not-registered", "firmware-assisted dump could not be registered")
    {
        Area = Area.Preparing,
        Signs = [new Sign("fadump: failed to register", "fadump registering failed")],
        In = Life.First,
        Cause = "The firmware refused the areas to preserve: too many memory ranges, or the reservation is too small.",
        Fixes = [new("Read the kernel's messages, and reserve more", "dmesg | grep -i fadump")],
        Kernels = "powerpc",
        Origin = "kdump-utils kdumpctl start_fadump(); arch/powerpc/kernel/fadump.c",
    };
}
