using Kdump.Formats.Archives;
using Kdump.Formats.Compression;

namespace Kdump.Tests.Formats.Archives;

/// <summary>Archives that other people's tools wrote of one folder, against the folder itself: every path, mode, link and byte.</summary>
public class OracleTests(SampleTree sample) : IClassFixture<SampleTree>
{
    private void Same(string path)
    {
        using BootImage image = BootImage.Open(path);
        Assert.Empty(image.Damages);
        SortedDictionary<string, string> found = SampleTree.InImage(image.Layers.Count > 1 ? image.Layers[1] : image.Outer);
        // What the kernel has before any image.
        found.Remove("/dev");
        found.Remove("/root");
        Assert.Equal(sample.OnDisk(), found);
    }

    [ToolTheory("cpio", "gzip", "bzip2", "xz", "lzma", "zstd", "lz4", "lzop")]
    [InlineData("cat", "none")]
    [InlineData("gzip -9", "gzip")]
    [InlineData("bzip2 -9", "bzip2")]
    [InlineData("xz --check=crc32 --lzma2=dict=1MiB", "xz")]
    [InlineData("lzma -6", "lzma")]
    [InlineData("lz4 -lc", "lz4")]
    [InlineData("lz4 -9c", "lz4 frame")]
    [InlineData("lzop -9", "lzo")]
    [InlineData("zstd -15 -q", "zstd")]
    public void A_cpio_archive_in_any_compression_holds_what_was_put_in(string packer, string name)
    {
        string path = Path.Combine(sample.Root, $"cpio-{name}.img");
        Tool.Run($"find . | LC_ALL=C sort | cpio --quiet -o -H newc | {packer} > '{path}'", sample.Tree);
        Same(path);
        using BootImage image = BootImage.Open(path);
        Assert.Equal(name, Assert.Single(image.Initramfs.Segments).Compression);
        Assert.Equal(new FileInfo(path).Length,
            image.Initramfs.Segments[0].Length + (name == "none" ? new FileInfo(path).Length - image.Initramfs.Segments[0].Length : 0));
        Assert.Equal(name == "lz4 frame", image.Initramfs.Objections.Any(o => o.Kind == ObjectionKind.Refused));
    }

    [ToolFact("cpio")]
    public void Checksummed_cpio_is_read_and_the_older_kernels_are_named()
    {
        string path = Path.Combine(sample.Root, "crc.img");
        Tool.Run($"find . | cpio --quiet -o -H crc > '{path}'", sample.Tree);
        Same(path);
        using BootImage image = BootImage.Open(path);
        Assert.Equal(ObjectionKind.NeedsNewerKernel, Assert.Single(image.Initramfs.Objections).Kind);
    }

    [ToolTheory("mksquashfs")]
    [InlineData("-comp gzip")]
    [InlineData("-comp xz")]
    [InlineData("-comp lzo")]
    [InlineData("-comp lz4 -b 4096")]
    [InlineData("-comp zstd -b 1M")]
    [InlineData("-comp gzip -no-fragments -noI -noD")]
    [InlineData("-comp gzip -always-use-fragments -b 262144")]
    public void A_squashfs_root_inside_is_read_in_place(string options)
    {
        string path = Path.Combine(sample.Root, "squash.img");
        Directory.CreateDirectory(Path.Combine(sample.Root, "outer"));
        Tool.Run(
            $"mksquashfs '{sample.Tree}' outer/squash-root.img {options} -noappend -no-xattrs -quiet -no-progress && cd outer && echo " +
            $"squash-root.img | cpio --quiet -o -H newc > '{path}'", sample.Root);
        Same(path);
        Tool.Run($"gzip -1 < '{path}' > '{path}.gz'", sample.Root);
        Same(path + ".gz");
    }

    [ToolTheory("mkfs.erofs")]
    [InlineData("-x-1")]
    [InlineData("-x-1 -zlz4hc")]
    [InlineData("-zlz4hc -C65536 -Eztailpacking")]
    [InlineData("-zlz4 -Elegacy-compress -T0")]
    [InlineData("--chunksize=65536")]
    [InlineData("-zlz4hc -Eforce-inode-extended")]
    [InlineData("-zlz4hc -C16384 -Eforce-inode-compact")]
    [InlineData("-zlz4hc -C65536 -Efragments")]
    public void An_erofs_root_inside_is_read_in_place(string options)
    {
        string path = Path.Combine(sample.Root, "erofs.img");
        Directory.CreateDirectory(Path.Combine(sample.Root, "outer"));
        try
        {
            Tool.Run(
                $"rm -f outer/erofs-root.img; mkfs.erofs {options} outer/erofs-root.img '{sample.Tree}' && cd outer && echo " +
                $"erofs-root.img | cpio --quiet -o -H newc > '{path}'", sample.Root);
        }
        catch (InvalidOperationException e) when (e.Message.Contains("invalid", StringComparison.Ordinal) ||
            e.Message.Contains("unsupported", StringComparison.OrdinalIgnoreCase))
        {
            // An older mkfs.erofs that does not know the option: nothing to compare with.
            return;
        }
        Same(path);
    }

    /// <summary>
    /// Images of any kind next to the folder they were made of: KDUMP_IMAGES names a folder with lines "image folder" in pairs.txt.
    /// </summary>
    [Fact]
    public void Images_given_from_outside_hold_what_their_folders_hold()
    {
        string? list = Environment.GetEnvironmentVariable("KDUMP_IMAGES");
        if (list is null)
            return;
        foreach (string line in File.ReadAllLines(list).Where(l => l.Length > 0))
        {
            string[] words = line.Split(' ');
            using BootImage image = BootImage.Open(words[0]);
            Assert.Empty(image.Damages);
            ImageLayer layer = words.Length > 2 ? image.Layers.First(l => l.Name == words[2]) : image.Outer;
            SortedDictionary<string, string> expected = new SampleTreeAt(words[1]).OnDisk(), found = SampleTree.InImage(layer);
            foreach (string extra in new[] { "/dev", "/root" }.Where(e => !expected.ContainsKey(e)))
                found.Remove(extra);
            Assert.True(expected.Count > 10);
            foreach ((string path, string what) in expected)
                Assert.True(found.TryGetValue(path, out string? here) && here == what,
                    $"{line}: {path}: {what} expected, {here ?? "nothing"} found");
            Assert.Equal(expected.Count, found.Count);
        }
    }
}

/// <summary>The same where no library of the system is installed.</summary>
public sealed class OracleWithoutLibrariesTests(SampleTree sample) : OracleTests(sample), IDisposable
{
    private readonly IDisposable hidden = SystemLibrary.Hide();

    public void Dispose() => hidden.Dispose();
}
