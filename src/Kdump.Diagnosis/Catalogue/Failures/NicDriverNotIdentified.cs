namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class NicDriverNotIdentified
{
    public static readonly Failure Entry =
        new("nic-driver-not-identified", "the driver of a network card on the way to the dump server could not be found")
    {
        Area = Area.Preparing,
        Signs = [new Sign("Failed to get the driver of {w}", "Failed to find the driver for {w}")],
        In = Life.First,
        Explains = ["network-not-ready", "driver-missing-in-image"],
        Cause = "mkdumprd asks the running system which driver serves the card; " +
            "a card behind another device (PHY, SR-IOV, Hyper-V) may not answer with a module.",
        Fixes = [new("Name it in extra_modules in /etc/kdump.conf", "ethtool -i DEVICE")],
        Origin = "kdump-utils dracut/99kdumpbase/module-setup.sh, commits d057153, 7a8edc8 and 821a5e6",
    };
}
