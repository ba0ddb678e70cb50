using System.Text;
using Kdump.Tests;
using Kdump.Tests.Builders;
using Kdump.Tests.Formats.Archives;
using Kdump.Tests.Image;

namespace Kdump.Fuzz.Targets;

/// <summary>Images and what stands inside them, kernels' files, archives.</summary>
internal static class ImageTargets
{
    private const string Fatal = "[   10.000000] mce: [Hardware Error]: CPU 6: Machine Check Exception: 4 Bank 5: be00000000800400\n";

    private static readonly string[] Commands =
        ["image check {in} --root none", "image list {in}", "image cat {in} init", "image diff {in} {dir}/good.img", "explain {in}"];

    private static readonly string[] Squashed = ["gzip", "xz", "lzo", "lz4", "zstd"];

    private static readonly string[] Eroded = ["-x-1", "-zlz4hc", "-zlz4hc -C65536 -Eztailpacking", "-zlz4hc -Eforce-inode-extended",
        "--chunksize=4096", "-zlz4hc -C65536 -Efragments"];

    public static IEnumerable<Target> All
    {
        get
        {
            byte[] good = Good();
            (string, byte[])[] companions = [("good.img", good)];
            (string, byte[])[] tree = [("t/a.txt", "one\n"u8.ToArray()), ("t/lib/console.log", Encoding.UTF8.GetBytes(Fatal)),
                ("t/large", [.. Enumerable.Range(0, 20_000).Select(i => (byte)(i * i >> 7 & 255))])];
            return
            [
                new("cpio", Form.Bytes, Commands, () => [good, Small()]) { Companions = () => companions },
                new("packed-cpio", Form.Bytes, Commands, () => Files.Made(["gzip -9c c", "bzip2 -9c c", "xz --check=crc32 -c c",
                    "xz --format=lzma -c c", "zstd -15qc c", "lz4 -lc c", "lz4 -9c c", "lzop -9c c"], ("c", Small())))
                {
                    Companions = () => companions,
                },
                new("squashfs", Form.Bytes, Commands, () => Files.Made([.. Squashed.Select(c =>
                    $"mksquashfs t {c}.sq -comp {c} -noappend " +
                    $"-no-xattrs -quiet -no-progress > /dev/null && cat {c}.sq")], tree))
                {
                    Companions = () => companions, Pack = Inside("squash-root.img"),
                },
                new("erofs", Form.Bytes, Commands, () => Files.Made([.. Eroded.Select((o, i) =>
                    $"mkfs.erofs {o} {i}.er t > /dev/null 2>&1 " +
                    $"&& cat {i}.er")], tree))
                {
                    Companions = () => companions, Pack = Inside("erofs-root.img"),
                },
                new("module", Form.Bytes, ["image check {in} --root none"], () =>
                    [Kdump.Tests.Image.ElfBuilder.Module("depends=mbcache,jbd2",
                    "firmware=virtio/blk.fw", "vermagic=6.1.0-test SMP", "alias=pci:v*d*")]) { Pack = Inside(KdumpScene.At("a.ko")) },
                new("library", Form.Bytes, ["image check {in} --root none"], () => [Kdump.Tests.Image.ElfBuilder.Dynamic("/lib64/ld.so",
                    ["libc.so.6", "libz.so.1"], "$ORIGIN/../lib")]) { Pack = Inside("usr/bin/tool") },
                new("archive", Form.Bytes, ["explain {in}", "explain {in} --json", "host check --root {in}"], () => [.. Files.Made(
                    ["tar --format=gnu -cf - t", "tar --format=pax -cf - t", "zip -qr9 - t", "zip -qr0 - t",
                        "7z a x.7z t > /dev/null && cat x.7z",
                        "7z a -m0=ppmd p.7z t > /dev/null && cat p.7z", "7z a -m0=bzip2 b.7z t > /dev/null && cat b.7z",
                        "7z a -m0=lzma -mhc=off l.7z t > /dev/null && cat l.7z", "7z a -tzip -mm=LZMA l.zip t > /dev/null && cat l.zip",
                        "7z a -tzip -mm=Deflate64 d.zip t > /dev/null && cat d.zip", "tar -czf - t", "tar -cJf - t"], tree),
                    RarBuilder.Of(("a.txt", "one\n"), ("d/console.log", Fatal)), RarBuilder.Five("console.log", Fatal, true, false)]),
                new("kernel-file", Form.Bytes, ["image check {in} --root none", "explain {in}", "vmcore info {in}"],
                    () => [File.ReadAllBytes(Repository.Path("fixtures", "debuginfo", "gcc-dwarf4")), BzImage()]),
            ];
        }
    }

    private static Func<byte[], byte[]> Inside(string path) => bytes => Folders(new CpioBuilder(), path).Entry(path, 0x81ed, bytes)
        .File("usr/lib/dracut/modules.txt", "base\n").Link("init", "usr/bin/tool").Trailer().ToArray();

    private static CpioBuilder Folders(CpioBuilder cpio, string path)
    {
        for (int at = path.IndexOf('/', StringComparison.Ordinal); at > 0; at = path.IndexOf('/', at + 1))
            cpio.Folder(path[..at]);
        return cpio;
    }

    private static byte[] Good()
    {
        using var scene = new KdumpScene();
        return File.ReadAllBytes(scene.WriteImage("good.img"));
    }

    private static byte[] Small() => new CpioBuilder().Folder("etc").File("etc/kdump.conf", "ext4 UUID=1\npath /var/crash\n")
        .File("etc/fstab", "/dev/vda1 / ext4 ro 0 1\n").Folder("usr").Folder("usr/lib").Link("lib", "usr/lib").File("init",
            "#!/bin/sh\nexit\n")
        .Trailer().Zeros(512).ToArray();

    /// <summary>The setup header of the x86 boot protocol (Documentation/arch/x86/boot.rst) and nothing behind it.</summary>
    private static byte[] BzImage()
    {
        byte[] bytes = new byte[2048];
        bytes[0x1f1] = 1;
        bytes[0x1fe] = 0x55;
        bytes[0x1ff] = 0xaa;
        "HdrS"u8.CopyTo(bytes.AsSpan(0x202));
        bytes[0x206] = 15;
        bytes[0x207] = 2;
        bytes[0x20f] = 2;
        "6.1.0-test (a@b) #1 SMP\0"u8.CopyTo(bytes.AsSpan(0x400));
        return bytes;
    }
}
