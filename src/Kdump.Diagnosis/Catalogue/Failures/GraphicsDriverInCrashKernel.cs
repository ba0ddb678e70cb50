namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class GraphicsDriverInCrashKernel
{
    public static readonly Failure Entry =
        new("graphics-driver-in-crash-kernel", "a graphics driver was started in the crash kernel before it ran out of memory")
    {
        Area = Area.Starting,
        Signs =
        [
            new Sign("nouveau {d}: ", "[drm] amdgpu kernel modesetting enabled", "amdgpu {d}: ", "i915 {d}: "),
            new Sign("Out of memory: Kill", "Out of memory and no killable processes", "System is deadlocked on memory",
                "page allocation failure: order:"),
        ],
        In = Life.Capture,
        Severity = Severity.Warning,
        Confidence = 0.85,
        Explains = ["capture-kernel-oom"],
        Cause = "Graphics drivers and their firmware take more memory than everything else that a dump needs.",
        Fixes = [new("Leave them out: dracut_args --omit-drivers \"nouveau amdgpu i915\" in /etc/kdump.conf",
            "kdumpctl rebuild && kdumpctl restart")],
        Origin = "kdump-utils commit 77a0246",
    };
}
