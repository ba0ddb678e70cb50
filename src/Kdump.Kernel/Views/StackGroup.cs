using Kdump.Kernel.Structs;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Views;

/// <summary>Tasks whose stacks have the same frames.</summary>
public sealed class StackGroup
{
    private readonly List<TaskStruct> tasks;

    internal StackGroup(Stack stack, List<TaskStruct> tasks)
    {
        Stack = stack;
        this.tasks = tasks;
    }

    /// <summary>The stack of the first task; stack pointers and registers of the other tasks differ.</summary>
    public Stack Stack { get; }

    public IReadOnlyList<TaskStruct> Tasks => tasks;

    internal void Add(TaskStruct task) => tasks.Add(task);
}
