namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class NetworkNotReady
{
    public static readonly Failure Entry = new("network-not-ready", "the network was not there when the dump was to be sent")
    {
        Area = Area.Reaching,
        Signs =
        [
            new Sign("The network still isn't ready after waiting", "failed to get remote IP address", "Unable to get IP from network",
                "Network not reachable; will try", "Failed to get IP of {w}", "Error: Host not responding"),
        ],
        In = Life.Capture,
        CausedBy = ["driver-missing-in-image", "driver-probe-failed", "firmware-missing-in-image"],
        Explains = ["vmcore-incomplete"],
        Cause = "The card, its driver or its settings are not in the image, " +
            "the card has another name in the crash kernel, or the link came up too late.",
        Fixes = [new("Check which network cards the crash kernel had: its own log, lines of \"renamed from\" and \"Link is Up\"")],
        Origin = "kdump-utils dracut/99kdumpbase/kdump.sh, commits 9792994, 568623e, 1d7bdb5; Debian kdump-config; openSUSE kdump-save",
    };
}
