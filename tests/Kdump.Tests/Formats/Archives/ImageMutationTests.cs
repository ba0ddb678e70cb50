using Kdump.Formats.Archives;
using Kdump.Formats.Bytes;

namespace Kdump.Tests.Formats.Archives;

/// <summary>
/// Bytes flipped, cut and doubled in images of every form, with a fixed seed: whatever comes out, it is entries and damages, or one
/// <see cref="InputException"/>; never another exception, never without end.
/// </summary>
public sealed class ImageMutationTests
{
    private const int Rounds = 120;

    private static readonly Lazy<byte[]> Tree = new(() =>
    {
        string root = Directory.CreateTempSubdirectory("kdump-mutate-").FullName;
        try
        {
            Tool.Run(
                "mkdir -p t/etc t/usr/lib; for i in $(seq 60); do echo \"file $i $(seq $i | tr '\\n' ' ')\" > t/etc/f$i; done; seq 9000 " +
                "> t/usr/lib/large; head -c 20000 /bin/sh > t/usr/lib/prog; ln -s usr/lib t/lib; ln t/etc/f1 t/hard", root);
            return Tool.Run("tar cf - t", root);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    });

    [ToolTheory("cpio", "gzip", "bzip2", "xz", "zstd", "lz4", "lzop", "mksquashfs", "mkfs.erofs")]
    [InlineData("cpio", "cat")]
    [InlineData("cpio", "gzip -1")]
    [InlineData("cpio", "bzip2 -1")]
    [InlineData("cpio", "xz -0 --check=crc32")]
    [InlineData("cpio", "lzma -0")]
    [InlineData("cpio", "zstd -q -1 --no-check")]
    [InlineData("cpio", "lz4 -lc")]
    [InlineData("cpio", "lzop -c")]
    [InlineData("squashfs", "-comp gzip")]
    [InlineData("squashfs", "-comp xz -b 4096")]
    [InlineData("squashfs", "-comp lz4 -noI")]
    [InlineData("squashfs", "-comp zstd -noI -noF")]
    [InlineData("squashfs", "-comp lzo")]
    [InlineData("erofs", "-x-1")]
    [InlineData("erofs", "-zlz4hc")]
    [InlineData("erofs", "-zlz4hc -C16384 -Eztailpacking,fragments")]
    [InlineData("erofs", "-zlz4 -Elegacy-compress")]
    public void Broken_images_yield_damages_and_nothing_worse(string form, string options)
    {
        byte[] good = Make(form, options);
        var random = new Random(4711);
        for (int round = 0; round < Rounds; round++)
        {
            byte[] bad = (byte[])good.Clone();
            int kind = random.Next(4);
            // Headers are few and matter most: half of the flips hit the front (of a squashfs its tables stand at the end).
            for (int n = random.Next(1, 8); n > 0; n--)
            {
                int span = random.Next(2) == 0 ? Math.Min(bad.Length, 2048) : bad.Length;
                int at = random.Next(3) == 0 ? bad.Length - 1 - random.Next(span) : random.Next(span);
                bad[at] = kind switch { 0 => (byte)(bad[at] ^ (1 << random.Next(8))), 1 => 0xff, 2 => 0, _ => (byte)random.Next(256) };
            }
            if (random.Next(5) == 0)
                bad = bad[..random.Next(bad.Length)];
            Walk(bad, $"{form} {options}, round {round}");
        }
    }

    private static void Walk(byte[] bytes, string what)
    {
        long start = Environment.TickCount64;
        try
        {
            using BootImage image = BootImage.Open(new MemorySource("bad", bytes));
            foreach (ImageLayer layer in image.Layers)
            {
                foreach (ImageNode node in layer.Root.All())
                {
                    _ = node.Path;
                    try
                    {
                        long left = 4 << 20;
                        node.Content.CopyTo(piece => (left -= piece.Length) > 0);
                    }
                    catch (InputException)
                    {
                        // That file is lost; the others are not.
                    }
                }
            }
        }
        catch (InputException)
        {
            // The whole image is refused with one line.
        }
        catch (Exception e)
        {
            Assert.Fail($"{what}: {e}");
        }
        // No claim about speed: only that a lie about sizes does not keep us for ever.
        Assert.True(Environment.TickCount64 - start < 60_000, what);
    }

    private static byte[] Make(string form, string options)
    {
        string root = Directory.CreateTempSubdirectory("kdump-mutate-").FullName;
        try
        {
            Tool.Run("tar xf -", root, Tree.Value);
            Tool.Run(form switch
            {
                "cpio" => $"cd t && find . | cpio --quiet -o -H newc | {options} > ../img",
                "squashfs" => $"mksquashfs t img {options} -quiet -no-progress -no-xattrs",
                _ => $"mkfs.erofs {options} img t",
            }, root);
            return File.ReadAllBytes(Path.Combine(root, "img"));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
