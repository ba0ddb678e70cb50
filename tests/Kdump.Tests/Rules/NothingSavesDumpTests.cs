using Kdump.Diagnosis.Model;
using Kdump.Probe.Checks;
using Kdump.Probe.Commands;
using Kdump.Probe.Machine;
using Kdump.Tests.Probe;

namespace Kdump.Tests.Rules;

/// <summary>The probe in an image of a crash kernel: is there anything in it that saves the dump?</summary>
public sealed class NothingSavesDumpTests
{
    [Fact]
    public void An_image_with_a_target_and_nothing_that_reads_vmcore_is_told_so()
    {
        using TreeBuilder tree = Image();
        Finding told = Assert.Single(Judged(tree).Findings, f => f.Id == "image-cannot-dump");
        Assert.Equal("/etc/kdump.conf", Assert.Single(told.Evidence).Input);
        Assert.Contains(told.Fixes, f => f.Command?.Contains("kdumpctl rebuild", StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData("usr/bin/kdump.sh", "#!/bin/sh\n")]
    [InlineData("usr/lib/dracut/hooks/pre-pivot/9999-kdump.sh", "cp /proc/vmcore /mnt\n")]
    [InlineData("usr/lib/dracut/hooks/initqueue/finished/mine.sh", "cat /proc/vmcore | ssh host\n")]
    [InlineData("etc/systemd/system/mine.service", "[Service]\nExecStart=/usr/bin/makedumpfile -l /proc/v* /mnt/dump\n")]
    [InlineData("usr/bin/save", "#!/bin/sh\nmakedumpfile /proc/vmcore /mnt/x\n")]
    [InlineData("sbin/save", "#!/bin/sh\nmakedumpfile /proc/vmcore /mnt/x\n")]
    [InlineData("kdump/kdump-save", "#!/bin/sh\n")]
    public void Whatever_saves_it_is_found(string path, string text)
    {
        using TreeBuilder tree = Image().File(path, text);
        Assert.DoesNotContain(Judged(tree).Findings, f => f.Id == "image-cannot-dump");
    }

    /// <summary>No crash kernel, an image of kdump-tools, a machine's root, no configuration, a tree without programs.</summary>
    [Theory]
    [InlineData("proc/vmcore")]
    [InlineData("etc/initrd-release")]
    [InlineData("etc/kdump.conf")]
    [InlineData("usr/bin/sh", "usr/lib/dracut/hooks/cmdline/10.sh")]
    public void Where_no_image_need_save_it_nothing_is_said(params string[] without)
    {
        using TreeBuilder tree = Image();
        foreach (string path in without)
            File.Delete(Path.Combine(tree.Path, path));
        Assert.DoesNotContain(Judged(tree).Findings, f => f.Id == "image-cannot-dump");
        using TreeBuilder debian = Image().File("etc/default/kdump-tools", "USE_KDUMP=1\n");
        Assert.DoesNotContain(Judged(debian).Findings, f => f.Id == "image-cannot-dump");
    }

    [Fact]
    public void A_link_that_leads_in_a_circle_ends()
    {
        using TreeBuilder tree = Image().Link("usr/lib/dracut/hooks/cmdline/again", "..").Link("bin", "usr/bin");
        Assert.Contains(Judged(tree).Findings, f => f.Id == "image-cannot-dump");
    }

    private static TreeBuilder Image() => new TreeBuilder().File("proc/cmdline", "elfcorehdr=0x2e000000 nr_cpus=1 reset_devices\n")
        .File("proc/vmcore", "").File("etc/initrd-release", "NAME=dracut\n").File("etc/kdump.conf", "ext4 /dev/vda1\npath /var/crash\n")
        .File("usr/bin/sh", "\x7f" + "ELF/proc/vmcore").File("usr/lib/dracut/hooks/cmdline/10.sh", "root=block:/dev/vda1\n");

    private static Verdict Judged(TreeBuilder tree)
    {
        using var root = new Root(tree.Path);
        return Report.Gather(root, CheckTable.All).Verdict;
    }
}
