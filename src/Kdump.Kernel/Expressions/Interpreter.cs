using System.Globalization;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;
using Kdump.Kernel.Views;

namespace Kdump.Kernel.Expressions;

/// <summary>
/// Evaluates expressions over a crashed kernel: those of C, with a few functions (<see cref="FunctionTable"/>). The results are objects
/// or types. docs/expressions.md describes the language.
/// </summary>
public sealed class Interpreter
{
    private readonly CrashedKernel kernel;
    private readonly Func<Tasks> tasks;
    private readonly Variables variables;
    private readonly Evaluator evaluator;
    private readonly Dictionary<string, CType?> known = new(StringComparer.Ordinal);

    /// <param name="tasks">Returns all threads; throws an <see cref="InputException"/> with the reason if they cannot be read.</param>
    /// <param name="crashed">Returns the task that crashed; null if it is not known.</param>
    public Interpreter(CrashedKernel kernel, Func<Tasks> tasks, Func<VirtualAddress?> crashed)
    {
        this.kernel = kernel;
        this.tasks = tasks;
        Types = new TypeNames(kernel);
        variables = new Variables(kernel, KnownType);
        evaluator = new Evaluator(kernel, Types, variables, TasksBy, () => Current ?? crashed());
    }

    public TypeNames Types { get; }

    /// <summary>The task that <c>task()</c> without a number returns; null for the task that crashed.</summary>
    public VirtualAddress? Current { get; set; }

    /// <exception cref="ExpressionException">The text is not an expression, or has no value.</exception>
    /// <exception cref="InputException">Required memory is missing.</exception>
    public Result Evaluate(string text) => evaluator.Evaluate(Parser.Expression(text, Types));

    /// <summary>
    /// The address that a text means: the address of a variable or function, the target of a pointer, a number, which may be
    /// hexadecimal without 0x, or a place as the kernel's log prints it (<see cref="TracePlace"/>).
    /// </summary>
    /// <exception cref="ExpressionException">The text is not an expression, or its value is not an address.</exception>
    /// <exception cref="InputException">Required memory is missing.</exception>
    /// <param name="followText">True if a variable that is a pointer to characters means the target of the pointer.</param>
    public VirtualAddress AddressOf(string text, bool followText = false) => Within(text, 0, () => Address(text, followText));

    private VirtualAddress Address(string text, bool followText)
    {
        string word = text.Trim();
        // As in crash: a number in place of an address is hexadecimal.
        if (word.Length is > 0 and <= 16 && (char.IsAsciiDigit(word[0]) || word.Length >= 8) &&
            ulong.TryParse(word, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong hexadecimal))
            return new VirtualAddress(hexadecimal);
        // NAME+0xOFFSET alone is an expression where C has such a name with a type.
        if (TracePlace.Parse(word) is { } trace && (trace.IsCertain || Variable(trace.Name) is null or { IsUntyped: true }) &&
            trace.In(kernel) is { } place)
            return place;
        KernelObject value = Evaluate(text) as KernelObject ?? throw new ExpressionException(0, "one address was expected, not a sequence");
        if (value.Address is { } address && (value.IsUntyped || value.PerCpu || !value.Type.IsScalar))
            return address;
        if (followText && value.Type.Bare is { Kind: CTypeKind.Pointer } pointer && pointer.Target.IsCharacter && value.Text is null)
            return new VirtualAddress(value.Load());
        // A variable means its own address, as in crash; a pointer that is the value of an expression means its target.
        if (value.Symbol is not null && value.Address is { } variable)
            return variable;
        return value.Text is null && (value.Type.IsInteger || value.Type.Bare.Kind == CTypeKind.Pointer)
            ? new VirtualAddress(value.Load()) : throw new ExpressionException(0, $"{Arithmetic.Described(value)} is no address");
    }

    /// <summary>
    /// The addresses that a text means: one, or for a per-CPU variable that is followed by CPUs (<c>runqueues:2</c>, <c>runqueues:a</c>,
    /// as in crash) one for each CPU, with a label.
    /// </summary>
    /// <inheritdoc cref="AddressOf"/>
    public IEnumerable<(string? Label, VirtualAddress Address)> Places(string text)
    {
        if (PerCpuForm(text) is not { } form)
            return [(null, AddressOf(text))];
        return Within(form, 0, () => Evaluate(form)) switch
        {
            ObjectSequence all => all.Select(o => (o.Label is null ? null : $"CPU {o.Label.Trim('[', ']')}", o.Address ?? default)),
            KernelObject one => [(null, one.Address ?? default)],
            _ => [],
        };
    }

    /// <summary>Converts <c>runqueues:2</c> into <c>per_cpu(runqueues, 2)</c>; null for a text of any other form.</summary>
    public static string? PerCpuForm(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || !text.AsSpan(0, colon).TrimEnd().ToString().All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
            return null;
        string name = text[..colon].Trim(), cpus = text[(colon + 1)..].Trim();
        if (cpus is "a" or "all")
            return $"per_cpu({name})";
        return cpus.Length is > 0 and < 6 && cpus.All(char.IsAsciiDigit) ? $"per_cpu({name}, {cpus})" : null;
    }

    /// <summary>A struct or union by its name alone, or the type that the text names.</summary>
    /// <param name="word">The kind to look for first: struct or union.</param>
    /// <exception cref="ExpressionException">There is no such type.</exception>
    public CType Type(string name, string word) => Types.Any(name) is { } known ? Types.Complete(known)
        : TypeOf(name.StartsWith(word + " ", StringComparison.Ordinal) ? name : $"{word} {name}")!;

    /// <summary>A member of an object, by its path: <c>a</c>, <c>a.b</c>, <c>a[0].b</c>.</summary>
    public KernelObject MemberOf(KernelObject whole, string path)
    {
        const string whose = "it.";
        return Within(path, whose.Length, () => evaluator.One(Parser.Expression(whose + path, Types), whole));
    }

    /// <summary>The answer to a text that is only a part of what the user wrote: an error says which part.</summary>
    /// <param name="before">Number of characters before the text that the user did not write.</param>
    private static T Within<T>(string text, int before, Func<T> answer)
    {
        try
        {
            return answer();
        }
        catch (ExpressionException e) when (e.Text is null)
        {
            throw new ExpressionException(Math.Max(0, e.Column - before), e.Message, text);
        }
    }

    /// <summary>The type that a text names; null if it is not a type.</summary>
    /// <exception cref="ExpressionException">The text begins like a type but is not valid.</exception>
    public CType? TypeOf(string text) => Parser.TypeAlone(text, Types) is { } node ? Types.Complete(evaluator.TypeOf(node, null)) : null;

    /// <summary>The variable or function with a name; null if there is none.</summary>
    /// <exception cref="ExpressionException">Several have the name.</exception>
    public KernelObject? Variable(string name) => variables.Find(name, null, 0);

    /// <summary>Names of all symbols, first the kernel's and then those of modules.</summary>
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
        // For variables that are not in the table, use the vmlinux that the user specified, if there is one.
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
