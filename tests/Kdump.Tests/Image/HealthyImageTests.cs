using System.Text.Json;

namespace Kdump.Tests.Image;

/// <summary>Nothing is wrong, and nothing is found.</summary>
public sealed class HealthyImageTests
{
    [Fact]
    public void A_healthy_image_on_its_machine_has_no_findings()
    {
        using var scene = new KdumpScene();
        (int exit, string[] findings, JsonElement document) = scene.Check(info: true);
        Assert.Empty(findings);
        Assert.Equal(0, exit);
        Assert.Equal("kdt.image.check/1", document.GetProperty("schema").GetString());
        Assert.Equal(KdumpScene.Release, document.GetProperty("kernel").GetString());
        Assert.Equal("dracut", document.GetProperty("builder").GetString());
        Assert.Equal(["virtio_blk", "virtio_pci", "ext4"], document.GetProperty("targetDrivers").EnumerateArray().Select(d => d.GetProperty("module").GetString()).OrderBy(m => m == "ext4").ThenBy(m => m));
        Assert.Equal(7, document.GetProperty("modules").GetInt32());
    }

    [Fact]
    public void An_image_alone_is_judged_without_a_machine()
    {
        using var scene = new KdumpScene();
        Assert.Empty(scene.Check(withRoot: false, info: true).Findings);
    }

    [ToolTheory("gzip", "xz", "zstd", "lz4", "bzip2", "lzma", "lzop")]
    [InlineData("gzip")]
    [InlineData("xz --check=crc32 --lzma2=dict=1MiB")]
    [InlineData("zstd -q")]
    [InlineData("lz4 -lc")]
    [InlineData("bzip2")]
    [InlineData("lzma -3")]
    [InlineData("lzop -c")]
    public void Any_packing_that_the_kernel_knows_is_fine(string packer)
    {
        using var scene = new KdumpScene { Pack = bytes => Tool.Run(packer, "/tmp", bytes) };
        Assert.Empty(scene.Check(info: true).Findings);
    }

    /// <summary>Drivers name firmware for every device they know; what the machine lacks too is no fault.</summary>
    [Fact]
    public void Firmware_that_the_machine_lacks_too_is_no_finding()
    {
        using var scene = new KdumpScene();
        scene.Host("lib/firmware/other.fw", "x");
        Assert.Empty(scene.Check(info: true).Findings);
    }

    [Fact]
    public void Firmware_may_be_packed()
    {
        using var scene = new KdumpScene();
        scene.Host("lib/firmware/virtio/blk.fw.xz", "x");
        scene.File("usr/lib/firmware/virtio/blk.fw.zst", "x");
        Assert.Empty(scene.Check(info: true).Findings);
    }

    [ToolTheory("xz", "zstd", "gzip")]
    [InlineData(".xz", "xz --check=crc32")]
    [InlineData(".zst", "zstd -q")]
    [InlineData(".gz", "gzip")]
    public void Packed_modules_are_modules(string suffix, string packer)
    {
        using var scene = new KdumpScene();
        foreach (string path in scene.Files.Keys.Where(k => k.EndsWith(".ko", StringComparison.Ordinal)).ToArray())
        {
            scene.Files[path + suffix] = (0x81a4, Tool.Run(packer, "/tmp", scene.Files[path].Content));
            scene.Files.Remove(path);
        }
        Assert.Empty(scene.Check(info: true).Findings);
    }

    [Fact]
    public void A_driver_built_into_the_kernel_needs_no_module()
    {
        using var scene = new KdumpScene();
        scene.Files.Remove(KdumpScene.At("drivers/block/virtio_blk.ko"));
        scene.File("usr/lib/modules/" + KdumpScene.Release + "/modules.builtin", "kernel/lib/builtin_thing.ko\nkernel/drivers/block/virtio_blk.ko\n");
        Assert.Empty(scene.Check(info: true).Findings);
    }

    [Fact]
    public void Kdump_utils_may_write_the_target_as_another_id()
    {
        using var scene = new KdumpScene();
        scene.Host("etc/kdump.conf", "ext4 /dev/vda1\npath /var/crash   # comment\ncore_collector makedumpfile -l -d 31\nextra_bins /usr/bin/tool\n");
        Assert.Empty(scene.Check(info: true).Findings);
    }

    [Fact]
    public void An_image_named_for_the_kernel_it_holds_is_only_a_warning_on_another()
    {
        using var scene = new KdumpScene { Name = $"initramfs-{KdumpScene.Release}kdump.img" };
        scene.Host("proc/sys/kernel/osrelease", "6.2.0-other");
        (int exit, string[] findings, _) = scene.Check();
        Assert.Equal(["image-kernel-mismatch"], findings);
        Assert.Equal(0, exit);
    }

    /// <summary>Without /sys the drivers cannot be judged, and that is said instead of guessed.</summary>
    [Fact]
    public void A_root_without_sys_leaves_an_unknown()
    {
        using var scene = new KdumpScene();
        foreach (string path in scene.HostFiles.Keys.Where(k => k.StartsWith("sys/", StringComparison.Ordinal)).ToArray())
            scene.HostFiles.Remove(path);
        scene.HostLinks.Clear();
        (_, string[] findings, JsonElement document) = scene.Check();
        Assert.Empty(findings);
        Assert.Contains("no /sys", document.GetProperty("verdict").GetProperty("unknowns")[0].ToString());
    }
}
