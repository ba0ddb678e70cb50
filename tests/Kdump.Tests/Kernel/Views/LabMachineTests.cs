using Kdump.Formats.Dumps;
using Kdump.Kernel;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Views;

namespace Kdump.Tests.Kernel.Views;

/// <summary>
/// Disks, mounts, network, swap and who held the memory, of a real kernel (fixtures/dumps/deadlock-6.1.elf.xz), beside what
/// tests/lab/vmcore did to its machine: machine.sh gave it the devices, first-init the rest.
/// </summary>
public sealed class LabMachineTests : IClassFixture<LabMachineTests.Machine>
{
    private readonly Vmcore vmcore;

    public LabMachineTests(Machine machine) => vmcore = machine.Vmcore;

    [Fact]
    public void The_disk_that_answers_twice_a_second_has_the_reads_that_dd_waits_for()
    {
        Disks disks = new(vmcore, vmcore.Tasks.Value);
        BlockDisk disk = Assert.Single(disks.All, d => d.Name == "nvme0n1");
        Assert.Empty(disks.Damages);
        Assert.Equal(("nvme", 16UL << 20 >> 9, false), (disk.Kind, disk.Sectors, disk.ReadOnly));
        Assert.Contains(("state", "live"), disk.Details);
        Assert.Equal([], disk.Trouble);
        // dd reads in order, and the kernel ahead of it: one request follows the other on the disk and in age.
        Assert.NotEmpty(disk.Requests);
        Assert.All(disk.Requests, r => Assert.Equal(("in flight", "read"), (r.State, r.Operation)));
        Assert.Equal(disk.Requests.Count, disk.Counted!.Value.Reads);
        foreach ((BlockRequest before, BlockRequest after) in disk.Requests.Zip(disk.Requests.Skip(1)))
        {
            Assert.Equal(before.Sector + before.Bytes / 512, after.Sector);
            Assert.True(before.Age >= after.Age);
        }
    }

    [Fact]
    public void The_mounts_are_those_that_init_made_with_their_flags()
    {
        Mounts mounts = new(vmcore, null);
        Assert.Empty(mounts.Damages);
        Assert.Equal(["/", "/dev", "/mnt", "/proc", "/sys", "/sys/fs/cgroup"],
            mounts.All.Select(m => m.Path!).Order(StringComparer.Ordinal));
        MountPoint tmpfs = mounts.All.Single(m => m.Path == "/mnt");
        Assert.Equal(("tmpfs", "lab", "/"), (tmpfs.FileSystem.Type, tmpfs.Source!, tmpfs.Root!));
        Assert.Contains("nosuid", tmpfs.Flags);
        Assert.Contains("nodev", tmpfs.Flags);
        Assert.DoesNotContain("noexec", tmpfs.Flags);
        MountPoint sys = mounts.All.Single(m => m.Path == "/sys"), cgroup = mounts.All.Single(m => m.Path == "/sys/fs/cgroup");
        Assert.Equal(("cgroup2", sys.Id), (cgroup.FileSystem.Type, cgroup.ParentId));
        Assert.All(mounts.All, m => Assert.Equal("", m.FileSystem.Frozen));
    }

    [Fact]
    public void Loopback_is_up_the_card_is_not_and_nc_listens()
    {
        NetNamespaces spaces = new(vmcore);
        NetSockets sockets = new(vmcore, vmcore.Tasks.Value, spaces);
        Assert.Empty(spaces.Damages);
        Assert.Empty(sockets.Damages);
        NetInterface lo = spaces.Interfaces.Single(i => i.Name == "lo"), card = spaces.Interfaces.Single(i => i.Name != "lo");
        Assert.Equal((1, 65536U), (lo.Index, lo.Mtu));
        Assert.Contains("up", lo.Flags);
        Assert.Equal(["127.0.0.1/8", "::1/128"], lo.Addresses);
        Assert.Equal(("virtio_net", 1500U, "52:54:00:12:34:56"), (card.Driver!, card.Mtu, card.HardwareAddress));
        Assert.DoesNotContain("up", card.Flags);
        Assert.Empty(card.Addresses);
        NetSocket listener = Assert.Single(sockets.All, s => s.Socket.State == "LISTEN");
        Assert.EndsWith(":9", listener.Socket.Local, StringComparison.Ordinal);
        Assert.Equal("nc", Assert.Single(listener.Owners).Task.Comm);
    }

    [Fact]
    public void No_swap_was_given_to_the_machine()
    {
        Swaps swaps = new(vmcore);
        Assert.Empty(swaps.All);
        Assert.Empty(swaps.Damages);
    }

    [Fact]
    public void Who_held_the_memory_is_in_the_order_in_which_the_killer_would_choose()
    {
        MemoryHolders holders = new(vmcore, vmcore.Tasks.Value!);
        Assert.Empty(holders.Damages);
        // dd if=/dev/urandom bs=1M has a buffer of a megabyte, which nothing else here comes near.
        MemoryHolder first = holders.All[0];
        Assert.Equal("dd", first.Task.Comm);
        Assert.True(first.Anonymous * 4 > 1024, $"{first.Anonymous} pages");
        Assert.Null(holders.All.Single(h => h.Task.Pid == 1).Score);
        Assert.All(holders.All, h => Assert.Equal((0, 0L), (h.Adjustment, h.Swapped)));
        long[] scores = [.. holders.All.Where(h => h.Score is not null).Select(h => h.Score!.Value)];
        Assert.Equal(scores.OrderDescending(), scores);
        Assert.Equal(4, holders.All.Single(h => h.Task.Comm == "odd_threads").Threads);
    }

    /// <summary>Its name is the kernel's own: tables of modules are none of its business.</summary>
    [Fact]
    public void An_enumerator_of_the_kernel_is_found_without_looking_at_modules()
    {
        Interpreter interpreter = new(vmcore, () => vmcore.Tasks.Value!, () => null);
        Assert.Equal(1UL, ((KernelObject)interpreter.Evaluate("BPF_MAP_TYPE_HASH")).Load());
    }

    public sealed class Machine : IDisposable
    {
        private readonly RealKernelTests.Core unpacked = new("deadlock-6.1.elf.xz");

        public Machine() => Vmcore = Vmcore.Open(DumpFormats.Open([unpacked.Path]));

        public Vmcore Vmcore { get; }

        public void Dispose()
        {
            Vmcore.Dispose();
            unpacked.Dispose();
        }
    }
}
