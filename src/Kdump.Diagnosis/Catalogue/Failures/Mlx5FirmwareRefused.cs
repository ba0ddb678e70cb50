namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class Mlx5FirmwareRefused
{
    public static readonly Failure Entry =
        new("mlx5-firmware-refused", "the firmware of {1} refused what mlx5_core set up: driver and firmware do not fit")
    {
        Area = Area.Hardware,
        Signs = [new Sign("^mlx5_core {d}: handle_hca_cap failed", "^mlx5_core {d}: * handle_hca_cap failed")],
        Subject = 1,
        Severity = Severity.Error,
        Confidence = 0.85,
        Cause = "At start the driver tells the card which of its capabilities it will use (SET_HCA_CAP). " +
            "The firmware answered that the values are bad: mostly a driver much older than the firmware, or built for another profile.",
        Fixes = [
            new("Use the driver that belongs to the firmware (a newer kernel or the vendor's module), " +
            "or put on the firmware that the driver's release notes name", "mstflint -d 01:00.0 query")],
        Explains = ["driver-probe-failed:{1}"],
        Origin = "drivers/net/ethernet/mellanox/mlx5/core/main.c handle_hca_cap(); github.com/pocopico/rp-ext/issues/129",
    };
}
