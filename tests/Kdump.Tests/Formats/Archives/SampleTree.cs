using System.Security.Cryptography;
using Kdump.Formats.Archives;

namespace Kdump.Tests.Formats.Archives;

/// <summary>
/// A folder with the files that make readers stumble: empty, tiny, block-sized, large and repetitive, large and random, sparse,
/// a deep path, names that are not ASCII, hard links, links, many files in one folder. The same bytes every time.
/// </summary>
public sealed class SampleTree : IDisposable
{
    public SampleTree()
    {
        Root = Directory.CreateTempSubdirectory("kdump-test-").FullName;
        Tree = Directory.CreateDirectory(Path.Combine(Root, "tree")).FullName;
        var random = new Random(20260401);
        Write("empty", []);
        Write("one", [7]);
        foreach (int size in new[] { 4095, 4096, 4097, 65536, 131072, 131073 })
            Write($"size-{size}", Noise(random, size, 4));
        Write("text.conf", System.Text.Encoding.UTF8.GetBytes(
            string.Concat(Enumerable.Range(0, 20000).Select(i => $"line {i} of a file that packs well\n"))));
        Write("random.bin", Noise(random, 700_001, 256));
        Write("zeros", new byte[3_000_000]);
        Write("usr/lib/modules/6.1.0/kernel/drivers/block/virtio_blk.ko", Noise(random, 90_000, 30));
        Write("ünïcode/naïve ☃", [1, 2, 3]);
        for (int i = 0; i < 400; i++)
            Write($"many/file-{i:d3}-with-a-rather-long-name-to-fill-blocks", Noise(random, i * 13, 50));
        Write("linked", Noise(random, 5000, 9));
        Tool.Run(
            "ln linked hard1; ln linked many/hard2; ln -s usr/lib lib; ln -s ../text.conf usr/up; ln -s nowhere dangling; chmod 755 one; " +
            "chmod 4711 size-4095", Tree);
    }

    public string Root { get; }

    public string Tree { get; }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    public SortedDictionary<string, string> OnDisk() => new SampleTreeAt(Tree).OnDisk();

    /// <summary>The same of a layer of an image.</summary>
    public static SortedDictionary<string, string> InImage(ImageLayer layer)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (ImageNode node in layer.Root.All().Skip(1).OrderBy(n => n.Content.Order))
        {
            all[node.Path] = node.Target is not null ? "-> " + node.Target
                : node.IsDirectory ? "folder " + SampleTreeAt.Octal(node.Mode & 0xfff)
                : $"{SampleTreeAt.Octal(node.Mode & 0xfff)} {HashOf(node)}";
        }
        return all;
    }

    public static string HashOf(ImageNode node)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long length = 0;
        node.Content.CopyTo(piece =>
        {
            hash.AppendData(piece);
            length += piece.Length;
            return true;
        });
        return $"{length} {Convert.ToHexString(hash.GetHashAndReset())[..16]}";
    }

    private static byte[] Noise(Random random, int size, int letters)
    {
        var bytes = new byte[size];
        for (int i = 0; i < size; i++)
            bytes[i] = (byte)random.Next(letters);
        return bytes;
    }

    private void Write(string path, byte[] bytes)
    {
        string full = Path.Combine(Tree, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllBytes(full, bytes);
    }
}
