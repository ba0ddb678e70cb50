using Kdump.Diagnosis.Catalogue;
using Kdump.Diagnosis.Model;

namespace Kdump.Sources.Records;

/// <summary>Which serial number a disk has.</summary>
/// <param name="Disk">Its name in the kernel: <c>sda</c>, <c>nvme0n1</c> or <c>nvme0</c>, <c>mmcblk0</c>.</param>
/// <param name="Own">The disk itself reported it; otherwise udev, whose number may be that of a bridge in front of the disk.</param>
internal sealed record DiskSerial(Source Source, string Disk, string Serial, bool Own) : Fact(Source)
{
    /// <summary>ATA and NVMe have 20 characters; SCSI's page 80h may hold more.</summary>
    private const int MaxSerial = 64;

    private static readonly HashSet<string> NoSerial = new(StringComparer.OrdinalIgnoreCase)
    {
        "n/a", "none", "unknown", "(null)", "null", "unavailable", "[No Information Found]", "Not Specified", "Not Available",
    };

    /// <summary>The serial number; null where the text is no number of a single disk.</summary>
    public static string? Of(ReadOnlySpan<char> text)
    {
        text = text.Trim().Trim("\"',").Trim();
        if (text.Length is 0 or > MaxSerial || NoSerial.Contains(text.ToString()) || !text.ContainsAnyExcept("0 .-_xX"))
            return null;
        foreach (char c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !"-_./:+ ".Contains(c))
                return null;
        }
        return text.ToString();
    }
}

/// <summary>Another name of a disk: <c>ata3</c>, the address of an NVMe controller.</summary>
internal sealed record DiskPlace(Source Source, string Place, string Disk) : Fact(Source);

/// <summary>Names of disks that may have a serial number.</summary>
internal static class DiskNames
{
    /// <summary><c>sda</c>, <c>sdab</c>, <c>nvme0n1</c>, <c>nvme0</c>, <c>mmcblk0</c></summary>
    public static bool IsDisk(ReadOnlySpan<char> word) =>
        (word.Length is 3 or 4 or 5 && word.StartsWith("sd", StringComparison.Ordinal) && !word[2..].ContainsAnyExceptInRange('a', 'z')) ||
        (word.StartsWith("nvme", StringComparison.Ordinal) && word.Length < 14 && IsNvme(word[4..])) ||
        (word.StartsWith("mmcblk", StringComparison.Ordinal) && word.Length is > 6 and < 10 &&
            !word[6..].ContainsAnyExceptInRange('0', '9'));

    /// <summary>The disk of a node or partition, <c>/dev/sda1</c>; null: of none.</summary>
    public static string? Of(ReadOnlySpan<char> node)
    {
        node = node.Trim().Trim("\"',");
        if (node.StartsWith("/dev/", StringComparison.Ordinal))
            node = node["/dev/".Length..];
        string disk = BlockName.DiskOf(node.ToString());
        return IsDisk(disk) ? disk : null;
    }

    /// <summary>The name under which a serial number is kept: an NVMe controller for its namespaces, which share one.</summary>
    public static string Key(string disk) => disk.StartsWith("nvme", StringComparison.Ordinal) && disk.IndexOf('n', 4) is > 4 and var name
        ? disk[..name] : disk;

    /// <summary><c>0</c>, <c>0n1</c></summary>
    private static bool IsNvme(ReadOnlySpan<char> rest)
    {
        int name = rest.IndexOf('n');
        return IsNumber(name < 0 ? rest : rest[..name]) && (name < 0 || IsNumber(rest[(name + 1)..]));
    }

    private static bool IsNumber(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExceptInRange('0', '9');
}
