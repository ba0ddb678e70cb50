namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class EarlyKdumpNotReady
{
    public static readonly Failure Entry = new("early-kdump-not-ready", "early kdump has no kernel or image to load")
    {
        Area = Area.Preparing,
        Signs =
        [
            new Sign("Could not find required kernel for earlykdump", "Could not find required kdump initramfs for earlykdump",
                "kexec: failed to load early-kdump kernel"),
        ],
        In = Life.First,
        Severity = Severity.Warning,
        Cause = "The boot initramfs was built before the kdump image existed, so a crash early in the boot leaves no dump.",
        Fixes = [new("Build the kdump image, then the boot image", "kdumpctl rebuild && dracut -f --add earlykdump")],
        Origin = "kdump-utils dracut/99earlykdump",
    };
}
