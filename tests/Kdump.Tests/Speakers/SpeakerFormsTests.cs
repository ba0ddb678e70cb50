using Kdump.Diagnosis.Speakers;

namespace Kdump.Tests.Speakers;

public sealed class SpeakerFormsTests
{
    [Theory]
    [InlineData("igb 0000:02:00.1 eth3: Reset adapter", "igb", "eth3", "0000:02:00.1")]
    [InlineData("mpi3mr 0000:c1:00.0: fault", "mpi3mr", null, "0000:c1:00.0")]
    [InlineData("nvme nvme1: I/O 12 QID 3 timeout", "nvme", "nvme1", null)]
    [InlineData("ata3.00: failed command: READ FPDMA QUEUED", "ata", "ata3.00", null)]
    [InlineData("sd 2:0:0:0: [sdc] Unaligned partial completion", "sd", "2:0:0:0", null)]
    [InlineData("usb 3-1.2: device descriptor read/64, error -71", "usb", "3-1.2", null)]
    [InlineData("XFS (dm-3): Corruption detected", "XFS", "dm-3", null)]
    [InlineData("EXT4-fs error (device sda1): ext4_find_entry:1455: inode #2", "EXT4-fs", "sda1", null)]
    [InlineData("BTRFS: error (device sdb1) in btrfs_commit_transaction:2460: errno=-5 IO failure", "BTRFS", "sdb1", null)]
    [InlineData("BTRFS error (device sdc state EA): bdev /dev/sdc errs", "BTRFS", "sdc", null)]
    [InlineData("md/raid1:md0: Disk failure on sdb1, disabling device.", "md", "md0", null)]
    [InlineData("EDAC MC0: 1 UE on DIMM_A1", "EDAC", "MC0", null)]
    [InlineData("NVRM: GPU at 0000:01:00.0 has fallen off the bus.", "NVRM", null, null)]
    [InlineData("[drm:amdgpu_job_timedout [amdgpu]] *ERROR* ring gfx timeout", "amdgpu", null, null)]
    [InlineData("mce: [Hardware Error]: Machine check events logged", "mce", null, null)]
    [InlineData("I/O error, dev sda, sector 12 op 0x0:(READ)", "", "sda", null)]
    [InlineData("IPv6: ADDRCONF(NETDEV_UP): eth0: link is not ready", "IPv6", null, null)]
    [InlineData("Cannot open root device", "", null, null)]
    public void A_kernel_message_names_its_driver_and_device(string message, string name, string? device, string? bdf)
    {
        Speaker speaker = SpeakerForms.OfKernel(message);
        Assert.Equal(name, speaker.Name);
        Assert.Equal(device, speaker.Device);
        Assert.Equal(bdf, speaker.Bdf?.ToString());
        Assert.False(speaker.Program);
    }

    [Theory]
    [InlineData("Nov 21 02:11:35 host kdumpctl[812]: kexec: failed to load kdump kernel", "kdumpctl", null)]
    [InlineData("Nov 21 02:11:35 host systemd[1]: var-crash.mount: Failed with result 'exit-code'.", "systemd", "var-crash.mount")]
    [InlineData("[    7.1] dracut-initqueue[402]: Warning: dracut-initqueue timeout", "dracut-initqueue", null)]
    [InlineData("[  1527.587] (EE) Segmentation fault at address 0x0", "Xorg", null)]
    public void A_line_of_a_program_names_it_and_its_unit(string line, string name, string? unit)
    {
        Speaker speaker = SpeakerForms.Of(new Kdump.Diagnosis.Text.TextLine("log", 1, line));
        Assert.Equal(name, speaker.Name);
        Assert.Equal(unit, speaker.Device);
        Assert.True(speaker.Program);
    }

    [Theory]
    [InlineData("Feb  9 11:35:30 host teams-for-linux.desktop[2098]: failed", "program")]
    [InlineData("Feb  9 11:35:30 host session_manager[27452]: failed", "program")]
    [InlineData("Feb  9 11:35:30 host ethercat-tool[27452]: failed", "program")]
    [InlineData("Feb  9 11:35:30 host smbd[812]: failed", "network file system")]
    [InlineData("Feb  9 11:35:30 host kdumpctl[812]: failed", "crash handling")]
    [InlineData("Feb  9 11:35:30 host kernel: team0: failed", "network card")]
    [InlineData("[86124.274593] init: ui main process (24007) terminated with status 1", "first program")]
    public void How_a_drivers_name_begins_says_nothing_of_a_program(string line, string kind) =>
        Assert.Equal(kind, SpeakerForms.Of(new Kdump.Diagnosis.Text.TextLine("log", 1, line)).Kind.What);
}
