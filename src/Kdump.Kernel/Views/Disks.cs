using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>
/// Disks and partitions: since 5.11 from the inodes of the block devices' own file system, with one block_device each (Linux commit
/// 22ae8ce8b892 "block: simplify bdev/disk lookup in blkdev_get"); before from the devices of block_class.
/// </summary>
public sealed class Disks
{
    private const int MaxDevices = 1_000_000;

    private static readonly (string Operations, string Kind)[] Kinds =
    [
        ("nvme_bdev_ops", "nvme"), ("nvme_bdev_fops", "nvme"), ("nvme_fops", "nvme"), ("nvme_ns_head_ops", "nvme-multipath"),
        ("virtblk_fops", "virtio"), ("sd_fops", "scsi"), ("sr_bdops", "cdrom"), ("dm_blk_dops", "dm"), ("dm_rq_blk_dops", "dm"),
            ("md_fops", "md"),
        ("lo_fops", "loop"), ("zram_devops", "zram"), ("zram_wb_devops", "zram"), ("nbd_fops", "nbd"), ("xlvbd_block_fops", "xen"),
        ("brd_fops", "ram"), ("floppy_fops", "floppy"), ("rbd_bd_ops", "rbd"), ("mmc_bdops", "mmc"), ("pmem_fops", "pmem"),
    ];

    private readonly CrashedKernel kernel;
    private readonly List<Damage> damages = [];
    private readonly List<BlockDisk> all = [];
    private readonly BlockQueue queues;
    private readonly BlockDetails details;
    private readonly StructType diskType;
    private readonly Dictionary<ulong, List<BlockPartition>> partitions = [];

    /// <exception cref="InputException">BTF lacks a struct, or a symbol is missing.</exception>
    public Disks(CrashedKernel kernel, Tasks? tasks)
    {
        this.kernel = kernel;
        diskType = kernel.Struct("gendisk");
        queues = new BlockQueue(kernel, tasks, damages);
        details = new BlockDetails(kernel, damages);
        List<StructReader> disks = [];
        foreach (StructReader device in kernel.Struct("block_device").Has("bd_device") ? ByInodes() : ByClass())
        {
            try
            {
                Sort(device, disks);
            }
            catch (InputException e)
            {
                damages.Add(Damage.From(e));
            }
        }
        foreach (StructReader device in disks)
        {
            try
            {
                all.Add(Disk(device));
            }
            catch (InputException e)
            {
                damages.Add(Damage.From(e));
            }
        }
        all.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
    }

    /// <summary>The disks, sorted by name.</summary>
    public IReadOnlyList<BlockDisk> All => all;

    public IReadOnlyList<Damage> Damages => damages;

    private IEnumerable<StructReader> ByInodes()
    {
        StructType both = kernel.Struct("bdev_inode"), inode = kernel.Struct("inode");
        VirtualAddress super = kernel.Memory.Pointer(kernel.Symbol("blockdev_superblock"), "blockdev_superblock");
        VirtualAddress head = super + kernel.Struct("super_block").Offset("s_inodes");
        int link = inode.Offset("i_sb_list"), at = both.Offset("vfs_inode"), device = both.Offset("bdev");
        StructType type = kernel.Struct("block_device");
        foreach (VirtualAddress entry in KernelList.Walk(kernel.Memory, head, "super_block.s_inodes", damages, MaxDevices))
            yield return new StructReader(kernel.Memory, type, entry + -link + -at + device);
    }

    /// <summary>struct hd_struct of disks (the member part0) and of partitions.</summary>
    private IEnumerable<StructReader> ByClass()
    {
        StructReader block = kernel.At("class", kernel.Symbol("block_class"));
        StructType part = kernel.Struct("hd_struct"), own = kernel.Struct("device_private");
        int node = own.Offset("knode_class"), link = kernel.Struct("klist_node").Offset("n_node");
        if (block.Follow("p") is not { } subsystem)
            yield break;
        foreach (VirtualAddress entry in KernelList.Walk(kernel.Memory, subsystem.AddressOf("klist_devices.k_list"),
            "block_class.klist_devices",
            damages, MaxDevices))
            if (kernel.Memory.TryU64(entry + -link + -node + own.Offset("device"), out ulong device))
                yield return new StructReader(kernel.Memory, part, new VirtualAddress(device) + -part.Offset("__dev"));
    }

    private void Sort(StructReader device, List<StructReader> disks)
    {
        bool merged = device.Has("bd_device");
        int number = device.First("bd_partno", "partno") is { } own ? (int)own : (int)(device.U64("__bd_flags.counter") & 0xFF);
        if (number == 0)
        {
            // The root inode of that file system has no disk.
            if (!merged || device.Pointer("bd_disk").Value != 0)
                disks.Add(device);
            return;
        }
        VirtualAddress disk = merged ? device.Pointer("bd_disk") : device.Pointer("__dev.parent") + -diskType.Offset("part0.__dev");
        uint dev = merged ? device.U32("bd_dev") : device.U32("__dev.devt");
        StructReader kobject = device.Inner(merged ? "bd_device" : "__dev").Inner("kobj");
        if (!partitions.TryGetValue(disk.Value, out List<BlockPartition>? of))
            partitions[disk.Value] = of = [];
        of.Add(new BlockPartition(number, kobject.TextAt("name") ?? "?", BlockNames.Number(dev),
            device.U64(merged ? "bd_start_sect" : "start_sect"),
            device.First("bd_nr_sectors", "nr_sects") ?? 0, ReadOnly(device), device.Has("bd_openers.counter")
                ? device.S32("bd_openers.counter") : null,
            Names(device, "bd_holder_dir", "holder_dir")));
    }

    private BlockDisk Disk(StructReader device)
    {
        bool merged = device.Has("bd_device");
        StructReader disk = merged ? device.Follow("bd_disk")!.Value
            : new StructReader(kernel.Memory, diskType, device.Address + -diskType.Offset("part0"));
        StructReader? queue = disk.Follow("queue");
        string kind = KindOf(disk);
        bool requests = queue is { } q && q.Has("mq_ops") && q.U64("mq_ops") != 0;
        (IReadOnlyList<(string, string)> found, IReadOnlyList<string> trouble) = details.Of(kind, disk, queue);
        StructReader generic = device.Inner(merged ? "bd_device" : "__dev");
        List<BlockPartition> parts = partitions.GetValueOrDefault(disk.Address.Value) ?? [];
        parts.Sort((a, b) => a.Number.CompareTo(b.Number));
        return new BlockDisk(disk.Address, disk.Text("disk_name"), $"{disk.S32("major")}:{disk.S32("first_minor")}", kind,
            ParentOf(generic),
            device.First("bd_nr_sectors", "nr_sects") ?? 0, ReadOnly(device), device.Has("bd_openers.counter")
                ? device.S32("bd_openers.counter") : null,
            requests ? queue!.Value.U32("nr_hw_queues") : 0, queue is { } r ? Scheduler(r) : null, merged || !requests ? Counted(device)
                : null,
            queue is { } s
                ? States(s) : [],
            Names(disk, "slave_dir"), Names(device, "bd_holder_dir", "holder_dir"), parts, found, trouble, queue is { } t ? queues.Read(t)
                : []);
    }

    private string KindOf(StructReader disk)
    {
        if (disk.Pointer("fops") is not { Value: not 0 } operations || kernel.Locate(operations) is not { } at)
            return "?";
        foreach ((string name, string kind) in Kinds)
            if (at.Symbol == name)
                return kind;
        return at.Module ?? at.Symbol;
    }

    private static string? ParentOf(StructReader device)
    {
        if (device.Follow("parent") is not { } parent)
            return null;
        string name = parent.Inner("kobj").TextAt("name") ?? "?";
        // The parent of a SCSI disk is its scsi_device, whose driver is sd.
        return parent.Follow("driver") is { } driver ? $"{name} ({driver.TextAt("name")})" : name;
    }

    /// <summary>
    /// Name of the I/O scheduler. elevator_name is an array in some kernels and a pointer in others, which differ in their size in BTF.
    /// </summary>
    private static string? Scheduler(StructReader queue)
    {
        if (queue.Pointer("elevator").Value == 0 || queue.Follow("elevator")?.Follow("type") is not { } type)
            return null;
        return type.Type.SizeOf("elevator_name") == 8 ? type.TextAt("elevator_name") : type.Text("elevator_name");
    }

    private static List<string> States(StructReader queue)
    {
        List<string> words = [];
        // QUEUE_FLAG_* are macros, or values of an unnamed enum, and changed often; the depths contain the same information.
        if (queue.Has("quiesce_depth") && queue.S32("quiesce_depth") > 0)
            words.Add("quiesced");
        if (queue.Has("mq_freeze_depth") && queue.S32("mq_freeze_depth") > 0)
            words.Add("frozen");
        return words;
    }

    private static bool ReadOnly(StructReader device) => device.First("bd_read_only", "policy") is { } own ? own != 0
        : device.Has("__bd_flags.counter") && (device.U64("__bd_flags.counter") & 0x100) != 0;

    /// <summary>
    /// Reads and writes in flight: disk_stats.in_flight, summed over all CPUs. If partitions are of struct hd_struct (until 5.10), it does
    /// not count the requests of disks that have requests.
    /// </summary>
    private (long, long)? Counted(StructReader device)
    {
        string member = device.Has("bd_stats") ? "bd_stats" : "dkstats";
        if (kernel.PerCpu.Value is not { } perCpu || kernel.Btf.Value?.Struct("disk_stats") is not { } type || !type.Has("in_flight") ||
            !device.Has(member))
            return null;
        try
        {
            VirtualAddress at = device.Pointer(member);
            long reads = 0, writes = 0;
            foreach (int cpu in perCpu.Possible)
            {
                VirtualAddress one = perCpu.Address(at, cpu) + type.Offset("in_flight");
                reads += unchecked((long)kernel.Memory.U64(one, "disk_stats.in_flight"));
                writes += unchecked((long)kernel.Memory.U64(one + 8, "disk_stats.in_flight"));
            }
            return (Math.Max(0, reads), Math.Max(0, writes));
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
            return null;
        }
    }

    private IReadOnlyList<string> Names(StructReader of, params ReadOnlySpan<string> members)
    {
        foreach (string member in members)
            if (of.Has(member) && of.Type.Of(member) is not null && of.Follow(member) is { } folder)
                return KernfsFolder.Children(kernel, folder, damages);
        return [];
    }
}
