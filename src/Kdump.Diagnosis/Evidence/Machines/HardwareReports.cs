using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>
/// Reads what tools print of a device's health, with or without the command line above it: <c>smartctl -a</c>, <c>nvme smart-log</c>,
/// <c>ethtool -S</c>, <c>sensors</c>, <c>edac-util</c>, <c>ras-mc-ctl --summary</c> and <c>--error-count</c>, <c>mcelog</c>. Only what a
/// person looks at first is kept.
/// </summary>
public sealed class HardwareReports : LineParser
{
    /// <summary>The value of edac-util where the kernel has no driver for the memory controller.</summary>
    public const string NoController = "memory controllers";

    private const int MaxValues = 1024;

    /// <summary>Lines of no known form within a report, after which it is over.</summary>
    private const int MostBetween = 60;

    private static readonly string[] Tools = ["smartctl", "nvme smart-log", "ethtool -S", "ethtool --statistics", "sensors", "edac-util",
        "ras-mc-ctl", "mcelog"];

    /// <summary>How lines begin that only one tool prints.</summary>
    private static readonly (string Text, string Tool)[] Openings =
    [
        ("SMART overall-health", "smartctl"), ("SMART Health Status:", "smartctl"), ("critical_warning", "nvme smart-log"),
        ("Critical Warning:", "smartctl"), ("edac-util: ", "edac-util"), ("No Memory errors.", "ras-mc-ctl"),
        ("No MCE errors.", "ras-mc-ctl"),
    ];

    /// <summary>lm-sensors' names of buses (lib/access.c sensors_get_adapter_name(), and the kernel's of I2C).</summary>
    private static readonly string[] Adapters = ["ISA adapter", "PCI adapter", "Virtual device", "ACPI interface", "SMBus", "HID adapter",
        "I2C", "MDIO adapter", "SPI adapter", "SCSI adapter"];

    private readonly List<ReportedValue> values = [];
    private string tool = "", device = "";
    private Source? first;
    private long last;
    private int between;
    private bool table, asked;

    /// <summary>Of <c>sensors</c> the chip, and the line before <c>Adapter:</c> that names it.</summary>
    private string chip = "", before = "";

    /// <summary>Of <c>mcelog --client</c> the module and the kind of error whose count comes next.</summary>
    private string dimm = "", kind = "";

    /// <summary>Texts of the lines that <see cref="DeviceOf"/> reads.</summary>
    internal static IReadOnlyList<string> Heads { get; } =
        ["smartctl ", "nvme smart-log", "ethtool -S", "ethtool --statistics", "Smart Log for NVME device:"];

    public override string Kind => "hardware report";

    public override IReadOnlyList<string> Signs { get; } =
    [
        "smartctl ", "nvme smart-log", "Smart Log for NVME device:", "(NVMe Log 0x02", "self-assessment test result:",
        "SMART Health Status:", "ATTRIBUTE_NAME", "ethtool -S", "ethtool --statistics", "NIC statistics:", "edac-util", "ras-mc-ctl",
            "No Memory errors.", "No MCE errors.", " mcelog", "Adapter: ", " sensors", "critical_warning", "\tCE\tUE", "Critical Warning:",
        "SOCKET ", " Corrected Errors", " Uncorrected Errors", "Pre-fail  Always", "Old_age   Always",
    ];

    public override bool Busy => first is not null && between < MostBetween;

    public override bool Line(in TextLine line, Facts facts)
    {
        if (line.Kernel.Stamped || line.Kernel.Foreign || line.Text.Length > 400)
            return false;
        bool taken = Read(line, facts);
        between = taken ? 0 : between + 1;
        if (taken)
            last = line.Number;
        before = line.Text.Trim().ToString();
        return taken;
    }

    public override void End(Facts facts)
    {
        if (first is { } source && (values.Count > 0 || (tool == "mcelog" && asked)))
            facts.Add(new HardwareReport(source, tool, device, [.. values]) { LastLine = last });
        values.Clear();
        (tool, device, first, between, table, chip, before, asked) = ("", "", null, 0, false, "", "", false);
    }

    private bool Read(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Text.Trim();
        if (Command(text, line, facts) || Head(text, line, facts))
            return true;
        return tool switch
        {
            "smartctl" => Attribute(text, line) || Field(text, line, ':') || text.StartsWith("SMART ", StringComparison.Ordinal),
            "nvme smart-log" => Field(text, line, ':'),
            "ethtool -S" => Counter(text, line),
            "sensors" => Sensor(text, line),
            "edac-util" => Edac(text, line),
            "ras-mc-ctl" => Ras(text, line),
            "mcelog" => Client(text, line) || Answered(text),
            _ => false,
        };
    }

    /// <summary>mcelog that found nothing prints nothing: any line that it did print makes it another report.</summary>
    private bool Answered(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text is "#" or "$" || text.EndsWith("# ", StringComparison.Ordinal) || text[^1] is '#' or '$')
            return false;
        asked = false;
        return false;
    }

    /// <summary><c>corrected memory errors:</c>, then <c>	0 total</c> and <c>	0 in 24h</c>.</summary>
    private bool Client(ReadOnlySpan<char> text, in TextLine line)
    {
        if (dimm.Length == 0)
            return false;
        if (text is "corrected memory errors:" or "uncorrected memory errors:")
        {
            kind = text[..^1].ToString();
            return true;
        }
        var c = new TextCursor(text);
        if (c.Number(out long count) && kind.Length > 0)
            return c.Rest is " in 24h" || (c.Rest is " total" && Keep(line, $"{dimm} {kind}", $"{count}"));
        return text.StartsWith("DMI_", StringComparison.Ordinal);
    }

    /// <summary>The device of a command line or of a head; empty where it names none, null for another line.</summary>
    internal static string? DeviceOf(ReadOnlySpan<char> text)
    {
        const string Nvme = "Smart Log for NVME device:";
        if (!text.StartsWith(Nvme, StringComparison.Ordinal))
            return Asked(text)?.Device;
        ReadOnlySpan<char> rest = text[Nvme.Length..].Trim();
        return Bare(rest.IndexOf(' ') is > 0 and var end ? rest[..end] : rest);
    }

    private bool Command(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        if (Asked(text) is not { } command)
            return false;
        Begin(command.Tool, command.Device, line, facts);
        return asked = true;
    }

    /// <summary><c># smartctl -a /dev/sdb</c>, <c>root@host:~$ sudo ethtool -S eno1 | grep err</c></summary>
    private static (string Tool, string Device)? Asked(ReadOnlySpan<char> text)
    {
        foreach (string name in Tools)
        {
            int at = text.IndexOf(name, StringComparison.Ordinal);
            if (at < 0 || !IsPrompt(text[..at]) || (at + name.Length < text.Length && text[at + name.Length] is not (' ' or '|')))
                continue;
            // "smartctl 7.2 2020-12-30 r5155 …" is the head of its output; "mcelog: words" is what it says.
            ReadOnlySpan<char> arguments = text[(at + name.Length)..].Trim();
            if ((arguments.Length > 0 && char.IsAsciiDigit(arguments[0])) ||
                (at == 0 && arguments.Contains(": ", StringComparison.Ordinal)))
                return null;
            string which = "";
            bool more = true;
            while (more && arguments.Length > 0)
            {
                int end = arguments.IndexOf(' ');
                ReadOnlySpan<char> word = end < 0 ? arguments : arguments[..end];
                arguments = end < 0 ? default : arguments[(end + 1)..].TrimStart(' ');
                more = word[0] is not ('|' or '>' or '#' or '&' or ';');
                if (more && (word.StartsWith("/dev/", StringComparison.Ordinal) || (name.StartsWith("ethtool", StringComparison.Ordinal) &&
                    word[0] != '-')))
                    which = Bare(word);
            }
            return (name == "ethtool --statistics" ? "ethtool -S" : name, which);
        }
        return null;
    }

    private static string Bare(ReadOnlySpan<char> word)
    {
        string name = (word.StartsWith("/dev/", StringComparison.Ordinal) ? word["/dev/".Length..] : word).TrimEnd(":,'\"").ToString();
        return PlainWord.Is(name) && name.Length < 48 ? name : "";
    }

    /// <summary>Nothing, a prompt, <c>sudo</c>, a path: not the middle of a sentence.</summary>
    private static bool IsPrompt(ReadOnlySpan<char> text)
    {
        text = text.TrimEnd(' ');
        if (text.EndsWith("sudo", StringComparison.Ordinal))
            text = text[..^4].TrimEnd(' ');
        if (text.EndsWith("/", StringComparison.Ordinal))
            text = text[..(text.LastIndexOf(' ') + 1)].TrimEnd(' ');
        return text.IsEmpty || text[^1] is '#' or '$' or '>' or '%';
    }

    private void Begin(string name, string which, in TextLine line, Facts facts)
    {
        End(facts);
        (tool, device, first) = (name, which, line.ToSource());
        last = line.Number;
    }

    /// <summary>Lines that only one tool prints, where the command line was not pasted with them.</summary>
    private bool Head(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        const string Nvme = "Smart Log for NVME device:";
        if (text.StartsWith(Nvme, StringComparison.Ordinal))
        {
            Become("nvme smart-log", line, facts);
            device = DeviceOf(text) ?? device;
            return true;
        }
        // The first line of its output: "smartctl 7.2 2020-12-30 r5155 [x86_64-linux-…".
        if (text.StartsWith("smartctl ", StringComparison.Ordinal) && text.Length > 12 && char.IsAsciiDigit(text[9]) &&
            text.Contains(" [", StringComparison.Ordinal))
        {
            if (tool != "smartctl" || values.Count > 0)
                Begin("smartctl", "", line, facts);
            return true;
        }
        // mcelog --client, with or without its command line.
        if (text.StartsWith("SOCKET ", StringComparison.Ordinal) && text.Contains(" CHANNEL ", StringComparison.Ordinal) &&
            text.Length < 64)
        {
            Become("mcelog", line, facts);
            (dimm, kind) = (text.ToString(), "");
            return true;
        }
        if (text.Contains("(NVMe Log 0x02", StringComparison.Ordinal) || text.StartsWith("ID# ATTRIBUTE_NAME", StringComparison.Ordinal))
        {
            Become("smartctl", line, facts);
            return table = true;
        }
        if (text is "NIC statistics:")
        {
            Become("ethtool -S", line, facts);
            return true;
        }
        if (text.StartsWith("Adapter: ", StringComparison.Ordinal) && IsBus(text["Adapter: ".Length..]))
        {
            string name = before;
            Become("sensors", line, facts);
            // Of the first chip of a text the line with its name went by unseen.
            chip = name.Length is > 3 and < 64 && !name.Contains(' ') && name.Contains('-') ? name : "";
            return true;
        }
        // Rows of the table that were pasted without its head.
        if (tool.Length == 0 && text.Length > 40 && char.IsAsciiDigit(text[0]) && (text.Contains("Pre-fail  Always",
            StringComparison.Ordinal) || text.Contains("Old_age   Always", StringComparison.Ordinal)))
        {
            Become("smartctl", line, facts);
            table = true;
            return Attribute(text, line);
        }
        string? other = null;
        foreach ((string opening, string name) in Openings)
            other ??= text.StartsWith(opening, StringComparison.Ordinal) ? name : null;
        if (text.StartsWith("mc", StringComparison.Ordinal) && text.Contains("orrected Errors", StringComparison.Ordinal))
            other = "edac-util";
        else if (text.EndsWith("\tCE\tUE", StringComparison.Ordinal))
            other = "ras-mc-ctl";
        if (other is null || other == tool || (tool == "smartctl" && other == "nvme smart-log"))
            return false;
        Become(other, line, facts);
        return Read(line, facts);
    }

    private static bool IsBus(ReadOnlySpan<char> text)
    {
        foreach (string bus in Adapters)
        {
            if (text.StartsWith(bus, StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    /// <summary>A report of this tool goes on, or begins here.</summary>
    private void Become(string name, in TextLine line, Facts facts)
    {
        if (tool != name)
            Begin(name, "", line, facts);
    }

    private bool Keep(in TextLine line, string name, ReadOnlySpan<char> value, string rating = "")
    {
        if (values.Count >= MaxValues)
            return false;
        values.Add(new(line.ToSource(), name, value.Trim().ToString(), rating));
        return true;
    }

    /// <summary><c>  5 Reallocated_Sector_Ct   0x0033   100   100   010    Pre-fail  Always       -       1312</c></summary>
    private bool Attribute(ReadOnlySpan<char> text, in TextLine line)
    {
        if (!table || text.Length < 40 || !char.IsAsciiDigit(text[0]))
            return false;
        string[] words = text.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // smartctl -x prints other columns: ID# NAME FLAGS VALUE WORST THRESH FAIL RAW.
        bool brief = words.Length > 7 && !words[2].StartsWith("0x", StringComparison.Ordinal);
        int failed = brief ? 6 : 8, raw = brief ? 7 : 9;
        return words.Length > raw && int.TryParse(words[0], out _) && int.TryParse(words[3], out _) &&
            Keep(line, words[1], words[raw], $"{words[3]} {words[5]} {words[failed]}");
    }

    /// <summary><c>critical_warning    : 0</c>, <c>Media and Data Integrity Errors:    0</c></summary>
    private bool Field(ReadOnlySpan<char> text, in TextLine line, char separator)
    {
        int colon = text.IndexOf(separator);
        if (colon < 4 || colon == text.Length - 1)
            return false;
        string name = text[..colon].Trim().ToString();
        string? known = name switch
        {
            "critical_warning" or "Critical Warning" => "critical_warning",
            "media_errors" or "Media and Data Integrity Errors" => "media_errors",
            "available_spare" or "Available Spare" => "available_spare",
            "available_spare_threshold" or "Available Spare Threshold" => "available_spare_threshold",
            "percentage_used" or "Percentage Used" => "percentage_used",
            "num_err_log_entries" or "Error Information Log Entries" => "num_err_log_entries",
            "temperature" or "Temperature" => "temperature",
            "SMART overall-health self-assessment test result" or "SMART Health Status" => "overall health",
            "Elements in grown defect list" or "Non-medium error count" => name,
            "Device Model" or "Model Number" or "Product" => "model",
            _ => null,
        };
        return known is not null && Keep(line, known, text[(colon + 1)..]);
    }

    /// <summary><c>     rx_crc_errors: 0</c></summary>
    private bool Counter(ReadOnlySpan<char> text, in TextLine line)
    {
        int colon = text.LastIndexOf(": ", StringComparison.Ordinal);
        return colon > 1 && ulong.TryParse(text[(colon + 2)..].Trim(), out _) && !text[..colon].Contains('=') &&
            Keep(line, text[..colon].Trim().ToString(), text[(colon + 2)..]);
    }

    /// <summary><c>fan2:           0 RPM  (min =  600 RPM)  ALARM</c></summary>
    private bool Sensor(ReadOnlySpan<char> text, in TextLine line)
    {
        int colon = text.IndexOf(':');
        if (colon < 2 || colon == text.Length - 1)
            return false;
        ReadOnlySpan<char> rest = text[(colon + 1)..].Trim();
        int open = rest.IndexOf('(');
        ReadOnlySpan<char> value = open < 0 ? rest : rest[..open];
        return rest.Length > 0 && (rest[0] is '+' or '-' || char.IsAsciiDigit(rest[0])) &&
            Keep(line, $"{text[..colon].Trim()}{(chip.Length > 0 ? $" of {chip}" : "")}", value, open < 0 ? "" : rest[open..].ToString());
    }

    /// <summary><c>mc0: csrow0: CPU_SrcID#0_Ha#0_Chan#0_DIMM#0: 0 Corrected Errors</c>, <c>edac-util: No errors to report.</c></summary>
    private bool Edac(ReadOnlySpan<char> text, in TextLine line)
    {
        if (text.StartsWith("edac-util: No errors to report", StringComparison.Ordinal))
            return Keep(line, "errors", "0");
        if (text.Contains("No memory controller data found", StringComparison.Ordinal) ||
            text.Contains("nable to find EDAC data in sysfs", StringComparison.Ordinal))
            return Keep(line, NoController, "none");
        int colon = text.LastIndexOf(": ", StringComparison.Ordinal);
        var c = new TextCursor(colon < 0 ? default : text[(colon + 2)..]);
        return text.StartsWith("mc", StringComparison.Ordinal) && c.Number(out long count) &&
            c.Rest.Contains("orrected Errors", StringComparison.Ordinal) && Keep(line, text[..colon].ToString(), $"{count}");
    }

    /// <summary><c>No Memory errors.</c>; <c>mc#0csrow#0channel#0	0	0</c></summary>
    private bool Ras(ReadOnlySpan<char> text, in TextLine line)
    {
        if (text.StartsWith("No ", StringComparison.Ordinal) && text.EndsWith(" errors.", StringComparison.Ordinal))
            return Keep(line, text[3..^1].ToString(), "0");
        int tab = text.IndexOf('\t');
        if (tab < 1 || text.StartsWith("Label", StringComparison.Ordinal))
            return tab > 0;
        ReadOnlySpan<char> counts = text[tab..].Trim();
        int gap = counts.IndexOf('\t');
        return gap > 0 && long.TryParse(counts[..gap], out long ce) && long.TryParse(counts[(gap + 1)..].Trim(), out long ue) &&
            Keep(line, text[..tab].Trim().ToString(), $"{ce + ue}");
    }
}
