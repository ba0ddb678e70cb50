using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;
using Kdump.Kernel.Views;

namespace Kdump.Kernel.Expressions;

/// <summary>
/// Expressions over a dead kernel, C's own with a few functions (<see cref="FunctionTable"/>): text in, objects or types out.
/// docs/expressions.md describes the language.
/// </summary>
public sealed class Interpreter
{
    private readonly CrashedKernel kernel;
    private readonly Func<Tasks> tasks;
    private readonly Variables variables;
    private readonly Evaluator evaluator;
    private readonly Dictionary<string, CType?> known = new(StringComparer.Ordinal);

    /// <param name="tasks">All threads; throws the <see cref="InputException"/> that says why there are none.</param>
    /// <param name="crashed">The task that crashed; null where nothing tells.</param>
    public Interpreter(CrashedKernel kernel, Func<Tasks> tasks, Func<VirtualAddress?> crashed)
    {
        this.kernel = kernel;
        this.tasks = tasks;
        Types = new TypeNames(kernel);
        variables = new Variables(kernel, KnownType);
        evaluator = new Evaluator(kernel, Types, variables, TasksBy, () => Current ?? crashed());
    }

    public TypeNames Types { get; }

    /// <summary>What <c>task()</c> without a number is; null: the task that crashed.</summary>
    public VirtualAddress? Current { get; set; }

    /// <exception cref="ExpressionException">It is no expression, or has no value.</exception>
    /// <exception cref="InputException">Memory that it needs is missing.</exception>
    public Result Evaluate(string text) => evaluator.Evaluate(Parser.Expression(text, Types));

    /// <summary>The type that a text names; null where it is no type.</summary>
    /// <exception cref="ExpressionException">It begins as a type but is none.</exception>
    public CType? TypeOf(string text) => Parser.TypeAlone(text, Types) is { } node ? Types.Complete(evaluator.TypeOf(node, null)) : null;

    /// <summary>The variable or function of a name; null where there is none.</summary>
    /// <exception cref="ExpressionException">Several have the name.</exception>
    public KernelObject? Variable(string name) => variables.Find(name, null, 0);

    /// <summary>Every symbol's name, the kernel's and then the modules'.</summary>
    public IEnumerable<string> Symbols() => variables.Names();

    private IEnumerable<KernelObject> TasksBy(KernelObject pid)
    {
        CType type = CType.Of(kernel.Btf.Need(kernel.Dump.Name, "struct task_struct"), kernel.Struct("task_struct").Id);
        ulong wanted = pid.Load();
        foreach (TaskStruct task in tasks().All)
            if (wanted == ulong.MaxValue || (wanted <= int.MaxValue && task.Pid == (int)wanted))
                yield return KernelObject.PointerIn(kernel.Memory, type, task.Address.Value);
    }

    private CType? KnownType(string name)
    {
        if (known.TryGetValue(name, out CType? type))
            return type;
        foreach (string declared in KnownVariables.Find(name)?.Types ?? [])
        {
            try
            {
                type = TypeOf(declared);
                break;
            }
            catch (ExpressionException)
            {
                // This kernel has no such type.
            }
        }
        known[name] = type;
        return type;
    }
}
