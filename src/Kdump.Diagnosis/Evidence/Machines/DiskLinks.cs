using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>One udev link: <c>pci-0000:01:00.0-nvme-1 -> ../../nvme0n1</c>.</summary>
public readonly record struct DiskLink(string Name, string Target);

/// <summary>What <c>ls -l</c> of a directory under /dev/disk showed at some moment.</summary>
/// <param name="Directory"><c>/dev/disk/by-path</c>, where the command or the names tell it; else empty.</param>
public sealed record DiskListing(Source Source, string Directory, IReadOnlyList<DiskLink> Links) : Fact(Source);

/// <summary>Reads <c>ls -l /dev/disk/by-*</c>, also between shell prompts.</summary>
public sealed class DiskLinks : LineParser
{
    /// <summary>Links kept of one listing and of all listings of an input.</summary>
    private const int MaxLinks = 4096, MaxLinksInAll = 65536;

    private readonly List<DiskLink> links = [];
    private string directory = "";
    private Source? first;
    private int kept;

    public override string Kind => "ls -l /dev/disk";

    public override IReadOnlyList<string> Signs => ["/dev/disk/by-", " -> ../../"];

    public override bool Busy => links.Count > 0;

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Text.Trim();
        int at = text.IndexOf("/dev/disk/by-", StringComparison.Ordinal);
        int prompt = text.IndexOfAny('#', '$');
        if (at >= 0 && text.IndexOf("ls ", StringComparison.Ordinal) is var ls && ls >= 0 && ls < at && (prompt < 0 || prompt < ls))
        {
            End(facts);
            ReadOnlySpan<char> path = text[at..];
            int end = path.IndexOf(' ');
            directory = (end < 0 ? path : path[..end]).TrimEnd('/').ToString();
            return true;
        }
        if (text.StartsWith("total ", StringComparison.Ordinal) && text.Length < 16)
            return false;
        var c = new TextCursor(text);
        if (!text.StartsWith("l", StringComparison.Ordinal) || !c.Before(" -> ../../", out ReadOnlySpan<char> left) || c.Empty)
        {
            End(facts);
            return false;
        }
        first ??= line.ToSource();
        if (links.Count < MaxLinks)
            links.Add(new(left[(left.LastIndexOf(' ') + 1)..].ToString(), c.Rest.Trim().ToString()));
        return true;
    }

    public override void End(Facts facts)
    {
        kept += links.Count;
        if (first is not null && links.Count > 0 && kept <= MaxLinksInAll)
            facts.Add(new DiskListing(first, directory.Length > 0 ? directory : DirectoryOf(links), links.ToArray()));
        if (first is not null)
            directory = "";
        links.Clear();
        first = null;
    }

    private static string DirectoryOf(List<DiskLink> links) =>
        links.TrueForAll(l => l.Name.StartsWith("pci-", StringComparison.Ordinal)) ? "/dev/disk/by-path" : "";
}
