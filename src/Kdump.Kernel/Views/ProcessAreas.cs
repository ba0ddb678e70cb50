using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>
/// The memory of one process as in /proc/PID/maps and smaps: its areas, their files, and how many pages of each were in memory.
/// </summary>
public sealed class ProcessAreas
{
    private readonly CrashedKernel kernel;
    private readonly List<Damage> damages = [];
    private readonly DentryPath paths;
    private readonly Dictionary<ulong, string> names = [];

    /// <exception cref="InputException">The task has no memory of its own, or BTF lacks a struct.</exception>
    public ProcessAreas(CrashedKernel kernel, TaskStruct task, Tasks tasks)
    {
        this.kernel = kernel;
        Task = task;
        Mm = ProcessMemory.Of(kernel, task, tasks.All) ?? throw new InputException(kernel.Dump.Name, "task_struct.mm", -1, task.KernelThread
            ? $"{task.Comm} ({task.Pid}) is a kernel thread, which has no memory of its own"
            : $"{task.Comm} ({task.Pid}) has given its memory back: it was exiting");
        paths = new DentryPath(kernel);
        Pages = kernel.Memory.OpenUser(Mm.Struct.Pointer("pgd"));
        List<ProcessArea> areas = [];
        long[] budget = Budget();
        foreach (VmArea area in VmArea.All(kernel, Mm, damages))
            areas.Add(Read(area, budget));
        Areas = areas;
    }

    public TaskStruct Task { get; }

    public ProcessMemory Mm { get; }

    /// <summary>The page tables of the process; null if their root is missing.</summary>
    public UserPages? Pages { get; }

    public IReadOnlyList<ProcessArea> Areas { get; }

    public IReadOnlyList<Damage> Damages => damages;

    /// <summary>
    /// The entries of the page tables for an area. If a table refers to itself, there are more entries than the machine has pages; then
    /// the walk ends and reports damage.
    /// </summary>
    /// <param name="budget">The rest of <see cref="Budget"/>, shared by all areas.</param>
    internal IEnumerable<(VirtualAddress At, UserPage Page)> Entries(VmArea area, long[] budget)
    {
        foreach ((VirtualAddress At, UserPage Page) entry in Pages is { } tables ? tables.Walk(area.Start, area.End) : [])
        {
            // Sparse tables contain mostly holes, which cost less of the budget.
            budget[0] -= entry.Page.Kind == UserPageKind.None ? 1 : 16;
            if (budget[0] < 0)
            {
                damages.Add(new Damage(kernel.Dump.Name, "mm_struct.pgd", -1,
                    "the page tables have more entries than the machine has pages"));
                yield break;
            }
            yield return entry;
        }
    }

    /// <summary>Budget of entries that no valid process exceeds: one that maps all memory, and most of it more than once.</summary>
    internal long[] Budget() => [(long)Math.Min(kernel.Dump.MaxPfn.Value, 1UL << 40) * 64 + (1 << 22)];

    private ProcessArea Read(VmArea area, long[] budget)
    {
        long resident = 0, swapped = 0, unread = 0;
        if (Pages is null)
            unread = (long)(area.Bytes / (ulong)kernel.PageSize);
        foreach ((VirtualAddress at, UserPage page) in Entries(area, budget))
        {
            ulong end = Math.Min((at.Value & ~(page.Bytes - 1)) + page.Bytes, area.End.Value);
            long count = (long)((end - at.Value) / (ulong)kernel.PageSize);
            switch (page.Kind)
            {
                case UserPageKind.Present or UserPageKind.NoAccess: resident += count; break;
                case UserPageKind.Swapped: swapped += count; break;
                case UserPageKind.Missing: unread += count; break;
            }
        }
        uint? device = null;
        ulong? inode = null;
        string name = "";
        try
        {
            if (area.File.Value != 0)
            {
                StructReader file = kernel.At("file", area.File);
                if (!names.TryGetValue(area.File.Value, out string? path))
                    names[area.File.Value] = path = paths.Of(file.Pointer("f_path.mnt"), file.Pointer("f_path.dentry"));
                name = path;
                if (file.Follow("f_inode") is { } node)
                {
                    inode = node.U64("i_ino");
                    device = node.Follow("i_sb")?.U32("s_dev");
                }
            }
            else
            {
                name = NameOf(area);
            }
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
            name = area.File.Value != 0 ? "<not there>" : "";
        }
        return new ProcessArea(area, name, device, inode, resident, swapped, unread);
    }

    private string NameOf(VmArea area)
    {
        StructReader mm = Mm.Struct;
        VirtualAddress operations = area.Struct.Pointer("vm_ops");
        if (operations.Value != 0 && kernel.FindSymbol("special_mapping_vmops") == operations &&
            kernel.Btf.Value?.Struct("vm_special_mapping") is { } special &&
                area.Struct.Pointer("vm_private_data") is { Value: not 0 } mapping)
            return new StructReader(kernel.Memory, special, mapping).TextAt("name") ?? "";
        if (mm.Has("context.vdso") && mm.Pointer("context.vdso") == area.Start)
            return "[vdso]";
        if (area.Start.Value <= mm.U64("brk") && area.End.Value >= mm.U64("start_brk"))
            return "[heap]";
        ulong stack = mm.U64("start_stack");
        if (area.Start.Value <= stack && area.End.Value >= stack)
            return "[stack]";
        return area.Struct.Has("anon_name") && area.Struct.Type.Of("anon_name") is { } type && type.Has("name") &&
            area.Struct.Pointer("anon_name") is { Value: not 0 } named && kernel.Memory.Text(named + type.Offset("name"), 80) is { } text
                ? $"[anon:{text}]" : "";
    }
}
