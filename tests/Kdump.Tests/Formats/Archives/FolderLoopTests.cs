using System.Buffers.Binary;
using System.Formats.Tar;
using System.Text;
using System.Text.RegularExpressions;
using Kdump.Formats.Archives;

namespace Kdump.Tests.Formats.Archives;

/// <summary>File systems by their own tools in which one folder was then made to be its own parent.</summary>
public sealed partial class FolderLoopTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("kdump-loop-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [ToolFact("mksquashfs")]
    public void A_squashfs_folder_inside_itself_is_a_damage_and_ends()
    {
        Tool.Run(
            "mkdir -p t/outermost/innermost; echo x > t/outermost/innermost/file; mksquashfs t img -noI -quiet -no-progress -no-xattrs",
            root);
        byte[] image = File.ReadAllBytes(Path.Combine(root, "img"));
        // squashfs_dir_entry: offset of the inode, number, type, size, name
        int inner = image.AsSpan().IndexOf("innermost"u8) - 8, outer = image.AsSpan().IndexOf("outermost"u8) - 8;
        image.AsSpan(outer, 2).CopyTo(image.AsSpan(inner));
        Looped(image);
    }

    [ToolFact("mkfs.erofs", "dump.erofs")]
    public void An_erofs_folder_inside_itself_is_a_damage_and_ends()
    {
        Tool.Run("mkdir -p t/outermost/innermost; echo x > t/outermost/innermost/file; mkfs.erofs img t", root);
        byte[] image = File.ReadAllBytes(Path.Combine(root, "img"));
        // erofs_dirent: number of the inode, offset of the name, type (2: folder)
        var from = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(from, Number("/outermost/innermost"));
        int[] places = [.. Places(image, from)];
        Assert.NotEmpty(places);
        foreach (int place in places)
            BinaryPrimitives.WriteInt64LittleEndian(image.AsSpan(place), Number("/outermost"));
        Looped(image);
    }

    [ToolFact("sqfstar")]
    public void Folders_deeper_than_a_path_can_name_are_a_damage()
    {
        using (var tar = new TarWriter(File.Create(Path.Combine(root, "deep.tar")), TarEntryFormat.Pax))
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, string.Join('/', Enumerable.Repeat("d", ImageLimits.MaxDepth + 60))));
        Tool.Run("sqfstar -quiet -no-progress img < deep.tar", root);
        using BootImage image = BootImage.Open(new MemorySource("deep", File.ReadAllBytes(Path.Combine(root, "img"))));
        Assert.Contains(image.Damages, d => d.ToString().Contains("more than 2048 deep", StringComparison.Ordinal));
        Assert.InRange(image.Root.Root.All().Count(), ImageLimits.MaxDepth, ImageLimits.MaxDepth + 2);
    }

    private static IEnumerable<int> Places(byte[] image, byte[] number)
    {
        for (int i = 0; i + 12 <= image.Length; i++)
        {
            if (image.AsSpan(i, 8).SequenceEqual(number) && image[i + 10] == 2 && image[i + 11] == 0 && image[i + 9] == 0)
                yield return i;
        }
    }

    private long Number(string path) =>
        long.Parse(Nid().Match(Encoding.UTF8.GetString(Tool.Run($"dump.erofs --path={path} img", root))).Groups[1].Value);

    private static void Looped(byte[] bytes)
    {
        using BootImage image = BootImage.Open(new MemorySource("loop", bytes));
        Assert.NotEmpty(image.Damages);
        Assert.InRange(image.Root.Root.All().Count(), 2, 10);
    }

    [GeneratedRegex("NID: *([0-9]+)")]
    private static partial Regex Nid();
}
