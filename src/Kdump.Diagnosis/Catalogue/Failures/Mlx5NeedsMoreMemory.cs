namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class Mlx5NeedsMoreMemory
{
    public static readonly Failure Entry = new("mlx5-needs-more-memory", "mlx5_core got no memory in the crash kernel")
    {
        Area = Area.Starting,
        Signs = [new Sign("mlx5_core: probe of {d} failed with error -12",
            "mlx5_core {d}: probe with driver mlx5_core failed with error -12")],
        In = Life.Capture,
        Subject = 1,
        Explains = ["driver-probe-failed:{1}"],
        Cause = "The driver of ConnectX cards takes several hundred megabytes (350 MB were measured with 64K pages), " +
            "more than the reservation has.",
        Fixes =
        [
            new("Leave the driver out if the dump does not go over that card: dracut_args --omit-drivers \"mlx5_core\" in /etc/kdump.conf",
                "kdumpctl rebuild && kdumpctl restart", "that card then has no network in the crash kernel"),
            new("Or reserve 150 to 200 MB more"),
        ],
        Origin = "kdump-utils commit a65dde2",
    };
}
