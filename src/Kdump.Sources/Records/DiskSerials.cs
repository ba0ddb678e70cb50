using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;

namespace Kdump.Sources.Records;

/// <summary>
/// Reads serial numbers of disks: smartctl (also as JSON) and smartd's lines in a log, <c>hdparm -i</c> and <c>-I</c>, <c>nvme
/// id-ctrl</c> and <c>nvme list</c>, <c>sg_inq</c>, <c>lsblk</c> as table, pairs and JSON, <c>udevadm info</c>, lshw, kernel lines.
/// The command before a report names its disk, or else the name of its file (a sosreport's <c>smartctl_-a_.dev.sda</c>). A report
/// through a RAID controller names the volume, not the disk: it is skipped.
/// </summary>
internal sealed class DiskSerials : LineParser
{
    /// <summary>The most numbers of one input; the most lines between a report's disk and its number.</summary>
    private const int Most = 4096, Near = 40;

    private static readonly string[] Tools = ["smartctl", "hdparm", "nvme", "sg_inq", "sg_vpd", "sdparm"];

    /// <summary>smartctl(8), -d: disks behind a controller. Its info_name has <c>[megaraid_disk_03]</c>, <c>[areca_disk#01]</c>.</summary>
    private static readonly string[] Behind =
        ["megaraid", "cciss", "3ware", "areca", "aacraid", "sssraid", "jmb39x", "hpt,", "hpt_", "_disk_", "_disk#"];

    private static readonly string[] Names = ["name", "kname", "DevicePath", "Controller", "NAME", "KNAME"],
        Numbers = ["serial", "serial_number", "SerialNumber", "SERIAL"];

    private readonly UdevBlock udev = new();
    private readonly KernelDisks kernel = new();
    private readonly DiskTable table = new();
    private string? disk;
    private bool behind, named;
    private long since;
    private int told;

    public override string Kind => "serial numbers of disks";

    public override IReadOnlyList<string> Signs =>
    [
        "/dev/sd", "/dev/nvme", "/dev/mmcblk", "erial Number:", "erial number:", "SerialNo=", "S/N:", "SERIAL", "Node  ", "Device  ",
            "KERNEL",
            "{serial}", "\"name\"", "\"kname\"", "serial_number\"", "\"Controller\"", "P: /devices/", "sn  ", "Linux version ",
        .. KernelDisks.Signs,
    ];

    public override bool Busy => disk is not null || udev.Open || table.Open;

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Text, bare = text.Trim();
        if (!named)
            OfFile(line);
        if (disk is not null && line.Number > since + Near)
            disk = null;
        OfKernel(line, facts);
        if (!line.Kernel.Stamped && !OfUdev(bare, line, facts) && !OfTable(text, line, facts) && !Pairs(bare, line, facts) &&
            !OfSmartd(bare, line, facts))
            OfReport(bare, line, facts);
        // Other parsers use these lines as well.
        return false;
    }

    public override void End(Facts facts)
    {
        udev.End(facts);
        kernel.End(facts);
        table.End();
        (disk, behind, named, since, told) = (null, false, false, 0, 0);
    }

    private void OfKernel(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> m = line.Kernel.Message;
        if (m.StartsWith("Linux version ", StringComparison.Ordinal))
            kernel.End(facts);
        kernel.Line(m.StartsWith("scsi host", StringComparison.Ordinal) ? m["scsi ".Length..] : m, line, facts);
    }

    private bool OfUdev(ReadOnlySpan<char> bare, in TextLine line, Facts facts)
    {
        if (udev.Open && (bare.IsEmpty || bare.StartsWith("P: ", StringComparison.Ordinal) || udev.IsOther(bare)))
            udev.End(facts);
        return udev.Line(bare, line);
    }

    private bool OfTable(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        if (table.Head(text))
            return true;
        if (!table.Open || table.Row(text) is not { } row)
            return false;
        Add(row.Disk, row.Serial, line, facts, own: row.Disk.StartsWith("nvme", StringComparison.Ordinal));
        return true;
    }

    /// <summary>JSON, <c>NAME="sda" SERIAL="…"</c>, <c>KERNEL=="sda"</c> with <c>ATTRS{serial}=="…"</c>.</summary>
    private bool Pairs(ReadOnlySpan<char> bare, in TextLine line, Facts facts)
    {
        var c = new TextCursor(bare);
        if (c.Skip("looking at "))
        {
            disk = null;
            return true;
        }
        if (c.Skip("KERNEL==") || c.Skip("KERNELS=="))
        {
            Begin(DiskNames.IsDisk(c.Rest.Trim('"')) ? c.Rest.Trim('"').ToString() : null, line);
            return true;
        }
        if (c.Skip("ATTR{serial}==") || c.Skip("ATTRS{serial}=="))
        {
            Tell(c.Rest, line, facts, own: false);
            return true;
        }
        if (!bare.Contains('"'))
            return false;
        // smartctl prints it about its device, after the name.
        if (bare.StartsWith("\"info_name\"", StringComparison.Ordinal))
            behind |= disk is not null && IsBehind(bare);
        bool any = false;
        foreach (string key in Names)
        {
            if (Value(bare, key) is { } name)
            {
                string node = name.StartsWith("/dev/", StringComparison.Ordinal) ? name["/dev/".Length..] : name;
                Begin(DiskNames.IsDisk(node) ? node : null, line);
                any = true;
                break;
            }
        }
        foreach (string key in Numbers)
        {
            if (Value(bare, key) is { } number)
            {
                Tell(number, line, facts, own: key == "serial_number" || disk?.StartsWith("nvme", StringComparison.Ordinal) == true);
                any = true;
            }
        }
        return any;
    }

    /// <summary><c>Device: /dev/sda [SAT], ST4000NM0035-1V4107, S/N:ZC12ABCD, WWN:…</c>, as smartd prints it at its start.</summary>
    private bool OfSmartd(ReadOnlySpan<char> bare, in TextLine line, Facts facts)
    {
        var c = new TextCursor(bare);
        if (!c.SkipPast("Device: /dev/") || !c.Before("S/N:", out ReadOnlySpan<char> before))
            return false;
        int end = before.IndexOfAny(" ,");
        ReadOnlySpan<char> rest = c.Rest;
        if (end > 0 && DiskNames.IsDisk(before[..end]) && !IsBehind(before) &&
            DiskSerial.Of(rest.IndexOf(',') is >= 0 and var comma ? rest[..comma] : rest) is { } serial)
            Add(before[..end].ToString(), serial, line, facts, own: true);
        return true;
    }

    private void OfReport(ReadOnlySpan<char> bare, in TextLine line, Facts facts)
    {
        var c = new TextCursor(bare);
        if (c.Skip("Serial Number:") || c.Skip("Serial number:") || c.Skip("Unit serial number:"))
            Tell(c.Rest, line, facts, own: true);
        else if (c.SkipPast("SerialNo="))
            Tell(c.Rest, line, facts, own: true);
        else if (c.Skip("sn ") && c.SkipSpaces() && c.Skip(":"))
            Tell(c.Rest, line, facts, own: true);
        else if (c.Skip("serial: "))
            Tell(c.Rest, line, facts, own: false);
        else if (c.Skip("logical name: /dev/"))
            Begin(DiskNames.IsDisk(c.Rest.Trim()) ? c.Rest.Trim().ToString() : null, line);
        else if (bare.StartsWith("/dev/", StringComparison.Ordinal) && bare[^1] == ':')
            Begin(DiskNames.IsDisk(bare["/dev/".Length..^1]) ? bare["/dev/".Length..^1].ToString() : null, line);
        else if (bare.StartsWith("*-", StringComparison.Ordinal) || bare.StartsWith("Handle 0x", StringComparison.Ordinal))
            disk = null;
        else if (OfCommand(bare) is { } asked)
            Begin(asked.Length == 0 ? null : asked, line, IsBehind(bare));
    }

    /// <summary>The disk in a command, after a prompt or in a list of commands; empty: the prompt of another command.</summary>
    private static string? OfCommand(ReadOnlySpan<char> bare)
    {
        bool prompt = bare.IndexOf("# ", StringComparison.Ordinal) is >= 0 and < 60 || bare.IndexOf("$ ", StringComparison.Ordinal) is
            >= 0 and < 60;
        int dev = bare.LastIndexOf("/dev/", StringComparison.Ordinal);
        ReadOnlySpan<char> before = dev < 0 ? default : bare[..dev];
        bool asked = false;
        foreach (string t in Tools)
            asked |= HasWord(before, t);
        if (!asked)
            return prompt ? "" : null;
        ReadOnlySpan<char> node = bare[(dev + "/dev/".Length)..];
        int end = node.IndexOfAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789");
        return DiskNames.Of(end < 0 ? node : node[..end]) ?? "";
    }

    /// <summary><c>sos_commands/ata/smartctl_-a_.dev.sda</c>, <c>smartctl-sda.txt</c></summary>
    private void OfFile(in TextLine line)
    {
        named = true;
        ReadOnlySpan<char> name = line.Input.AsSpan()[(line.Input.LastIndexOf('/') + 1)..];
        bool asked = false;
        foreach (string tool in Tools)
            asked |= HasWord(name, tool);
        if (!asked || line.Number > Near)
            return;
        foreach (Range part in name.SplitAny("._- "))
        {
            if (DiskNames.IsDisk(name[part]))
                Begin(name[part].ToString(), line, IsBehind(name));
        }
    }

    /// <param name="passed">The report comes through a RAID controller.</param>
    private void Begin(string? name, in TextLine line, bool passed = false) =>
        (disk, behind, since) = (name, passed || (behind && name == disk), line.Number);

    private void Tell(ReadOnlySpan<char> text, in TextLine line, Facts facts, bool own)
    {
        if (disk is { } name && !behind && DiskSerial.Of(text) is { } serial)
            Add(name, serial, line, facts, own);
        disk = null;
    }

    private void Add(string name, string serial, in TextLine line, Facts facts, bool own)
    {
        if (told++ < Most)
            facts.Add(new DiskSerial(line.ToSource(), name, serial, own));
    }

    private static bool IsBehind(ReadOnlySpan<char> text)
    {
        foreach (string word in Behind)
        {
            if (text.Contains(word, StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    private static bool HasWord(ReadOnlySpan<char> text, string word)
    {
        int at = text.IndexOf(word, StringComparison.Ordinal);
        return at >= 0 && (at == 0 || !char.IsAsciiLetterOrDigit(text[at - 1])) &&
            (at + word.Length == text.Length || !char.IsAsciiLetterOrDigit(text[at + word.Length]));
    }

    /// <summary><c>"name": "sda"</c>, <c>"DevicePath" : "…"</c>, <c>NAME="sda"</c></summary>
    private static string? Value(ReadOnlySpan<char> text, string key)
    {
        bool pair = char.IsAsciiLetterUpper(key[0]) && key.Length > 2 && char.IsAsciiLetterUpper(key[1]);
        string sign = pair ? key + "=\"" : $"\"{key}\"";
        int at = text.IndexOf(sign, StringComparison.Ordinal);
        if (at < 0 || (pair && at > 0 && text[at - 1] != ' '))
            return null;
        ReadOnlySpan<char> rest = text[(at + sign.Length)..];
        if (!pair)
        {
            rest = rest.TrimStart(" :");
            if (rest.IsEmpty || rest[0] != '"')
                return null;
            rest = rest[1..];
        }
        int end = rest.IndexOf('"');
        return end < 0 ? null : rest[..end].ToString();
    }
}
