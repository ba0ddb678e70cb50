using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Views;

/// <summary>
/// The stack of any task: from its CPU's registers if it was running, otherwise from the registers saved when it went to sleep.
/// </summary>
public sealed class Stacks
{
    private readonly IReadOnlyDictionary<int, Registers> registers;
    private readonly StackWalker walker;

    /// <exception cref="InputException">The kernel's memory is not available.</exception>
    public Stacks(CrashedKernel kernel, IReadOnlyDictionary<int, Registers> registers, Layer<StackWalker> walker)
    {
        this.registers = registers;
        this.walker = walker.Need(kernel.Dump.Name, "stacks");
    }

    public Stack Of(TaskStruct task)
    {
        try
        {
            if (task.OnCpu)
            {
                return registers.TryGetValue(task.Cpu, out Registers? saved)
                    ? Of(task.Cpu, saved)
                    : WithoutRegisters(task.Cpu);
            }
            // A zombie that will never run again has no stack any more.
            return task.StackBase.Value == 0 ? new Stack([], "it has exited and its stack is gone", null)
                : walker.FromSleep(task);
        }
        catch (InputException e)
        {
            return new Stack([], e.Reason, null) { Missing = MissingMemory.Of(e) };
        }
        catch (OverflowException)
        {
            // Damaged memory gave invalid addresses or counts: only this stack is lost.
            return new Stack([], "its memory holds numbers that no kernel writes there", null);
        }
    }

    /// <summary>The stack of a CPU with saved registers; works without BTF and tasks.</summary>
    public Stack Of(int cpu, Registers saved) => walker.OfCpu(cpu, saved);

    /// <summary>The stack from the given registers only: where the kernel was when it stopped.</summary>
    public Stack Of(Registers saved) => walker.FromRegisters(saved);

    /// <summary>Groups of tasks with identical stacks, the largest groups first.</summary>
    public IReadOnlyList<StackGroup> All(IEnumerable<TaskStruct> tasks)
    {
        Dictionary<string, StackGroup> groups = new(StringComparer.Ordinal);
        foreach (TaskStruct task in tasks)
        {
            Stack stack = Of(task);
            string key = string.Join(',', stack.Frames.Select(f => $"{f.Ip}{(int)f.Kind}")) + stack.Stopped +
                (stack.UserRegisters is null ? "" : "user");
            if (!groups.TryGetValue(key, out StackGroup? group))
                groups[key] = group = new StackGroup(stack, []);
            group.Add(task);
        }
        return [.. groups.Values.OrderByDescending(g => g.Tasks.Count)];
    }

    /// <summary>The stack of a CPU that did not respond at the crash.</summary>
    private Stack WithoutRegisters(int cpu)
    {
        string why = $"it ran on CPU {cpu}, whose registers were not saved";
        return walker.WithoutRegisters(cpu, why) ?? new Stack([], why, null);
    }
}
