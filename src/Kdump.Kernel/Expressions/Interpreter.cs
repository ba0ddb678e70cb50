using System.Globalization;
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

    /// <summary>
    /// The address that a text means: of a variable or function, where a pointer points, or a number, which may be hexadecimal without 0x.
    /// </summary>
    /// <exception cref="ExpressionException">It is no expression, or has no value that is an address.</exception>
    /// <exception cref="InputException">Memory that it needs is missing.</exception>
    /// <param name="followText">A pointer to characters means where it points, also a variable.</param>
    public VirtualAddress AddressOf(string text, bool followText = false)
    {
        string word = text.Trim();
        // As in crash: a number that is an address is hexadecimal.
        if (word.Length is > 0 and <= 16 && (char.IsAsciiDigit(word[0]) || word.Length >= 8) &&
            ulong.TryParse(word, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong hexadecimal))
            return new VirtualAddress(hexadecimal);
        KernelObject value = Evaluate(text) as KernelObject ?? throw new ExpressionException(0, "one address was expected, not a sequence");
        if (value.Address is { } address && (value.IsUntyped || value.PerCpu || !value.Type.IsScalar))
            return address;
        if (followText && value.Type.Bare is { Kind: CTypeKind.Pointer } pointer && pointer.Target.IsCharacter && value.Text is null)
            return new VirtualAddress(value.Load());
        // A variable stands for itself, as in crash; a pointer that an expression leads to, for what it points at.
        if (value.Symbol is not null && value.Address is { } variable)
            return variable;
        return value.Text is null && (value.Type.IsInteger || value.Type.Bare.Kind == CTypeKind.Pointer)
            ? new VirtualAddress(value.Load()) : throw new ExpressionException(0, $"{Arithmetic.Described(value)} is no address");
    }

    /// <summary>
    /// The addresses that a text means: one, or for a per-CPU variable with CPUs behind it (<c>runqueues:2</c>, <c>runqueues:a</c>, as in
    /// crash) one for each, labelled.
    /// </summary>
    /// <inheritdoc cref="AddressOf"/>
    public IEnumerable<(string? Label, VirtualAddress Address)> Places(string text)
    {
        if (PerCpuForm(text) is not { } form)
            return [(null, AddressOf(text))];
        return Evaluate(form) switch
        {
            ObjectSequence all => all.Select(o => (o.Label is null ? null : $"CPU {o.Label.Trim('[', ']')}", o.Address ?? default)),
            KernelObject one => [(null, one.Address ?? default)],
            _ => [],
        };
    }

    /// <summary><c>runqueues:2</c> as <c>per_cpu(runqueues, 2)</c>; null for what is not written so.</summary>
    public static string? PerCpuForm(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || !text.AsSpan(0, colon).TrimEnd().ToString().All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
            return null;
        string name = text[..colon].Trim(), cpus = text[(colon + 1)..].Trim();
        return cpus is "a" or "all" ? $"per_cpu({name})" : cpus.Length is > 0 and < 6 && cpus.All(char.IsAsciiDigit)
            ? $"per_cpu({name}, {cpus})" : null;
    }

    /// <summary>A struct or union by its bare name, or anything that a text names as a type.</summary>
    /// <param name="word">What is looked for first: struct or union.</param>
    /// <exception cref="ExpressionException">There is none.</exception>
    public CType Type(string name, string word) => Types.Any(name) is { } known ? Types.Complete(known)
        : TypeOf(name.StartsWith(word + " ", StringComparison.Ordinal) ? name : $"{word} {name}")!;

    /// <summary>A member of an object, by its path: <c>a</c>, <c>a.b</c>, <c>a[0].b</c>.</summary>
    public KernelObject MemberOf(KernelObject whole, string path)
    {
        Node node = Parser.Expression("it." + path, Types);
        return evaluator.One(node, whole);
    }

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
        IEnumerable<string> declarations = KnownVariables.Find(name)?.Types ?? [];
        // A vmlinux that the user gave is asked for what the table does not have.
        foreach (string declared in declarations.Concat(Given(name)))
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

    private IEnumerable<string> Given(string name)
    {
        if (kernel.Debug?.TypeOf(name) is { } type)
            yield return type;
    }
}
