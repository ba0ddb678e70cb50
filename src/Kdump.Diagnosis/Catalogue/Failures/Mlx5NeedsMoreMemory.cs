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
        Cause = "The driver of ConnectX cards takes some hundred megabytes " +
            "(350 MB were measured with 64K pages), which the reservation does not hold.",
        Fixes =
        [
            new("Leave the driver out if the dump does not go over that card: dracut_args --omit-drivers \"mlx5_core\" in /etc/kdump.conf",
                "kdumpctl rebuild", "nothing can then be reached over it"),
            new("Or reserve 150 to 200 MB more"),
        ],
        Origin = "kdump-utils commit a65dde2",
    };
}
