namespace Kdump.Fuzz.Targets;

internal static class TargetTable
{
    public static readonly Target[] All = [.. TextTargets.All, .. DumpTargets.All, .. ImageTargets.All, .. TreeTargets.All];
}
