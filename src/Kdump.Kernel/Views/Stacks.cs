using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Views;

/// <summary>The stack of any task: from its CPU's registers when it ran, from where it went to sleep otherwise.</summary>
public sealed class Stacks
{
    private readonly Vmcore vmcore;
    private readonly Unwinder unwinder;

    public Stacks(Vmcore vmcore)
    {
        this.vmcore = vmcore;
        unwinder = new Unwinder(vmcore);
    }

    public Stack Of(TaskStruct task)
    {
        if (task.OnCpu)
        {
            return vmcore.Registers.TryGetValue(task.Cpu, out PtRegs? registers)
                ? unwinder.FromRegisters(registers)
                : new Stack([], $"it ran on CPU {task.Cpu}, which left no registers", null);
        }
        // A zombie that was scheduled away for good has no stack any more.
        try
        {
            return task.StackBase.Value == 0 ? new Stack([], "it has exited and its stack is gone", null) : unwinder.FromSleep(task.SleepingSp);
        }
        catch (InputException e)
        {
            return new Stack([], e.Reason, null);
        }
    }

    /// <summary>A CPU's registers alone: works without BTF and tasks.</summary>
    public Stack Of(PtRegs registers) => unwinder.FromRegisters(registers);

    /// <summary>Tasks with identical stacks together, the largest groups first.</summary>
    public IReadOnlyList<StackGroup> All(IEnumerable<TaskStruct> tasks)
    {
        Dictionary<string, StackGroup> groups = new(StringComparer.Ordinal);
        foreach (TaskStruct task in tasks)
        {
            Stack stack = Of(task);
            string key = string.Join(',', stack.Frames.Select(f => $"{f.Ip}{(int)f.Kind}")) + stack.Stopped + (stack.UserRegisters is null ? "" : "user");
            if (!groups.TryGetValue(key, out StackGroup? group))
                groups[key] = group = new StackGroup(stack, []);
            group.Add(task);
        }
        return [.. groups.Values.OrderByDescending(g => g.Tasks.Count)];
    }
}
