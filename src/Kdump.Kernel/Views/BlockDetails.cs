using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>
/// Data of disk drivers about their disks, read by the BTF of their modules: name and value, and those values that show a problem.
/// </summary>
internal sealed class BlockDetails
{
    private const int MaxTargets = 10_000;
    private const int MaxPaths = 1024;

    private readonly CrashedKernel kernel;
    private readonly List<Damage> damages;
    private List<(string Name, string Value)> details = [];
    private List<string> trouble = [];

    public BlockDetails(CrashedKernel kernel, List<Damage> damages)
    {
        this.kernel = kernel;
        this.damages = damages;
    }

    public (IReadOnlyList<(string Name, string Value)> Details, IReadOnlyList<string> Trouble) Of(string kind, StructReader disk,
        StructReader? queue)
    {
        details = [];
        trouble = [];
        try
        {
            switch (kind)
            {
                case "nvme" when queue is { } q: Nvme(q.Pointer("queuedata")); break;
                case "scsi" when queue is { } q: Scsi(q.Pointer("queuedata")); break;
                case "dm": DeviceMapper(disk.Pointer("private_data")); break;
                case "md": Raid(disk.Pointer("private_data")); break;
            }
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
        }
        return (details, trouble);
    }

    private void Nvme(VirtualAddress at)
    {
        if (At("nvme_ns", at) is not { } ns || ns.Follow("ctrl") is not { } controller)
            return;
        string state = Name(controller.Type.Types, "nvme_ctrl_state", "NVME_CTRL_", controller.S32("state"));
        Add("controller",
            $"{controller.Follow("device")?.Inner("kobj").TextAt("name") ?? "?"}, {controller.Follow("ops")?.TextAt("name") ?? "?"}");
        Add("state", state);
        if (state != "live")
            trouble.Add($"controller is {state}");
        if (controller.Follow("subsys") is { } subsystem)
            Add("model", subsystem.Text("model").Trim());
    }

    private void Scsi(VirtualAddress at)
    {
        if (At("scsi_device", at) is not { } device)
            return;
        StructReader? host = device.Follow("host");
        Add("address", $"{host?.U32("host_no")}:{device.U32("channel")}:{device.U32("id")}:{device.U64("lun")}");
        Add("model", $"{Fixed(device, "vendor", 8)} {Fixed(device, "model", 16)}".Trim());
        string state = Name(device.Type.Types, "scsi_device_state", "SDEV_", device.S32("sdev_state"));
        Add("state", state);
        if (state != "running")
            trouble.Add($"device is {state}");
        if (host is { } of)
        {
            string hostState = Name(of.Type.Types, "scsi_host_state", "SHOST_", of.S32("shost_state"));
            Add("host", $"{of.Follow("hostt")?.TextAt("name") ?? "?"}, {hostState}");
            if (hostState != "running")
                trouble.Add($"host is in state {hostState}");
            if (of.Has("host_failed") && of.S32("host_failed") is > 0 and var failed)
                trouble.Add($"{failed} commands of the host have failed");
        }
        Add("commands", $"{device.U32("iorequest_cnt.counter")} sent, {device.U32("iodone_cnt.counter")} done, " +
            $"{device.U32("ioerr_cnt.counter")} with errors");
    }

    private void DeviceMapper(VirtualAddress at)
    {
        if (At("mapped_device", at) is not { } device)
            return;
        if (kernel.FindStruct("hash_cell") is { } cell && device.Pointer("interface_ptr") is { Value: not 0 } named)
            Add("name", new StructReader(kernel.Memory, cell, named).TextAt("name") ?? "?");
        // DMF_* of drivers/md/dm-core.h.
        ulong flags = device.U64("flags");
        foreach ((int bit, string word) in (ReadOnlySpan<(int, string)>)
            [(0, "holds back I/O for a suspend"), (1, "suspended"), (2, "its file system is frozen"), (4, "being deleted")])
            if ((flags >> bit & 1) != 0)
                trouble.Add(word);
        int deferred = Bios(device, "deferred");
        if (deferred > 0)
            trouble.Add($"{deferred} bios wait until it is resumed");
        if (device.Pointer("map") is not { Value: not 0 } map || At("dm_table", map) is not { } table)
        {
            Add("targets", "no table");
            return;
        }
        StructType target = kernel.FindStruct("dm_target") ?? kernel.Struct("dm_target");
        uint count = Math.Min(table.U32("num_targets"), MaxTargets);
        VirtualAddress first = table.Pointer("targets");
        for (uint i = 0; i < count; i++)
        {
            StructReader one = new(kernel.Memory, target, first + (long)i * target.Size);
            string type = one.Follow("type")?.TextAt("name") ?? "?";
            Add("target", $"{type}, {one.U64("len")} sectors from {one.U64("begin")}");
            if (type == "multipath")
                Multipath(one.Pointer("private"));
        }
    }

    private void Multipath(VirtualAddress at)
    {
        if (At("multipath", at) is not { } multipath || kernel.FindStruct("priority_group") is not { } group ||
            kernel.FindStruct("pgpath") is not { } path)
            return;
        VirtualAddress current = multipath.Pointer("current_pgpath");
        uint valid = multipath.U32("nr_valid_paths.counter");
        Add("valid paths", $"{valid}");
        if (valid == 0)
            trouble.Add("no valid path left");
        int link = group.Offset("list"), paths = group.Offset("pgpaths"), pathLink = path.Offset("list");
        foreach (VirtualAddress entry in KernelList.Walk(kernel.Memory, multipath.AddressOf("priority_groups"), "multipath.priority_groups",
            damages,
            MaxPaths))
        {
            StructReader one = new(kernel.Memory, group, entry + -link);
            foreach (VirtualAddress next in KernelList.Walk(kernel.Memory, entry + -link + paths, "priority_group.pgpaths", damages,
                MaxPaths))
            {
                StructReader to = new(kernel.Memory, path, next + -pathLink);
                bool active = to.U64("is_active") != 0;
                string name = to.Follow("path.dev")?.Text("name") ?? "?";
                Add("path", $"group {one.U32("pg_num")}, {name}, {(active ? "active" : "failed")}, failed {to.U32("fail_count")} times" +
                    (to.Address == current ? ", current" : ""));
                if (!active)
                    trouble.Add($"path {name} has failed");
            }
        }
        int queued = Bios(multipath, "queued_bios");
        if (queued > 0)
            trouble.Add($"{queued} bios wait for a path");
    }

    private void Raid(VirtualAddress at)
    {
        if (At("mddev", at) is not { } device)
            return;
        string? level = null;
        if (device.Follow("pers") is { } personality)
        {
            string field = personality.Has("name") ? "name" : "head.name";
            level = personality.Has(field) ? personality.TextAt(field) : null;
        }
        int disks = device.S32("raid_disks"), degraded = device.S32("degraded");
        Add("level", $"{level ?? "not running"}, {disks} disks");
        if (degraded > 0)
            trouble.Add($"{degraded} of {disks} disks are missing");
        if (device.S32("ro") is not 0)
            Add("array", "read-only");
        ulong recovery = device.U64("recovery");
        IReadOnlyList<(string Name, long Value)> bits = device.Type.Types.Enumerators("recovery_flags");
        string[] old = ["running", "sync", "recover", "intr", "done", "needed", "requested", "check", "reshape", "frozen", "error"];
        string[] words = bits.Count > 0
            ? [.. bits.Where(b => b.Value is >= 0 and < 64 && (recovery >> (int)b.Value & 1) != 0)
                .Select(b => Word(b.Name, "MD_RECOVERY_"))]
            : [.. old.Where((_, bit) => (recovery >> bit & 1) != 0)];
        if (words.Length > 0)
            Add("recovery", string.Join(", ", words));
        if (kernel.FindStruct("md_rdev") is not { } member)
            return;
        int link = member.Offset("same_set");
        foreach (VirtualAddress entry in KernelList.Walk(kernel.Memory, device.AddressOf("disks"), "mddev.disks", damages, MaxPaths))
        {
            StructReader one = new(kernel.Memory, member, entry + -link);
            ulong flags = one.U64("flags");
            // enum flag_bits of drivers/md/md.h: Faulty, In_sync.
            bool faulty = (flags & 1) != 0, inSync = (flags & 2) != 0;
            string of = one.Follow("bdev") is { } bdev ? BlockNames.Of(bdev) ?? "?" : "?";
            Add("member", $"{of}, {(one.S32("raid_disk") is >= 0 and var slot ? $"slot {slot}" : "spare")}, " +
                (faulty, inSync) switch { (true, _) => "faulty", (_, true) => "in sync", _ => "not in sync" });
            if (faulty)
                trouble.Add($"member {of} is faulty");
        }
    }

    /// <summary>Modules have BTF since Linux commit 5f9ae91f7c0d ("kbuild: Build kernel module BTFs if BTF is enabled and pahole supports
    /// it") (v5.11).</summary>
    private StructReader? At(string type, VirtualAddress at)
    {
        if (at.Value == 0)
            return null;
        if (kernel.FindStruct(type) is { } known)
            return new StructReader(kernel.Memory, known, at);
        Add("not known", $"what struct {type} holds: the kernel's driver has no BTF");
        return null;
    }

    private void Add(string name, string value) => details.Add((name, value));

    /// <summary>Number of entries in a struct bio_list.</summary>
    private int Bios(StructReader of, string list)
    {
        StructType bio = kernel.Struct("bio");
        return Chain.Walk(kernel.Memory, of.AddressOf($"{list}.head"), bio.Offset("bi_next"), $"{of.Type.Name}.{list}", damages).Count();
    }

    /// <summary>A text of fixed length, without NUL, to which a pointer points: fields of a SCSI inquiry.</summary>
    private string Fixed(StructReader of, string member, int length)
    {
        // In 7.x an array that ends with a NUL.
        if (of.Type.SizeOf(member) != 8)
            return of.Text(member).TrimEnd();
        byte[] raw = new byte[length];
        return of.Pointer(member) is { Value: not 0 } at && kernel.Memory.TryRead(at, raw)
            ? System.Text.Encoding.ASCII.GetString(raw).TrimEnd('\0', ' ') : "?";
    }

    private static string Name(Btf types, string enumeration, string prefix, int value)
    {
        foreach ((string name, long number) in types.Enumerators(enumeration))
            if (number == value)
                return Word(name, prefix);
        return $"state {value}";
    }

    private static string Word(string name, string prefix) =>
        (name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name).ToLowerInvariant().Replace('_', '-');
}
