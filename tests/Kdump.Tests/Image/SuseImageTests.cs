namespace Kdump.Tests.Image;

/// <summary>Images laid out as openSUSE's kdump lays them out: its settings inside, its own programs, no kdump.conf.</summary>
public sealed class SuseImageTests
{
    private const string Settings =
        "KDUMP_SAVEDIR=\"/var/crash\"\nKDUMP_DUMPLEVEL=\"31\"\nKDUMP_DUMPFORMAT=\"lzo\"\n" +
        "KDUMP_REQUIRED_PROGRAMS=\"\"\nKDUMP_COMMANDLINE_APPEND=\"nr_cpus=1\"\n";

    private static KdumpScene Scene(string settings = Settings)
    {
        var scene = new KdumpScene { Name = $"initrd-{KdumpScene.Release}-kdump" };
        scene.Files.Remove("etc/kdump.conf");
        scene.HostFiles.Remove("etc/kdump.conf");
        scene.File("etc/sysconfig/kdump", settings);
        scene.Host("etc/sysconfig/kdump", settings);
        scene.Host("etc/fstab", "UUID=0b9a2f4e-1111-2222-3333-444455556666 / ext4 defaults 0 1\n");
        scene.Script("usr/lib/kdump/kdump-save");
        return scene;
    }

    [Fact]
    public void A_whole_one_has_no_findings_and_follows_the_root_file_system()
    {
        using KdumpScene scene = Scene();
        (_, string[] findings, var document) = scene.Check();
        Assert.Empty(findings);
        Assert.True(document.GetProperty("kdump").GetBoolean());
        Assert.Equal(3, document.GetProperty("targetDrivers").GetArrayLength());
    }

    [Fact]
    public void A_required_program_that_is_not_there_is_found()
    {
        using KdumpScene scene = Scene(Settings.Replace("PROGRAMS=\"\"", "PROGRAMS=\"lspci\""));
        Assert.Equal(["configured-program-missing"], scene.Check().Findings);
    }

    [Fact]
    public void A_dump_needs_makedumpfile_unless_it_is_a_copy()
    {
        using KdumpScene scene = Scene();
        scene.Files.Remove("usr/sbin/makedumpfile");
        Assert.Equal(["configured-program-missing"], scene.Check().Findings);
        string copy = Settings.Replace("lzo", "none");
        scene.File("etc/sysconfig/kdump", copy);
        scene.Host("etc/sysconfig/kdump", copy);
        Assert.Empty(scene.Check().Findings);
    }

    [Fact]
    public void A_dump_level_beyond_31_is_refused()
    {
        using KdumpScene scene = Scene(Settings.Replace("31", "63"));
        Assert.Equal(["kdump-conf-invalid"], scene.Check().Findings);
    }

    [Fact]
    public void A_driver_left_out_is_found()
    {
        using KdumpScene scene = Scene();
        scene.Files.Remove(KdumpScene.At("drivers/block/virtio_blk.ko"));
        Assert.Equal(["driver-missing-in-image"], scene.Check().Findings);
    }
}
