namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class DeviceNotReadyAfterCrash
{
    public static readonly Failure Entry = new("device-not-ready-after-crash", "{1} did not become ready for the crash kernel")
    {
        Area = Area.Starting,
        Signs =
        [
            new Sign("nvme {d}: Device not ready; aborting initialisation", "hpsa {d}: board not ready, timed out",
                "mlx5_core {d}: *in pre-initializing state, aborting"),
        ],
        In = Life.Capture,
        Subject = 1,
        Explains = ["dump-target-missing"],
        Cause = "The crashed kernel did not shut the device down, and the device does not respond when it is initialised again.",
        Fixes =
        [
            new("Keep reset_devices on the crash kernel's command line"),
            new("Update the device's firmware"),
            new("Dump to another target, so that its driver need not start"),
        ],
        Origin = "drivers/nvme/host/core.c nvme_wait_ready(), drivers/scsi/hpsa.c, drivers/net/ethernet/mellanox/mlx5/core/main.c; " +
            "lf-edge/eve pull request 2794",
    };
}
