using System.Text;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Archives;
using Kdump.Formats.Bytes;

namespace Kdump.Sources.Images;

/// <summary>
/// Compares the unpacked content of two images: compression, order, times and inode numbers are ignored. Modules are compared by their
/// place below their release, so that images of two kernels can be compared.
/// </summary>
public sealed class ImageComparison
{
    /// <summary>Lines of a text difference that are shown.</summary>
    private const int MaxLines = 12;

    private const int MaxText = 256 * 1024;

    private readonly List<ImageDifference> differences = [];
    private readonly Dictionary<NodeContent, string> hashes = [];

    private ImageComparison(BootImage a, BootImage b)
    {
        ReleasesA = Releases(a.Root);
        ReleasesB = Releases(b.Root);
        UnreadA = a.Damages.Any();
        UnreadB = b.Damages.Any();
        Compare(Paths(a), Paths(b));
        differences.Sort(InOrder);
    }

    private static int InOrder(ImageDifference x, ImageDifference y)
    {
        if (x.Group != y.Group)
            return x.Group.CompareTo(y.Group);
        return x.Change != y.Change ? x.Change.CompareTo(y.Change) : string.CompareOrdinal(x.Path, y.Path);
    }

    /// <summary>Most dangerous first.</summary>
    public IReadOnlyList<ImageDifference> Differences => differences;

    public IReadOnlyList<string> ReleasesA { get; }

    public IReadOnlyList<string> ReleasesB { get; }

    public int Same { get; private set; }

    /// <summary>A part of the first image cannot be read, so files that are only in the second may be in both.</summary>
    public bool UnreadA { get; }

    /// <summary>The same of the second image.</summary>
    public bool UnreadB { get; }

    /// <summary>A difference that can decide whether a dump succeeds.</summary>
    public bool Matters => !ReleasesA.SequenceEqual(ReleasesB) || differences.Exists(d => d.Group <= ImageGroup.Firmware);

    public static ImageComparison Of(BootImage a, BootImage b) => new(a, b);

    private static string[] Releases(ImageLayer layer) =>
        (layer.Find("/usr/lib/modules") ?? layer.Find("/lib/modules"))?.Children.Where(c => c.IsDirectory).Select(c => c.Name).ToArray()
            ?? [];

    /// <summary>Every entry that is no folder, by its path; a squashfs or erofs root is replaced by the tree in it.</summary>
    private static Dictionary<string, ImageNode> Paths(BootImage image)
    {
        var paths = new Dictionary<string, ImageNode>(StringComparer.Ordinal);
        foreach (ImageNode node in image.Outer.Root.All()
            .Where(n => !n.IsDirectory && !image.Layers.Any(l => l.BecomesRoot && l.Name == n.Path[1..])))
            paths[Place(image.Root == image.Outer ? node.Path : "outer:" + node.Path)] = node;
        foreach (ImageNode node in image.Root == image.Outer ? [] : image.Root.Root.All().Where(n => !n.IsDirectory))
            paths[Place(node.Path)] = node;
        return paths;
    }

    private static string Place(string path)
    {
        int at = path.IndexOf("/lib/modules/", StringComparison.Ordinal);
        int end = at < 0 ? -1 : path.IndexOf('/', at + 13);
        return end < 0 ? path : path[..(at + 13)] + "*" + path[end..];
    }

    private void Compare(Dictionary<string, ImageNode> a, Dictionary<string, ImageNode> b)
    {
        foreach ((string path, ImageNode node) in a.Where(p => !b.ContainsKey(p.Key)))
            Add(path, ImageChange.OnlyA, node, [Size(node)]);
        foreach ((string path, ImageNode node) in b.Where(p => !a.ContainsKey(p.Key)))
            Add(path, ImageChange.OnlyB, node, [Size(node)]);
        var alike = new List<(string Path, ImageNode A, ImageNode B)>();
        foreach ((string path, ImageNode x) in a)
        {
            if (!b.TryGetValue(path, out ImageNode? y))
                continue;
            if (x.Type != y.Type)
                Add(path, ImageChange.Type, x, ["another type of file"]);
            else if (x.Target != y.Target)
                Add(path, ImageChange.Target, x, [$"-> {x.Target}", $"-> {y.Target}"]);
            else
            {
                if ((x.Mode & 0xfff) != (y.Mode & 0xfff) && x.Target is null)
                    Add(path, ImageChange.Mode, x, [FileType.ModeText(x.Mode), FileType.ModeText(y.Mode)]);
                if (x.IsFile)
                    alike.Add((path, x, y));
                else
                    Same++;
            }
        }
        Contents(alike);
    }

    /// <summary>Each image is read once in its own order; only files of equal size are compared.</summary>
    private void Contents(List<(string Path, ImageNode A, ImageNode B)> alike)
    {
        var candidates = alike.Where(p => p.A.Size == p.B.Size).ToArray();
        var hashA = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string path, ImageNode a, _) in candidates.OrderBy(p => p.A.Content.Order))
            hashA[path] = Hash(a);
        var same = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string path, _, ImageNode b) in candidates.OrderBy(p => p.B.Content.Order))
        {
            if (hashA[path] == Hash(b))
                same.Add(path);
        }
        Same += same.Count;
        foreach ((string path, ImageNode a, ImageNode b) in alike.Where(p => !same.Contains(p.Path)))
            Add(path, ImageChange.Content, a, Lines(a, b));
    }

    /// <summary>Hard links share their content and are read once.</summary>
    private string Hash(ImageNode node) =>
        hashes.TryGetValue(node.Content, out string? known) ? known : hashes[node.Content] = HashOf(node);

    private static string HashOf(ImageNode node)
    {
        try
        {
            var hash = new Sha256();
            node.Content.CopyTo(piece =>
            {
                hash.Add(piece);
                return true;
            });
            return Convert.ToHexString(hash.End());
        }
        catch (InputException e)
        {
            // Unreadable on one side is a difference; equally unreadable bytes cannot be called the same either.
            return $"{Guid.NewGuid()} {e.Message}";
        }
    }

    private static string[] Lines(ImageNode a, ImageNode b)
    {
        string sizes = $"{Counted.Of(a.Size, "byte")}, {Counted.Of(b.Size, "byte")}";
        if (a.Size > MaxText || b.Size > MaxText || a.Kind is not (ContentKind.Other or ContentKind.Script or ContentKind.Empty) ||
            b.Kind is not (ContentKind.Other or ContentKind.Script or ContentKind.Empty))
            return [sizes];
        try
        {
            byte[] x = a.Content.Read(MaxText), y = b.Content.Read(MaxText);
            if (x.Contains((byte)0) || y.Contains((byte)0))
                return [sizes];
            string[] left = Encoding.UTF8.GetString(x).Split('\n'), right = Encoding.UTF8.GetString(y).Split('\n');
            var gone = left.Except(right).Where(l => l.Trim().Length > 0).Select(l => "- " + l);
            var come = right.Except(left).Where(l => l.Trim().Length > 0).Select(l => "+ " + l);
            string[] lines = [.. gone.Take(MaxLines), .. come.Take(MaxLines)];
            return lines.Length == 0 ? ["the same lines in another order"] : lines;
        }
        catch (InputException e)
        {
            return [e.Message];
        }
    }

    private void Add(string path, ImageChange change, ImageNode node, string[] detail) =>
        differences.Add(new(GroupOf(path, node), change, path, detail));

    private static string Size(ImageNode node) => node.Target is not null ? $"-> {node.Target}" : $"{Counted.Of(node.Size, "byte")}";

    internal static ImageGroup GroupOf(string path, ImageNode node)
    {
        string name = path[(path.LastIndexOf('/') + 1)..];
        if (path is "/init" or "outer:/init" or "/sbin/init" or "/usr/sbin/init" or "/usr/lib/systemd/systemd" or "/lib/systemd/systemd")
            return ImageGroup.Boot;
        if (path.Contains("/lib/modules/", StringComparison.Ordinal))
            return name.Contains(".ko", StringComparison.Ordinal) || name is "modules.dep.bin" or "modules.alias.bin" ? ImageGroup.Modules
                : ImageGroup.Noise;
        if (path is "/etc/kdump.conf" or "/etc/fstab" or "/etc/crypttab" or "/etc/mdadm.conf" or "/etc/multipath.conf" or
            "/etc/sysconfig/kdump" || path.StartsWith("/etc/cmdline.d/", StringComparison.Ordinal) ||
            path.StartsWith("/etc/lvm/", StringComparison.Ordinal) || path.StartsWith("/conf/", StringComparison.Ordinal) ||
            name.StartsWith("devexists-", StringComparison.Ordinal) || name.EndsWith(".mount", StringComparison.Ordinal) ||
                path.Contains("/system-connections/", StringComparison.Ordinal))
            return ImageGroup.DumpConfiguration;
        if (name is "ld.so.cache" or "machine-id" or "build-parameter.txt" or "modules.txt" or "hostonly-files" or
            "loaded-kernel-modules.txt" or "random-seed" || name.StartsWith("dracut-0", StringComparison.Ordinal) ||
            path.StartsWith("/kernel/", StringComparison.Ordinal) || path.StartsWith("/var/cache/", StringComparison.Ordinal))
            return ImageGroup.Noise;
        if (path.Contains("/hooks/", StringComparison.Ordinal) || path.StartsWith("/scripts/", StringComparison.Ordinal) ||
            path.StartsWith("/etc/kdump/", StringComparison.Ordinal) || path.StartsWith("/etc/systemd/system/", StringComparison.Ordinal))
            return ImageGroup.Hooks;
        if (path.Contains("/firmware/", StringComparison.Ordinal))
            return ImageGroup.Firmware;
        if (node.Kind is ContentKind.Elf or ContentKind.Script || path.Contains("/bin/", StringComparison.Ordinal) ||
            path.Contains("/sbin/", StringComparison.Ordinal) || name.Contains(".so", StringComparison.Ordinal))
            return ImageGroup.Programs;
        return path.StartsWith("/etc/", StringComparison.Ordinal) ? ImageGroup.Configuration : ImageGroup.Other;
    }
}
