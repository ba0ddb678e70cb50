namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>Warnings of smartd, in a log or in the mail that it sends: what a disk tells of itself, checked every half hour.</summary>
internal static class SmartdFamilies
{
    /// <summary>How smartctl reaches a disk behind a RAID controller, by the name that smartd gives it.</summary>
    private static string? Reached(IReadOnlyList<string> taken)
    {
        int open = taken[0].IndexOf('[', StringComparison.Ordinal);
        string node = open < 0 ? taken[0].Trim() : taken[0][..open].Trim(), type = open < 0 ? "" : taken[0][(open + 1)..].TrimEnd(']');
        foreach ((string start, string option) in new[] { ("areca_disk#", "areca"), ("megaraid_disk_", "megaraid"),
            ("3ware_disk_", "3ware"), ("cciss_disk_", "cciss"), ("hpt_", "hpt") })
        {
            if (!type.StartsWith(start, StringComparison.Ordinal))
                continue;
            string[] numbers = [.. type[start.Length..].Split(['_', '#', '/'], StringSplitOptions.RemoveEmptyEntries)
                .Where(n => n.All(char.IsAsciiDigit)).Select(n => n.TrimStart('0') is { Length: > 0 } short1 ? short1 : "0")];
            string place = $"{option},{string.Join('/', numbers)}";
            return $"It is a disk behind a RAID controller: smartctl -x -d {place} {node} reads it.";
        }
        return node.StartsWith("/dev/", StringComparison.Ordinal) ? $"smartctl -x {node} reads its whole report." : null;
    }

    private const string Pending = "The disk could not read these sectors. What is in them is lost unless a mirror or a backup has it; " +
        "the disk replaces a sector when it is written. A number that does not go back after that, or grows, means a failing disk.";

    private const string Tested = "The disk tested itself and found sectors that it cannot read, or a fault of its mechanics.";

    public static readonly Family Warns = new("smartd-warns", "smartd warns of a disk")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Confidence = 0.9,
        Cause = "smartd reads a disk's own counters and reports when one of them gets worse.",
        Fixes =
        [
            new("Back up what is on it, then read its report and run its long self-test",
                "smartctl -x /dev/DISK; smartctl -t long /dev/DISK"),
            new("Replace it if a number grows or the self-test fails; in an array, check that the others are healthy before"),
        ],
        Tellings =
        [
            Of("FAILED SMART self-check. BACK UP DATA NOW", "{1} reports that it is failing", "The disk itself expects to fail.",
                Severity.Error),
            Of("SMART Failure: {t}", "{1} reports a failure: {2}", null, Severity.Error),
            Of("Critical Warning ({e}): {t}", "{1} reports a critical warning: {3}", null, Severity.Error),
            Of("{w} Offline uncorrectable sectors", "{1} has {2} sectors that it cannot read", Pending, Severity.Error),
            Of("{w} Currently unreadable (pending) sectors", "{1} has {2} pending sectors, which it cannot read", Pending),
            Of("{w} Total pending sectors", "{1} has {2} pending sectors, which it cannot read", Pending),
            Of("Self-Test Log error count increased from {w} to {w}", "the self-test of {1} failed again ({2} to {3} times)", Tested,
                Severity.Error),
            Of("new Self-Test Log error at hour timestamp {t}", "the self-test of {1} failed (at its hour {2})", Tested, Severity.Error),
            Of("ATA error count increased from {w} to {w}", "{1} counted new errors ({2} to {3})",
                "Errors that it answered to the controller: read errors, aborted commands, or damaged transfers (a cable). " +
                "Its error log tells which."),
            Of("number of Error Log entries increased from {w} to {w}", "{1} made new entries in its error log ({2} to {3})",
                "NVMe disks also write an entry for a command that they do not know: usually harmless.", Severity.Info),
            Of("Temperature {w} Celsius reached critical limit of {w} Celsius", "{1} is too hot: {2} °C (limit {3} °C)",
                "Check its cooling."),
            Of("Failed SMART usage Attribute: {w} {t}", "{1} has passed the threshold of {3}: old or much used",
                "An attribute of use (hours, starts, wear) passed its threshold: the disk is old, not faulty yet."),
            Of("failed to read SMART Attribute Data", "{1} does not answer when its counters are asked for",
                "The disk is gone, hangs, or its bridge (USB, RAID) does not pass the question on."),
        ],
        Origin = "smartmontools smartd.cpp",
    };

    private static Telling Of(string words, string title, string? why, Severity? severity = null) =>
        new("Device: {e}, " + words, title, why) { Severity = severity, Reads = Reached };

    public static readonly Family[] All = [Warns];
}
