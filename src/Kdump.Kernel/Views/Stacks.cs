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
                ? Of(task.Cpu, registers)
                : WithoutRegisters(task.Cpu);
        }
        // A zombie that was scheduled away for good has no stack any more.
        try
        {
            return task.StackBase.Value == 0 ? new Stack([], "it has exited and its stack is gone", null)
                : unwinder.FromSleep(task.SleepingSp);
        }
        catch (InputException e)
        {
            return new Stack([], e.Reason, null);
        }
    }

    /// <summary>A CPU that left registers: works without BTF and tasks. What it did about a double fault comes first.</summary>
    public Stack Of(int cpu, PtRegs registers)
    {
        Stack? fault = ExceptionStack.OfDoubleFault(vmcore, cpu) is { } stack && stack.Saved.Ip == registers.Ip &&
            stack.Saved.Sp == registers.Sp
            && vmcore.FindSymbol("machine_kexec") is { } end ? unwinder.Through(stack, end) : null;
        return fault ?? unwinder.FromRegisters(registers);
    }

    /// <summary>From where the registers say and no further in: where the kernel was when it stopped.</summary>
    public Stack Of(PtRegs registers) => unwinder.FromRegisters(registers);

    /// <summary>Tasks with identical stacks together, the largest groups first.</summary>
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

    /// <summary>
    /// A CPU that did not answer the crash. The NMI that it may have been handling says where it was before, and not for sure what it did
    /// then.
    /// </summary>
    private Stack WithoutRegisters(int cpu)
    {
        string why = $"it ran on CPU {cpu}, which left no registers";
        if (ExceptionStack.OfNmi(vmcore, cpu) is not { } stack || unwinder.Through(stack, null) is not { } walked)
            return new Stack([], why, null);
        List<Frame> frames = [.. walked.Frames];
        for (int i = 0; !stack.SavedBy(frames[i]); i++)
            frames[i] = frames[i] with { Kind = FrameKind.Guess };
        return walked with { Frames = frames, Stopped = $"{why}: it was handling an NMI" };
    }
}
