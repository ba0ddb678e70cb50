using Kdump.Probe.Machine;

namespace Kdump.Tests.Probe;

/// <summary>Only on trees: rebinding a device of the machine that runs the tests is nobody's test.</summary>
public sealed class BindingTests
{
    private const string Bdf = "0000:00:02.0";

    [Fact]
    public void A_root_that_is_listed_as_dev_root_is_in_use()
    {
        using TreeBuilder tree = Disk().File("proc/self/mountinfo", "22 1 254:0 / / rw - ext4 /dev/root rw\n");
        Assert.Contains("in use", Judge(tree));
    }

    [Fact]
    public void A_swap_and_a_mapped_device_are_in_use()
    {
        using TreeBuilder swap = Disk().File("proc/self/mountinfo", "").File("proc/swaps", "Filename Type\n/dev/vda partition\n");
        Assert.Contains("in use", Judge(swap));
        using TreeBuilder mapped = Disk().File("proc/self/mountinfo", "")
            .File("sys/devices/pci0000:00/0000:00:02.0/virtio1/block/vda/holders/dm-0", "");
        Assert.Contains("mapped device", Judge(mapped));
    }

    [Fact]
    public void What_cannot_be_asked_counts_as_in_use()
    {
        using TreeBuilder tree = Disk();
        Assert.Contains("cannot determine", Judge(tree));
    }

    [Fact]
    public void A_disk_that_nobody_uses_may_be_rebound()
    {
        using TreeBuilder tree = Disk().File("proc/self/mountinfo", "22 1 254:16 / / rw - ext4 /dev/vdb rw\n");
        Assert.Null(Judge(tree));
        using var root = new Root(tree.Path);
        Assert.Contains("no such PCI function", Binding.Obstacle(root, "0000:00:09.0"));
    }

    private static string? Judge(TreeBuilder tree)
    {
        using var root = new Root(tree.Path);
        return Binding.Obstacle(root, Bdf);
    }

    private static TreeBuilder Disk() => new TreeBuilder().Pci(Bdf, 0x010000, 0x1af4, 0x1001, "virtio-pci")
        .File("sys/devices/pci0000:00/0000:00:02.0/virtio1/block/vda/dev", "254:0\n")
        .Link("sys/class/block/vda", "../../devices/pci0000:00/0000:00:02.0/virtio1/block/vda");
}
