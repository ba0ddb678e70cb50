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
        Assert.Equal(["virtio_blk", "virtio_pci", "ext4"],
            document.GetProperty("targetDrivers").EnumerateArray().Select(d => d.GetProperty("module").GetString())
            .OrderBy(m => m == "ext4").ThenBy(m => m));
        Assert.Equal(7, document.GetProperty("modules").GetInt32());
    }

    [Fact]
    public void An_image_alone_is_judged_without_a_machine()
    {
        using var scene = new KdumpScene();
        Assert.Empty(scene.Check(withRoot: false, info: true).Findings);
    }

    [Fact]
    public void The_text_index_does_not_matter_where_kmod_has_the_binary_one()
    {
        using var scene = new KdumpScene();
        scene.Files[KdumpScene.Index + ".bin"] = (0x81a4, KdumpScene.BinaryIndex(scene.IndexText()));
        scene.File(KdumpScene.Index, "kernel/fs/jbd2/jbd2.ko:\n");
        Assert.Empty(scene.Check(info: true).Findings);
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
        scene.File("usr/lib/modules/" + KdumpScene.Release + "/modules.builtin",
            "kernel/lib/builtin_thing.ko\nkernel/drivers/block/virtio_blk.ko\n");
        Assert.Empty(scene.Check(info: true).Findings);
    }

    [Fact]
    public void Kdump_utils_may_write_the_target_as_another_id()
    {
        using var scene = new KdumpScene();
        scene.Host("etc/kdump.conf",
            "ext4 /dev/vda1\npath /var/crash   # comment\ncore_collector makedumpfile -l -d 31\nextra_bins /usr/bin/tool\n");
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

    [Fact]
    public void Signed_modules_are_fine_on_a_locked_down_kernel()
    {
        using var scene = new KdumpScene();
        foreach (string path in scene.Files.Keys.Where(k => k.EndsWith(".ko", StringComparison.Ordinal)).ToArray())
            scene.Files[path] = (0x81a4, [.. scene.Files[path].Content, .. "~Module signature appended~\n"u8]);
        scene.Host("sys/kernel/security/lockdown", "none [integrity] confidentiality");
        Assert.Empty(scene.Check().Findings);
    }

    [Fact]
    public void The_kernel_may_unpack_modules_that_kmod_cannot()
    {
        using var scene = new KdumpScene();
        scene.Library("usr/lib64/libkmod.so.2", "libc.so.6");
        scene.Files[KdumpScene.At("fs/mbcache.ko.gz")] =
            (0x81a4, Tool.Run("gzip", "/tmp", scene.Files[KdumpScene.At("fs/mbcache.ko")].Content));
        scene.Files.Remove(KdumpScene.At("fs/mbcache.ko"));
        scene.Host($"boot/config-{KdumpScene.Release}", "CONFIG_MODULE_COMPRESS_GZIP=y\nCONFIG_MODULE_DECOMPRESS=y\n");
        Assert.Empty(scene.Check().Findings);
    }

    /// <summary>Without the kernel's configuration that is open, and said to be.</summary>
    [Fact]
    public void Packed_modules_without_a_kernel_config_leave_an_unknown()
    {
        using var scene = new KdumpScene();
        scene.Library("usr/lib64/libkmod.so.2", "libc.so.6");
        scene.Files[KdumpScene.At("fs/mbcache.ko.gz")] =
            (0x81a4, Tool.Run("gzip", "/tmp", scene.Files[KdumpScene.At("fs/mbcache.ko")].Content));
        scene.Files.Remove(KdumpScene.At("fs/mbcache.ko"));
        (_, string[] findings, JsonElement document) = scene.Check();
        Assert.Empty(findings);
        Assert.Contains("cannot unpack them", document.GetProperty("verdict").GetProperty("unknowns")[0].ToString());
    }

    [Fact]
    public void A_soft_dependency_that_another_module_answers_to_is_met()
    {
        using var scene = new KdumpScene();
        scene.Module("fs/ext4/ext4.ko", "depends=mbcache,jbd2", "softdep=pre: crc32c");
        scene.Module("crypto/crc32c_generic.ko", "alias=crc32c", "alias=crypto-crc32c");
        scene.Host($"lib/modules/{KdumpScene.Release}/modules.alias", "# aliases\nalias crc32c crc32c_generic\n");
        Assert.Empty(scene.Check().Findings);
    }

    [Fact]
    public void A_soft_dependency_that_the_machine_lacks_too_is_no_fault()
    {
        using var scene = new KdumpScene();
        scene.Module("fs/ext4/ext4.ko", "depends=mbcache,jbd2", "softdep=pre: nowhere");
        scene.Host($"lib/modules/{KdumpScene.Release}/modules.alias", "# aliases\n");
        Assert.Empty(scene.Check().Findings);
    }

    [Fact]
    public void A_unit_that_nothing_starts_may_lack_its_program()
    {
        using var scene = new KdumpScene();
        scene.File("usr/lib/systemd/system/dump.service", "[Service]\nExecStart=/usr/bin/dump\n");
        scene.File("usr/lib/systemd/system/soft.service", "[Service]\nExecStart=-/usr/bin/soft\n");
        scene.Link("usr/lib/systemd/system/initrd.target.wants/soft.service", "../soft.service");
        scene.File("usr/lib/systemd/system/maybe.service",
            "[Unit]\nConditionPathExists=/usr/bin/maybe\n[Service]\nExecStart=/usr/bin/maybe\n");
        scene.Link("usr/lib/systemd/system/initrd.target.wants/maybe.service", "../maybe.service");
        Assert.Empty(scene.Check().Findings);
    }

    [Fact]
    public void A_dump_over_a_bond_with_all_its_drivers_is_fine()
    {
        using var scene = new KdumpScene();
        PlantedFaultTests.OverBond(scene, ["bonding.ko", "e1000e.ko"]);
        Assert.Empty(scene.Check().Findings);
    }

    [Fact]
    public void Without_a_route_the_interface_of_a_network_target_is_an_unknown()
    {
        using var scene = new KdumpScene();
        PlantedFaultTests.OverBond(scene, []);
        scene.HostFiles.Remove("proc/net/route");
        (_, string[] findings, JsonElement document) = scene.Check();
        Assert.Empty(findings);
        Assert.Contains("no route shows", document.GetProperty("verdict").GetProperty("unknowns")[0].ToString());
    }

    /// <summary>kdump-utils appends these by itself.</summary>
    [Fact]
    public void Parameters_that_switch_off_are_not_harmful()
    {
        using var scene = new KdumpScene();
        scene.Host("etc/sysconfig/kdump", "KDUMP_COMMANDLINE_APPEND=\"nr_cpus=1 cma=0 hugetlb_cma=0\"\n");
        Assert.Empty(scene.Check().Findings);
    }

    [Fact]
    public void A_dump_that_fits_when_packed_well_is_no_more_than_information()
    {
        using var scene = new KdumpScene();
        scene.Host("proc/meminfo",
            "MemTotal:        4000000 kB\nMemFree:          100000 kB\nCached:           500000 kB\nAnonPages:       1000000 kB\n");
        scene.Host("df", "Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/vda1 1009132 24 940500 1% /var/crash\n");
        (_, string[] findings, JsonElement document) = scene.Check(info: true);
        Assert.Equal(["no-space-on-target"], findings);
        Assert.Equal(940500 * 1024L, document.GetProperty("forecast").GetProperty("freeBytes").GetInt64());
        Assert.Equal((4000000 - 100000 - 500000 - 1000000) * 1024L, document.GetProperty("forecast").GetProperty("highBytes").GetInt64());
    }

    /// <summary>The files and lines of sos 4.0 for a disk, and no /sys.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_sosreport_tells_the_drivers_of_a_disk(bool leftOut)
    {
        using var scene = new KdumpScene();
        foreach (string path in scene.HostFiles.Keys.Where(k => k.StartsWith("sys/", StringComparison.Ordinal) ||
            k.StartsWith("proc/sys/", StringComparison.Ordinal)).ToArray())
            scene.HostFiles.Remove(path);
        scene.HostLinks.Clear();
        scene.Host("sos_commands/kernel/uname_-a", $"Linux vm {KdumpScene.Release} #1 SMP PREEMPT_DYNAMIC @0 x86_64 GNU/Linux\n");
        scene.Host("sos_commands/kernel/lsmod",
            "Module                  Size  Used by\nvirtio_blk             20480  1\next4                  970752  1\nvirtio_pci         " +
            "    24576  0\n");
        scene.Host("sos_commands/block/blkid_-c_.dev.null", "/dev/vda1: UUID=\"0b9a2f4e-1111-2222-3333-444455556666\" TYPE=\"ext4\"\n");
        scene.Host("sos_commands/block/lsblk",
            "NAME    MAJ:MIN RM  SIZE RO TYPE MOUNTPOINTS\nvda     254:0    0  256G  0 disk \n" +
            "└─vda1  254:1    0  255G  0 part /var/crash\n");
        scene.Host("sos_commands/block/udevadm_info_-a_.dev.vda", """
              looking at device '/devices/pci0000:00/0000:00:02.0/virtio1/block/vda':
                KERNEL=="vda"
                SUBSYSTEM=="block"
                DRIVER==""
              looking at parent device '/devices/pci0000:00/0000:00:02.0/virtio1':
                KERNELS=="virtio1"
                SUBSYSTEMS=="virtio"
                DRIVERS=="virtio_blk"
              looking at parent device '/devices/pci0000:00/0000:00:02.0':
                KERNELS=="0000:00:02.0"
                SUBSYSTEMS=="pci"
                DRIVERS=="virtio-pci"
            """);
        if (leftOut)
            scene.Files.Remove(KdumpScene.At("drivers/virtio/virtio_pci.ko"));
        (_, string[] findings, JsonElement document) = scene.Check();
        Assert.Equal(leftOut ? ["driver-missing-in-image"] : [], findings);
        Assert.Equal(["ext4", "virtio_blk", "virtio_pci"],
            document.GetProperty("targetDrivers").EnumerateArray().Select(d => d.GetProperty("module").GetString()).Order());
    }
}
