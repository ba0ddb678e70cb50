using System.Globalization;
using Kdump.Diagnosis.Catalogue.Families;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>
/// What a tool printed of a device: bad values that stand in a table (ATA attributes, sensors, registers of all ones), and, where none
/// is bad, which values were read.
/// </summary>
public sealed class HardwareReportRead : Rule
{
    private const int MostNamed = 6;

    public override string Id => "hardware-report";

    public override Entry Entry => new("hardware-report", "a tool's report of a device shows its state")
    {
        Area = Area.Hardware,
        Signature = ["SMART overall-health self-assessment test result: …", "Smart Log for NVME device:…", "NIC statistics:",
            "edac-util: No errors to report.", "No Memory errors."],
        Cause = "Values that tools read of a device, as they stood then. What the device does not count is not in them.",
        Origin = "smartmontools ataprint.cpp, nvmeprint.cpp; " +
            "nvme-cli; ethtool -S; lm-sensors sensors/chips.c; edac-utils; rasdaemon ras-mc-ctl; mcelog",
    };

    /// <summary>Attributes whose count is bad by itself. What they mean: smartmontools drivedb.h, ATA-8 ACS annex.</summary>
    private static readonly (string Name, Severity Severity, long Least, string Means)[] Attributes =
    [
        ("Current_Pending_Sector", Severity.Error, 1, "sectors that it cannot read at present (pending)"),
        ("Total_Pending_Sectors", Severity.Error, 1, "sectors that it cannot read at present (pending)"),
        ("Offline_Uncorrectable", Severity.Error, 1, "sectors that its own scan could not read"),
        ("Total_Offl_Uncorrectabl", Severity.Error, 1, "sectors that its own scan could not read"),
        ("Reported_Uncorrect", Severity.Error, 1, "errors that it could not correct and reported"),
        ("Reported_Uncorrectable_Errors", Severity.Error, 1, "errors that it could not correct and reported"),
        ("Uncorrectable_Error_Cnt", Severity.Error, 1, "errors that it could not correct"),
        ("End-to-End_Error", Severity.Error, 1, "errors on the way inside the disk (end to end)"),
        ("Spin_Retry_Count", Severity.Warning, 1, "times that its motor did not start at once"),
        ("Reallocated_Sector_Ct", Severity.Warning, 1, "bad sectors that it replaced by spare ones"),
        ("Reallocated_Event_Count", Severity.Warning, 1, "times that it replaced a bad sector"),
        ("Runtime_Bad_Block", Severity.Warning, 1, "blocks of flash that went bad in use"),
        ("UDMA_CRC_Error_Count", Severity.Warning, 10, "transfers that were damaged between disk and controller (cable, plug)"),
        ("CRC_Error_Count", Severity.Warning, 10, "transfers that were damaged between disk and controller (cable, plug)"),
    ];

    private static readonly string[] OnCable = ["UDMA_CRC_Error_Count", "CRC_Error_Count"];

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        HardwareReport[] all = [.. facts.Of<HardwareReport>()];
        foreach (HardwareReport read in all)
        {
            HardwareReport report = read.Device.Length > 0 ? read : read with { Device = Only(all, read) };
            Finding? bad = report.Tool switch
            {
                "smartctl" => OfDisk(report) ?? Spare(report),
                "nvme smart-log" => Spare(report),
                "ethtool -S" => AllOnes(report),
                "sensors" => Alarm(report),
                "edac-util" => NotWatched(report),
                _ => null,
            };
            if (bad is not null)
                yield return bad;
            else if (IsClean(report, all, facts) && Clean(report) is { } clean)
                yield return clean;
        }
    }

    /// <summary>Rows above a command line are of its device, if the text has only one.</summary>
    private static string Only(HardwareReport[] all, HardwareReport report)
    {
        string[] named = [.. all.Where(r => r.Tool == report.Tool && r.Source.Input == report.Source.Input && r.Device.Length > 0)
            .Select(r => r.Device).Distinct(StringComparer.Ordinal).Take(2)];
        return named.Length == 1 ? named[0] : "";
    }

    internal static string Of(HardwareReport report, string kind) => report.Device.Length == 0 ? $"the {kind}"
        : $"the {kind} {report.Device}";

    private static bool IsBad(HardwareReport report) => report.Tool == "smartctl" && Bad(report).Count > 0;

    private static List<((string Name, Severity Severity, long Least, string Means) a, ReportedValue? Value)> Bad(HardwareReport report) =>
        [.. Attributes.Select(a => (a, Value: report.Find(a.Name)))
            .Where(x => x.Value is not null && Count(x.Value.Text) is { } n && n >= x.a.Least && n < uint.MaxValue / 2)];

    /// <summary>An NVMe disk's own limit, which sets a bit of critical_warning late or not at all (NVMe base specification, SMART /
    /// Health log).</summary>
    private Finding? Spare(HardwareReport report)
    {
        if (report.Find("available_spare") is not { } spare || report.Find("available_spare_threshold") is not { } limit ||
            Count(spare.Text) is not { } left || Count(limit.Text) is not { } least || left >= least)
            return null;
        return new Finding(Id, $"{Of(report, "disk")} has {left} % of its spare blocks left, less than its own limit of {least} %",
            Severity.Error, 0.9, "Spare blocks take the place of those that fail; without them the disk fails, or can only be read.")
        {
            Subject = report.Subject,
            Fixes = [new("Save its data and replace it", $"nvme smart-log {report.Path("nvme0")}")],
            Evidence = [spare.Source, limit.Source],
        };
    }

    private Finding? OfDisk(HardwareReport report)
    {
        var bad = Bad(report);
        ReportedValue? failing = report.Values.FirstOrDefault(v => v.Rating.EndsWith("FAILING_NOW", StringComparison.Ordinal) ||
            v.Rating.EndsWith(" NOW", StringComparison.Ordinal));
        if (bad.Count == 0 && failing is null)
            return null;
        string disk = Of(report, "disk"), device = report.Path("DISK");
        bool cable = failing is null && bad.TrueForAll(b => Array.IndexOf(OnCable, b.a.Name) >= 0);
        string counts = string.Join(", ", bad.Take(MostNamed).Select(b => $"{Count(b.Value!.Text)} {b.a.Means}"));
        string title = failing is not null ? $"{disk} is failing by its own table: {failing.Name} is below its threshold"
            : $"{disk} counts {counts}";
        var why = new List<string>();
        if (failing is not null && counts.Length > 0)
            why.Add($"It counts {counts}.");
        if (cable)
            why.Add("Damaged transfers are repeated, and come from cable, plug, backplane or power, not from the disk. " +
                "The count never falls: only a growing one is trouble.");
        else
            why.Add("These are totals that the disk keeps itself: they tell that it happened, not when.");
        if (report.Find("overall health")?.Text is "PASSED")
            why.Add("PASSED only says that no value is below its maker's threshold.");
        if (report.Find("model") is { } model)
            why.Add($"It calls itself {model.Text}.");
        return new Finding(Id, title, failing is not null ? Severity.Error : bad.Max(b => b.a.Severity), 0.9, string.Join(' ', why))
        {
            Subject = report.Subject,
            Fixes = cable
                ? [new("Change cable and port, and read it again after some load", $"smartctl -A {device}")]
                : [new("Back up its data, then run its self-test", $"smartctl -t long {device}"),
                    new("Replace it if the numbers grow, or if the test ends in a read failure")],
            Evidence = [.. new[] { failing?.Source }.OfType<Source>(), .. bad.Take(MostNamed).Select(b => b.Value!.Source)],
        };
    }

    /// <summary>A register of a card that no longer answers reads as ones, so do all its counters.</summary>
    private Finding? AllOnes(HardwareReport report)
    {
        ReportedValue[] ones = [.. report.Values.Where(v => IsOnes(v.Text))];
        if (ones.Length < 2)
            return null;
        string card = Of(report, "network card");
        return new Finding(Id, $"{card} no longer answers: {ones.Length} of its counters read as all ones", Severity.Error, 0.85,
            "Every read of a device that is gone from the bus returns all ones. These are no counts of errors.")
        {
            Subject = report.Subject,
            Fixes = [new("Look for the moment in the kernel's log: link lost, AER, a reset that failed",
                "dmesg | grep -i -e 'link lost' -e AER -e reset"), new("Check its link and power", "lspci -vvv")],
            Evidence = [.. ones.Take(MostNamed).Select(v => v.Source)],
        };
    }

    /// <summary>Without a driver errors are not counted, which does not mean "no errors".</summary>
    private Finding? NotWatched(HardwareReport report) => report.Find(HardwareReports.NoController) is not { } none ? null
        : new Finding(Id, "edac-util sees no memory controller: the kernel counts no memory errors on this machine", Severity.Info, 0.85,
            "No EDAC driver is loaded: " +
                "the machine has none that fits (a virtual machine, memory without ECC, a processor that this kernel does not know yet), " +
                "or the firmware keeps the errors to itself. It is no sign that the memory is well, nor of an error.")
        {
            Fixes = [new("See whether a driver fits, and whether the firmware keeps records of its own", "dmesg | grep -i edac; " +
                "ls /sys/devices/system/edac/mc; ipmitool sel elist | grep -i mem")],
            Evidence = [none.Source],
        };

    /// <summary>The text is 32 or 64 bits of ones.</summary>
    internal static bool IsOnes(string text) => text is "4294967295" or "18446744073709551615";

    private Finding? Alarm(HardwareReport report)
    {
        // Heat comes first: limits of fans and voltages are often nobody's.
        ReportedValue[] out0 = [.. report.Values.Where(IsBeyond).OrderByDescending(v => v.Text.Contains('C'))];
        string aside = Aside(report, out0);
        if (out0.Length == 0)
            return null;
        return new Finding(Id, $"the sensor {out0[0].Name} is beyond its limit: {out0[0].Text} {out0[0].Rating.Trim()}" +
            (out0.Length > 1 ? $" (and {out0.Length - 1} more)" : ""), Severity.Warning, 0.8,
            "The value is outside the limits that the chip, or the board's maker, has set. " +
                "Limits of voltages and fans are often wrong for a board; those of temperatures of CPUs are not." + aside)
        {
            Fixes = [new("Check fans, dust and cooler; compare with what the BIOS shows", "sensors")],
            Evidence = [.. out0.Take(MostNamed).Select(v => v.Source)],
        };
    }

    /// <summary>Flags that no number bears out are told, not counted.</summary>
    private static string Aside(HardwareReport report, ReportedValue[] beyond)
    {
        string[] names = [.. report.Values.Where(v => v.Rating.Contains("ALARM", StringComparison.Ordinal) && !beyond.Contains(v))
            .Select(v => $"{v.Name} ({v.Text})")];
        return names.Length == 0 ? "" : " Set aside: the flag ALARM " +
            $"of {string.Join(", ", names.Take(MostNamed))}{(names.Length > MostNamed ? $" and {names.Length - MostNamed} more" : "")}, " +
            "whose value is within its limits, or whose limits are not set: the flag also stays after an alarm has ended.";
    }

    /// <summary>By its numbers, not by its flag: <c>ALARM</c> is also shown for limits that were not set.</summary>
    private static bool IsBeyond(ReportedValue value)
    {
        if (Number(value.Text) is not { } now)
            return false;
        double? low = Limit(value.Rating, "min"), high = Limit(value.Rating, "max"), crit = Limit(value.Rating, "crit");
        if (value.Text.Contains('C'))
            return IsTooHot(now, value.Rating, crit) || (low is { } cold && cold != 0 && now < cold && now > -60);
        // Limits that nobody set: all zero, or the largest the chip knows.
        if (low is 0 && high is 0 or null)
            low = null;
        return (crit is > 0 and < 150 && now >= crit && now < 150) || (low is { } l && l != 0 && now < l && now > -60) ||
            (value.Text.Contains('V') && high is > 0 && now > high);
    }

    /// <summary>At or above the critical limit; at or above the high one where the flag says so too.</summary>
    private static bool IsTooHot(double now, string rating, double? crit)
    {
        double? warm = rating.Contains("ALARM", StringComparison.Ordinal) ? Limit(rating, "high") : null;
        return now < 150 && ((crit is > 0 and < 150 && now >= crit) || (warm is > 0 and < 127 && now >= warm));
    }

    private static double? Limit(string rating, string name)
    {
        int at = rating.IndexOf(name, StringComparison.Ordinal);
        int sign = at < 0 ? -1 : rating.IndexOf('=', at);
        return sign < 0 || sign - at > 8 ? null : Number(rating[(sign + 1)..]);
    }

    private static double? Number(string text)
    {
        ReadOnlySpan<char> t = text.AsSpan().TrimStart(' ').TrimStart('+');
        int end = 0;
        while (end < t.Length && (char.IsAsciiDigit(t[end]) || t[end] is '.' or '-'))
            end++;
        return double.TryParse(t[..end], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;
    }

    private static long? Count(string text)
    {
        int end = 0;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        return long.TryParse(text.AsSpan(0, end), out long count) ? count : null;
    }

    /// <summary>No rule found anything in its lines, and no other report of that device is bad.</summary>
    private static bool IsClean(HardwareReport report, HardwareReport[] all, Facts facts) =>
        !all.Any(r => r.Source.Input == report.Source.Input && r.Tool == report.Tool && r.Device.Length == 0 && IsBad(r)) &&
            !facts.Of<FamilySeen>().Any(s => report.Holds(s.Source)) && !facts.Of<EdacError>().Any(e => report.Holds(e.Source)) &&
        report.Find("overall health")?.Text is null or "PASSED" or "OK";

    private Finding? Clean(HardwareReport report)
    {
        string read = report.Tool switch
        {
            "smartctl" or "nvme smart-log" => string.Join(", ", Health.Select(n => (n, report.Find(n))).Where(x => x.Item2 is not null)
                .Select(x => $"{x.n} {x.Item2!.Text}").Take(MostNamed)),
            "ethtool -S" => Errors(report),
            "sensors" => Counted.Of(report.Values.Count, "value") + " within their limits",
            "mcelog" => report.Values.Count switch
            {
                0 => "no machine check was logged",
                _ when report.Values.All(v => v.Text == "0") => "no memory error was counted",
                _ => "",
            },
            _ => report.Values.All(v => v.Text == "0") ? "no error was counted" : "",
        };
        string whose = report.Device.Length > 0 ? $" of {report.Device}" : "";
        if (report.Tool == "ethtool -S" && read.Length == 0 && Some(report) is [_, ..] some)
        {
            return new Finding(Id, $"{report.Tool}{whose} shows no count that means a fault by itself: " +
                string.Join(", ", some.Take(MostNamed).Select(v => $"{v.Name} {v.Text}")), Severity.Info, 0.7,
                "Counters run since the driver was loaded, and small counts are normal. " +
                "Read them twice, a minute apart: only what grows is trouble.")
            {
                Subject = report.Subject,
                Evidence = [.. some.Take(MostNamed).Select(v => v.Source)],
            };
        }
        if (read.Length == 0)
            return null;
        // Its own judgement alone says little: disks with thousands of bad sectors pass.
        if (report.Tool == "smartctl" && !report.Values.Any(v => v.Rating.Length > 0 || v.Name is "media_errors" or
            "Elements in grown defect list"))
        {
            return new Finding(Id, $"{report.Tool}{whose} only has the disk's own judgement: {read}", Severity.Info, 0.6,
                "PASSED only says that no value is below its maker's threshold; " +
                    "disks with many bad sectors pass, too. The counts stand in the table of attributes.")
            {
                Subject = report.Subject,
                Fixes = [new("Read its table of attributes, its error log and its self-tests",
                    $"smartctl -x {report.Path("DISK")}")],
                Evidence = [report.Find("overall health")?.Source ?? report.Source],
            };
        }
        return new Finding(Id, $"{report.Tool}{whose} shows no error: {read}", Severity.Info, 0.85,
            "This is what the tool read at that time. It does not prove that the device is healthy: what it does not count is not in it." +
            (report.Tool == "sensors" ? Aside(report, []) : "") +
            (report.Find("num_err_log_entries") is { } log && Count(log.Text) > 0
                ? " Entries of the error log are mostly commands that the disk does not know, which is no fault." : ""))
        {
            Subject = report.Subject,
            Evidence = [report.Values.Count > 0 ? report.Values[0].Source : report.Source],
        };
    }

    private static readonly string[] Health = ["overall health", "critical_warning", "media_errors", "available_spare", "percentage_used",
        "Reallocated_Sector_Ct", "Current_Pending_Sector", "Offline_Uncorrectable", "UDMA_CRC_Error_Count",
            "Elements in grown defect list"];

    /// <summary>Counters whose name is of an error, and that are not zero.</summary>
    private static ReportedValue[] Some(HardwareReport report) => [.. OfErrors(report).Where(v => v.Text != "0")];

    private static IEnumerable<ReportedValue> OfErrors(HardwareReport report) =>
        report.Values.Where(v => Array.Exists(Words, w => v.Name.Contains(w, StringComparison.OrdinalIgnoreCase)));

    private static string Errors(HardwareReport report)
    {
        int all = OfErrors(report).Count();
        return all == 0 || Some(report).Length > 0 ? "" : $"{Counted.Of(all, "counter")} of errors, drops and time-outs are zero";
    }

    private static readonly string[] Words = ["err", "crc", "drop", "timeout", "miss", "discard", "fault", "collision", "jabber", "bad"];
}
