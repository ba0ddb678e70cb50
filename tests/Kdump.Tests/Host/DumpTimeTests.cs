using System.Text.Json;
using Kdump.Sources.Hosts;

namespace Kdump.Tests.Host;

/// <summary>How long a dump is said to take, and what that is held against.</summary>
public sealed class DumpTimeTests
{
    [Theory]
    [InlineData("90", 90)]
    [InlineData("5min", 300)]
    [InlineData("1h 30min", 5400)]
    [InlineData("infinity", null)]
    [InlineData("0", null)]
    [InlineData("5 parsecs", null)]
    [InlineData("", null)]
    public void A_span_of_systemd_is_read_or_none(string text, int? seconds) => Assert.Equal(seconds, DumpDeadlines.Span(text));

    [Fact]
    public void A_slow_packer_and_a_rotating_disk_take_longer_and_the_assumption_is_said()
    {
        (int low, int high, string assumed) fast = Time("nvme", "makedumpfile -l -d 31"), slow = Time("rotating", "makedumpfile -c -d 31");
        Assert.True(fast.low < slow.low && fast.high < slow.high, $"{fast} {slow}");
        Assert.Contains("zlib on one CPU, a rotating disk", slow.assumed);
        Assert.Contains("kept at level 31", fast.assumed);
    }

    [Fact]
    public void A_limit_that_no_dump_comes_near_needs_no_word()
    {
        using var form = new HostForm("debian12");
        form.Files["etc/systemd/system/kdump-tools-dump.service.d/limit.conf"] = "[Service]\nTimeoutStartSec=10h\n";
        Assert.Empty(form.Check().Findings);
    }

    [Fact]
    public void A_later_drop_in_takes_an_earlier_limit_back()
    {
        using var form = new HostForm("debian13");
        form.Files["etc/systemd/system/kdump-tools-dump.service.d/a.conf"] = "[Service]\nTimeoutStartSec=5\n";
        form.Files["etc/systemd/system/kdump-tools-dump.service.d/b.conf"] = "[Service]\nTimeoutStartSec=infinity\n";
        Assert.Empty(form.Check().Findings);
    }

    private static (int Low, int High, string Assumed) Time(string disk, string collector)
    {
        using var form = new HostForm("rhel9");
        form.Change(form.Conf, "makedumpfile -l --message-level 7 -d 31", collector);
        form.Line($"xfs UUID={HostForm.Uuid}");
        form.CopyConf();
        if (disk == "rotating")
            RotatingDisk(form);
        JsonElement time = form.Check().Document.GetProperty("dumpSeconds");
        return (time.GetProperty("low").GetInt32(), time.GetProperty("high").GetInt32(), time.GetProperty("assumed").GetString()!);
    }

    /// <summary>The disk is called sda and says that it rotates.</summary>
    private static void RotatingDisk(HostForm form)
    {
        const string Old = "sys/devices/pci0000:00/0000:00:04.0/virtio1/block/vda/vda1",
            New = "sys/devices/pci0000:00/0000:00:04.0/virtio1/block/sda";
        form.Files[New + "/sda1/dev"] = "252:1\n";
        form.Files[New + "/queue/rotational"] = "1\n";
        form.Files.Remove(Old + "/dev");
        form.Links.Remove("sys/class/block/vda1");
        form.Links["sys/class/block/sda1"] = "../../devices/pci0000:00/0000:00:04.0/virtio1/block/sda/sda1";
        form.Links[$"dev/disk/by-uuid/{HostForm.Uuid}"] = "../../sda1";
        form.Files["proc/mounts"] = form.Files["proc/mounts"].Replace("/dev/vda1", "/dev/sda1");
    }
}
