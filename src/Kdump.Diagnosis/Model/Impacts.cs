namespace Kdump.Diagnosis.Model;

/// <summary>
/// The impact of a finding on dump and machine if its rule does not give one. It is derived only from what the finding itself, or
/// the findings that it explains, prove; without proof there is no impact.
/// </summary>
internal static class Impacts
{
    /// <summary>The machine is up: what a crash would leave.</summary>
    private const string WouldNot = "A crash now leaves no dump";

    private const double Sure = 0.85;

    /// <summary>Findings that report a missing or incomplete dump; the most specific first.</summary>
    private static readonly (string Id, string Impact)[] LostDump =
    [
        ("dump-not-saved", "No dump was saved."),
        ("dump-target-missing", "No dump can be written: its target is not there."),
        ("dump-target-mount-failed", "No dump can be written: its target is not mounted."),
        ("capture-kernel-panic", "No dump: the crash kernel itself died."),
        ("capture-kernel-oom", "No dump was seen: the crash kernel ran out of memory first."),
        ("dump-tool-crashed", "No complete dump: the program that writes it died."),
        ("makedumpfile-failed", "No complete dump: makedumpfile gave up."),
        ("dump-write-failed", "No complete dump: writing it failed."),
        ("vmcore-incomplete", "The dump is not complete: the data after its end is lost."),
        ("crashkernel-not-reserved", $"{WouldNot}: a crash kernel has no memory."),
        ("kexec-load-rejected", $"{WouldNot}: the crash kernel is not loaded."),
        ("crash-kernel-not-loaded", $"{WouldNot}: no crash kernel is loaded."),
        ("image-cannot-dump", $"{WouldNot}: nothing in the image writes one."),
    ];

    /// <param name="finding">Its place in <paramref name="all"/>.</param>
    /// <param name="saved">A dump was written, so nothing cost it.</param>
    /// <param name="log">A kernel log was read, which would show that the machine went down.</param>
    public static string? Of(int finding, IReadOnlyList<Finding> all, CauseGraph graph, bool saved, bool log)
    {
        List<int> reached = graph.Reached(finding);
        if (!saved)
        {
            foreach ((string id, string impact) in LostDump)
            {
                int at = reached.FindIndex(i => all[i].Id == id && all[i].Severity >= Severity.Error);
                if (at >= 0 && all[reached[at]].Impact is { } told)
                    return told;
                // Not more certain than the finding that it is derived from.
                if (at >= 0)
                    return all[reached[at]].Confidence >= Sure ? impact : $"Likely: {char.ToLowerInvariant(impact[0])}{impact[1..]}";
            }
        }
        // A requested panic is only a note; a panic for lack of memory has no finding of its own.
        if (reached.Exists(i => (all[i].Id == "kernel-panic" && all[i].Severity >= Severity.Error) ||
            (all[i].Id == "out-of-memory" && all[i].Severity == Severity.Critical)))
            return saved ? "It took the machine down; the dump was written." : "It took the machine down.";
        if (all[finding].Severity != Severity.Warning || reached.Count > 1)
            return null;
        if (saved)
            return "The dump was written nevertheless.";
        return log ? "Nothing here shows that it took the machine down or cost a dump." : null;
    }
}
