using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>
/// Mounted file systems (super_blocks) and the mounts of one mount namespace: mnt_namespace.list until Linux commit 2eea9ce4310d
/// ("mounts: keep list of mounts in an rbtree") (v6.8), mnt_namespace.mounts since then.
/// </summary>
public sealed class Mounts
{
    private const int MaxMounts = 1_000_000;

    /// <summary>SB_* of include/linux/fs.h; the bits are the same since 2.6.</summary>
    private static readonly (uint Bit, string Name)[] SuperFlags =
        [(1, "ro"), (0x10, "sync"), (0x40, "mand"), (0x80, "dirsync"), (0x400, "noatime"), (0x200_0000, "lazytime")];

    /// <summary>MNT_* of include/linux/mount.h.</summary>
    private static readonly (uint Bit, string Name)[] MountFlags =
        [(0x40, "ro"), (1, "nosuid"), (2, "nodev"), (4, "noexec"), (8, "noatime"), (0x10, "nodiratime"), (0x20, "relatime"),
            (0x80, "nosymfollow")];

    private static readonly string[] FrozenStates = ["", "write", "page fault", "fs", "complete"];

    private readonly CrashedKernel kernel;
    private readonly DentryPath paths;
    private readonly List<MountPoint> all = [];
    private readonly List<SuperBlock> systems = [];
    private readonly Dictionary<ulong, SuperBlock> known = [];
    private readonly List<Damage> damages = [];
    private readonly Dictionary<ulong, long>? dirty;

    /// <param name="task">The task whose mount namespace to read; null for the first process.</param>
    /// <exception cref="InputException">BTF lacks a struct, or the namespace is missing.</exception>
    public Mounts(CrashedKernel kernel, TaskStruct? task)
    {
        this.kernel = kernel;
        paths = new DentryPath(kernel);
        dirty = DirtyInodes.Count(kernel, damages);
        StructType super = kernel.Struct("super_block");
        int link = super.Offset("s_list");
        foreach (VirtualAddress entry in KernelList.Walk(kernel.Memory, kernel.Symbol("super_blocks"), "super_blocks", damages, MaxMounts))
        {
            try
            {
                systems.Add(System(entry + -link));
            }
            catch (InputException e)
            {
                damages.Add(Damage.From(e));
            }
        }
        StructReader of = task?.Struct ?? kernel.At("task_struct", kernel.Symbol("init_task"));
        StructReader space = of.Follow("nsproxy")?.Follow("mnt_ns") ??
            throw new InputException(kernel.Dump.Name, "nsproxy.mnt_ns", -1, "the task has left its mount namespace: it was exiting");
        StructType mount = kernel.Struct("mount");
        bool tree = space.Has("mounts") && mount.Has("mnt_node");
        IEnumerable<VirtualAddress> entries = tree
            ? RbTree.Walk(kernel, space.AddressOf("mounts"), "mnt_namespace.mounts", damages, MaxMounts)
            : KernelList.Walk(kernel.Memory, space.AddressOf("list"), "mnt_namespace.list", damages, MaxMounts);
        int at = mount.Offset(tree ? "mnt_node" : "mnt_list");
        foreach (VirtualAddress entry in entries)
        {
            try
            {
                Add(new StructReader(kernel.Memory, mount, entry + -at));
            }
            catch (InputException e)
            {
                damages.Add(Damage.From(e));
            }
        }
    }

    /// <summary>The mounts, in the order of the namespace.</summary>
    public IReadOnlyList<MountPoint> All => all;

    /// <summary>Every file system of the machine, including the kernel's own ones and those of other namespaces.</summary>
    public IReadOnlyList<SuperBlock> FileSystems => systems;

    public IReadOnlyList<Damage> Damages => damages;

    private void Add(StructReader mount)
    {
        // Until 6.8 the list also contains cursors of processes that read /proc/mounts.
        const uint cursor = 0x1000_0000;
        uint flags = mount.U32("mnt.mnt_flags");
        VirtualAddress super = mount.Pointer("mnt.mnt_sb");
        if (super.Value == 0 || ((flags & cursor) != 0 && mount.Pointer("mnt.mnt_root").Value == 0))
            return;
        string? path = Try(() => paths.MountPoint(mount)), root = Try(() => paths.Inside(mount.Pointer("mnt.mnt_root")));
        int parent = mount.Follow("mnt_parent")?.S32("mnt_id") ?? 0;
        List<string> words = [.. MountFlags.Where(f => (flags & f.Bit) != 0).Select(f => f.Name)];
        if (!words.Contains("ro"))
            words.Insert(0, "rw");
        all.Add(new MountPoint(mount.Address, mount.S32("mnt_id"), parent, path, root, mount.TextAt("mnt_devname"), words, System(super)));
    }

    private string? Try(Func<string> read)
    {
        try
        {
            return read();
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
            return null;
        }
    }

    private SuperBlock System(VirtualAddress at)
    {
        if (known.TryGetValue(at.Value, out SuperBlock? system))
            return system;
        StructReader super = kernel.At("super_block", at);
        string type = super.Follow("s_type")?.TextAt("name") ?? "?";
        if (super.Has("s_subtype") && super.TextAt("s_subtype") is { Length: > 0 } sub)
            type += $".{sub}";
        uint device = super.U32("s_dev");
        ulong flags = super.U64("s_flags");
        ulong frozen = super.First("s_writers.frozen") ?? 0;
        system = new SuperBlock(at, type, super.Text("s_id"), $"{device >> 20}:{device & 0xF_FFFF}",
            [.. SuperFlags.Where(f => (flags & f.Bit) != 0).Select(f => f.Name)],
            frozen < (ulong)FrozenStates.Length ? FrozenStates[(int)frozen] : $"state {frozen}",
            dirty is null ? null : dirty.GetValueOrDefault(at.Value));
        known[at.Value] = system;
        return system;
    }
}
