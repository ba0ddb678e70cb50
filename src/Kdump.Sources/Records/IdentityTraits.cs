using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;

namespace Kdump.Sources.Records;

/// <summary>
/// Reads what identifies a machine besides its name, and its distribution: machine-id(5) and boot ids as the journal and
/// hostnamectl print them, dmidecode's "System Information" (DMI type 1), os-release(5), systemd's greeting on the console.
/// </summary>
public sealed class IdentityTraits : LineParser
{
    /// <summary>Names of traits. A value belongs to one machine, or (a boot id) to one boot of it.</summary>
    public const string Machine = "machine id", Serial = "serial", Boot = "boot id";

    private const string Distribution = "distribution";

    /// <summary>The most values of each name; a log with more is of many machines.</summary>
    private const int MaxEach = 256, MaxValue = 120;

    /// <summary>Boards whose maker left the serial number out print one of these.</summary>
    private static readonly HashSet<string> NoSerial = new(StringComparer.OrdinalIgnoreCase)
    {
        "Not Specified", "Not Present", "Not Available", "Not Applicable", "None", "N/A", "Unknown", "Default string",
            "System Serial Number",
        "To be filled by O.E.M.", "To Be Filled By O.E.M", "Chassis Serial Number", "OEM", "Empty", "INVALID", "O.E.M.", "0", "0123456789",
        "1234567890", "123456789", "XXXXXXXX",
    };

    private static readonly (string Before, string Name)[] Ids =
    [
        ("_MACHINE_ID=", Machine), ("\"_MACHINE_ID\"", Machine), ("Machine ID: ", Machine), ("systemd.machine_id=", Machine),
        ("_BOOT_ID=", Boot), ("\"_BOOT_ID\"", Boot), ("Boot ID: ", Boot),
    ];

    private readonly HashSet<(string Name, string Value)> known = [];
    private bool system;

    public override string Kind => "identity";

    public override IReadOnlyList<string> Signs =>
        [.. Ids.Select(i => i.Before), "System Information", "Serial Number: ", "PRETTY_NAME=", "Operating System: ", "Welcome to "];

    /// <summary>Inside dmidecode's section of the system.</summary>
    public override bool Busy => system;

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Text;
        foreach ((string before, string name) in Ids)
        {
            if (text.IndexOf(before, StringComparison.Ordinal) is >= 0 and var at)
                Id(name, text[(at + before.Length)..], line, facts);
        }
        ReadOnlySpan<char> bare = text.Trim();
        if (bare is "System Information")
            system = true;
        else if (system && bare.StartsWith("Serial Number: ", StringComparison.Ordinal))
        {
            string serial = bare["Serial Number: ".Length..].Trim().ToString();
            if (!NoSerial.Contains(serial) && serial.AsSpan().ContainsAnyExcept("0 .-xX"))
                Add(Serial, serial, line, facts);
            system = false;
        }
        else if (text.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))
            Add(Distribution, text["PRETTY_NAME=".Length..].Trim().Trim("\"'").ToString(), line, facts);
        else if (bare.StartsWith("Operating System: ", StringComparison.Ordinal))
            Add(Distribution, bare["Operating System: ".Length..].Trim().ToString(), line, facts);
        else
            Greeting(line, facts);
        // Other parsers use these lines as well.
        return false;
    }

    /// <summary>A section ends with an empty line.</summary>
    public override bool Within(in TextLine line, Facts facts)
    {
        system &= !line.Text.Trim().IsEmpty;
        return false;
    }

    public override void End(Facts facts)
    {
        known.Clear();
        system = false;
    }

    /// <summary><c>Welcome to Debian GNU/Linux 12 (bookworm)!</c>; the greeting of an image names dracut or its own kind.</summary>
    private void Greeting(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> m = line.Kernel.Message.Trim();
        if (m.StartsWith("systemd[1]: ", StringComparison.Ordinal))
            m = m["systemd[1]: ".Length..];
        if (m.StartsWith("Welcome to ", StringComparison.Ordinal) && m[^1] == '!' &&
            !m.Contains("nitramfs", StringComparison.Ordinal) && !m.Contains("dracut", StringComparison.Ordinal) &&
            m.ContainsAnyInRange('0', '9'))
            Add(Distribution, m["Welcome to ".Length..^1].Trim().ToString(), line, facts);
    }

    /// <summary>32 hexadecimal digits, after what a form of the journal puts before them.</summary>
    private void Id(string name, ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        text = text.TrimStart(" :\"");
        int end = text.IndexOfAnyExcept("0123456789abcdefABCDEF-");
        string value = (end < 0 ? text : text[..end]).ToString().Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
        if (value.Length == 32 && value.AsSpan().ContainsAnyExcept('0'))
            Add(name, value, line, facts);
    }

    private void Add(string name, string value, in TextLine line, Facts facts)
    {
        if (value.Length is > 0 and <= MaxValue && known.Count < MaxEach && known.Add((name, value)))
            facts.Add(new Trait(line.ToSource(), name, value));
    }
}
