namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class TargetSmallerThanMemory
{
    public static readonly Failure Entry = new("target-smaller-than-memory", "the dump target may be too small for a dump")
    {
        Area = Area.Preparing,
        Signs = ["There might not be enough space to save a vmcore."],
        In = Life.First,
        Severity = Severity.Info,
        Confidence = 0.6,
        Explains = ["no-space-on-target"],
        Cause = "The free space is smaller than the memory. A filtered and compressed dump is far smaller, so this is only a hint.",
        Fixes = [new("Estimate how large a dump would be now", "makedumpfile --mem-usage /proc/kcore")],
        Origin = "kdump-utils mkdumprd check_size()",
    };
}
