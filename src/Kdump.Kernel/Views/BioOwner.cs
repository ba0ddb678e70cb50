using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>
/// Finds the task that waits for a bio. A bio contains no task, only the function to call at its end and that function's data (bi_end_io,
/// bi_private). The task is known if the data is on a task's stack, is a task, or is a direct I/O with a pointer to its waiter.
/// </summary>
internal sealed class BioOwner
{
    private readonly CrashedKernel kernel;
    private readonly Dictionary<ulong, TaskStruct> byAddress = [];
    private readonly List<(ulong Stack, TaskStruct Task)> stacks = [];
    private readonly Dictionary<ulong, string?> groups = [];

    public BioOwner(CrashedKernel kernel, Tasks? tasks)
    {
        this.kernel = kernel;
        foreach (TaskStruct task in tasks?.All ?? [])
        {
            byAddress[task.Address.Value] = task;
            if (kernel.Memory.TryU64(task.Struct.AddressOf("stack"), out ulong stack) && stack != 0)
                stacks.Add((stack, task));
        }
        stacks.Sort((a, b) => a.Stack.CompareTo(b.Stack));
    }

    /// <exception cref="InputException">The bio is missing from the dump.</exception>
    public (string? EndIo, TaskStruct? Owner, string? Cgroup) Of(VirtualAddress at)
    {
        StructReader bio = kernel.At("bio", at);
        VirtualAddress end = bio.Pointer("bi_end_io"), data = bio.Pointer("bi_private");
        string? function;
        if (end.Value == 0)
            function = null;
        else if (kernel.Locate(end) is { } location)
            function = location.Module is { } module ? $"{location.Symbol} [{module}]" : location.Symbol;
        else
            function = end.ToString();
        TaskStruct? owner = OnStack(data) ?? byAddress.GetValueOrDefault(data.Value)
            ?? (function is null ? null : Waiter(function, at, data));
        return (function, owner, Cgroup(bio));
    }

    private TaskStruct? Waiter(string function, VirtualAddress bio, VirtualAddress data)
    {
        // bi_end_io's symbol, the struct of bi_private, its member with the task; if a fourth name is given, the bio is that member of
        // the struct.
        foreach ((string prefix, string type, string member, string? inside) in (ReadOnlySpan<(string, string, string, string?)>)
        [
            ("blkdev_bio_end_io", "blkdev_dio", "waiter", null), ("iomap_dio_bio_end_io", "iomap_dio", "submit.waiter", null),
            ("dio_bio_end", "dio", "waiter", null), ("blkdev_bio_end_io", "blkdev_dio", "waiter", "bio"),
        ])
        {
            if (!function.StartsWith(prefix, StringComparison.Ordinal) || kernel.Btf.Value?.Struct(type) is not { } known ||
                !known.Has(member))
                continue;
            VirtualAddress start;
            if (inside is null)
                start = data;
            else
                start = known.Has(inside) ? bio + -known.Offset(inside) : default;
            if (start.Value != 0 && kernel.Memory.TryU64(start + known.Offset(member), out ulong task) &&
                byAddress.TryGetValue(task, out TaskStruct? found))
                return found;
        }
        return null;
    }

    private TaskStruct? OnStack(VirtualAddress at)
    {
        int low = 0, high = stacks.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (stacks[middle].Stack <= at.Value)
                low = middle + 1;
            else
                high = middle;
        }
        return low > 0 && at.Value - stacks[low - 1].Stack < (ulong)kernel.StackSize ? stacks[low - 1].Task : null;
    }

    private string? Cgroup(StructReader bio)
    {
        if (!bio.Has("bi_blkg") || bio.Pointer("bi_blkg") is not { Value: not 0 } group)
            return null;
        if (groups.TryGetValue(group.Value, out string? path))
            return path;
        try
        {
            path = kernel.At("blkcg_gq", group).Follow("blkcg") is { } control ? CgroupOf.Path(control.Inner("css")) : null;
        }
        catch (InputException)
        {
            path = null;
        }
        groups[group.Value] = path;
        return path;
    }
}
