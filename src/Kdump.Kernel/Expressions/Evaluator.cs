using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Expressions;

/// <summary>
/// Evaluates an expression. An operation on a sequence is applied to each element; if an element is NULL or its memory is missing, only
/// that element fails and keeps its position. The number of steps is limited, so evaluation always ends.
/// </summary>
internal sealed class Evaluator
{
    /// <summary>Maximum number of steps, a few seconds; each operation on each element of a sequence is a step.</summary>
    private const int MaxSteps = 20_000_000;

    private readonly CrashedKernel kernel;
    private readonly TypeNames types;
    private readonly Variables variables;
    private readonly Functions functions;
    private int steps;

    public Evaluator(CrashedKernel kernel, TypeNames types, Variables variables, Func<KernelObject, IEnumerable<KernelObject>> tasks,
        Func<VirtualAddress?> current)
    {
        this.kernel = kernel;
        this.types = types;
        this.variables = variables;
        functions = new Functions(kernel, types, this, tasks, current);
    }

    /// <summary>Evaluates an expression after resetting the step counter; called once per user request.</summary>
    public Result Evaluate(Node node)
    {
        steps = 0;
        return Value(node, null);
    }

    public void Step(int column)
    {
        if (++steps > MaxSteps)
            throw new ExpressionException(column, $"stopped after {MaxSteps} steps");
    }

    /// <param name="it">Value of <c>it</c>; null outside of where() and map().</param>
    public Result Value(Node node, KernelObject? it)
    {
        Step(node.Column);
        switch (node.Kind)
        {
            case NodeKind.Number:
                return KernelObject.Of(node.Type!, node.Value);
            case NodeKind.Text:
                return KernelObject.OfText(node.Text);
            case NodeKind.Name:
                return Name(node, it);
            case NodeKind.Member:
                return Each(Value(node.Parts[0], it), o => Member(o, node, arrow: false), o => Member(o, node, arrow: null));
            case NodeKind.Arrow:
                return Each(Value(node.Parts[0], it), o => Member(o, node, arrow: true), o => Member(o, node, arrow: null));
            case NodeKind.Index:
                return Index(node, it);
            case NodeKind.Slice:
                return Slice(node, it);
            case NodeKind.Unary:
                Result operand = Value(node.Parts[0], it);
                return node.Text switch
                {
                    "*" => Each(operand, o => Dereference(o, node.Column)),
                    "&" => Each(operand, o => AddressOf(o, node.Column)),
                    _ => Each(operand, o => Arithmetic.Unary(node.Text, o, node.Column)),
                };
            case NodeKind.Binary:
                return Binary(node, it);
            case NodeKind.Conditional:
                return Value(node.Parts[Arithmetic.Truth(One(node.Parts[0], it), node.Parts[0].Column) ? 1 : 2], it);
            case NodeKind.Cast:
                CType type = TypeOf(node.Parts[0], it);
                return Each(Value(node.Parts[1], it), o => Cast(type, o, node.Column));
            case NodeKind.SizeOf:
                return KernelObject.Of(CType.UnsignedLong, (ulong)SizeOf(node, it));
            case NodeKind.Call:
                return functions.Call(node, it);
            default:
                throw new ExpressionException(node.Column, $"'{TypeOf(node, it)}' is a type, and a value was expected");
        }
    }

    /// <summary>Evaluates an expression whose value must be a single object, not a sequence.</summary>
    public KernelObject One(Node node, KernelObject? it) => Value(node, it) as KernelObject
        ?? throw new ExpressionException(node.Column, "a single value was expected, and this is a sequence");

    public CType TypeOf(Node node, KernelObject? it)
    {
        Step(node.Column);
        switch (node.Kind)
        {
            case NodeKind.TypeName:
                return node.Type!;
            case NodeKind.TypeOf:
                return One(node.Parts[0], it).Type;
            case NodeKind.TypePointer:
                return CType.PointerTo(TypeOf(node.Parts[0], it));
            case NodeKind.TypeArray:
                KernelObject length = One(node.Parts[1], it);
                if (!length.Type.IsInteger || length.Load() > 1 << 24)
                    throw new ExpressionException(node.Column, "the length of an array is a number up to 16777216");
                return CType.ArrayOf(TypeOf(node.Parts[0], it), (uint)length.Load());
            default:
                throw new ExpressionException(node.Column, "a type was expected, and this is a value");
        }
    }

    /// <summary>Applies a function to an object, or to each element of a sequence.</summary>
    /// <param name="ofElement">The function for elements of a sequence, if it is another one.</param>
    public Result Each(Result value, Func<KernelObject, KernelObject> single, Func<KernelObject, KernelObject>? ofElement = null)
    {
        if (value is KernelObject one)
            return one.Failure is null ? single(one) : one;
        ObjectSequence many = (ObjectSequence)value;
        return new ObjectSequence(Mapped(many, ofElement ?? single), many.Notes);
    }

    /// <summary>The member of a struct, or of the struct that a pointer points at.</summary>
    /// <param name="arrow">True for <c>-&gt;</c>, false for <c>.</c>; null allows both, for an element of a sequence.</param>
    public KernelObject Member(KernelObject value, Node node, bool? arrow)
    {
        string name = node.Text;
        CType bare = value.Type.Bare;
        bool pointer = bare.Kind is CTypeKind.Pointer || (bare.Kind == CTypeKind.Array && arrow != false);
        if (value.IsUntyped)
            throw new ExpressionException(node.Column, $"no member of {Arithmetic.Described(value)} can be taken");
        if (value.PerCpu)
            throw new ExpressionException(node.Column, OnNoCpu(value));
        CType target = pointer ? bare.Target : bare;
        target = types.Complete(target);
        if (!target.IsCompound)
            throw new ExpressionException(node.Column, target.Bare.Kind == CTypeKind.Incomplete
                ? $"neither the kernel nor a module has the members of {target}"
                : $"{Arithmetic.Described(value)} has no members");
        if (arrow == true && !pointer)
            throw new ExpressionException(node.Column - 2, $"'{value.Type}' is no pointer: write '.{name}'");
        if (arrow == false && pointer)
            throw new ExpressionException(node.Column - 1, $"'{value.Type}' is a pointer: write '->{name}'");
        StructType compound = target.Compound!;
        if (compound.Find(name) is not { } member)
            throw new ExpressionException(node.Column, $"{target.Bare} has no member '{name}'{Nearest.Hint(name, AllMembers(compound))}");
        VirtualAddress at;
        if (pointer)
        {
            ulong there = value.Load();
            if (there < 4096)
                throw there == 0 ? NullPointer.At(kernel.Dump.Name, $"->{name}")
                    : new InputException(kernel.Dump.Name, $"->{name}", -1, $"the pointer before it is 0x{there:x}, which is no address");
            at = new VirtualAddress(there);
        }
        else
        {
            at = value.Address ?? throw new ExpressionException(node.Column, "this value is not in memory");
        }
        CType type = CType.Of(compound.Types, member.Type);
        KernelMemory memory = value.Memory ?? kernel.Memory;
        KernelObject found = member.BitSize == 0 ? KernelObject.At(memory, type, at + member.Offset)
            : KernelObject.Bitfield(memory, type, at, (int)member.BitOffset, member.BitSize);
        return found.Labelled(value.Label);
    }

    public static IEnumerable<string> AllMembers(StructType type) => StructLayout.Of(type).Select(m => m.Member?.Name ?? "");

    public KernelObject Dereference(KernelObject value, int column)
    {
        CType bare = value.Type.Bare;
        if (value.PerCpu && bare.Kind != CTypeKind.Array)
            throw new ExpressionException(column, OnNoCpu(value));
        if (bare.Kind == CTypeKind.Function)
            return value;
        if (bare.Kind is not (CTypeKind.Pointer or CTypeKind.Array) || value.Text is not null)
            throw new ExpressionException(column, $"{Arithmetic.Described(value)} is no pointer" +
                (value.Type.IsInteger ? ": cast it to one, *(TYPE *)" : ""));
        CType target = types.Complete(bare.Target);
        if (target.Bare.Kind is CTypeKind.Void or CTypeKind.Incomplete)
            throw new ExpressionException(column, $"what '{value.Type}' points at has no type: cast the pointer first");
        ulong at = value.Load();
        if (at == 0)
            throw NullPointer.At(kernel.Dump.Name, $"*({value.Type})");
        return KernelObject.At(value.Memory ?? kernel.Memory, target, new VirtualAddress(at)).Labelled(value.Label);
    }

    public static KernelObject AddressOf(KernelObject value, int column)
    {
        if (value.BitSize > 0)
            throw new ExpressionException(column, "a bitfield has no address");
        if (value.Address is not { } address)
            throw new ExpressionException(column, "this value was computed and has no address");
        return KernelObject.PointerIn(value.Memory, value.IsUntyped ? CType.Void : value.Type, address.Value).Labelled(value.Label);
    }

    public KernelObject Cast(CType type, KernelObject value, int column)
    {
        CType bare = type.Bare;
        if (value.PerCpu)
            throw new ExpressionException(column, OnNoCpu(value));
        // A variable of unknown type gets the type of the cast, as in gdb.
        if (value.IsUntyped && value.Address is { } address)
            return KernelObject.At(value.Memory ?? kernel.Memory, type, address).Labelled(value.Label);
        if (value.Text is not null)
            throw new ExpressionException(column, "a text cannot be cast");
        if (!bare.IsScalar || bare.Kind == CTypeKind.Float)
        {
            if (value.Address is not null && bare.Same(value.Type))
                return value;
            throw new ExpressionException(column, $"'{type}' is not a valid type for a cast: only numbers and pointers can be cast" +
                (value.Address is not null ? $"; *({type} *)& reads what is there as one" : ""));
        }
        if (!value.Type.IsScalar && value.Type.Bare.Kind is not (CTypeKind.Array or CTypeKind.Function))
            throw new ExpressionException(column, $"{Arithmetic.Described(value)} cannot become '{type}'");
        if (value.Type.Bare.Kind == CTypeKind.Float)
            throw new ExpressionException(column, "a floating-point number cannot be cast here");
        ulong bits = value.Load();
        return (bare.Kind == CTypeKind.Pointer ? KernelObject.PointerIn(value.Memory, bare.Target, bits) : KernelObject.Of(type, bits))
            .Labelled(value.Label);
    }

    private static string OnNoCpu(KernelObject value) =>
        $"'{value.Symbol}' is a per-CPU variable: write per_cpu({value.Symbol}, CPU), or per_cpu({value.Symbol}) for all";

    private IEnumerable<KernelObject> Mapped(ObjectSequence many, Func<KernelObject, KernelObject> change)
    {
        foreach (KernelObject item in many)
        {
            Step(0);
            KernelObject next;
            if (item.Failure is not null)
            {
                next = item;
            }
            else
            {
                try
                {
                    next = change(item).Labelled(item.Label);
                }
                catch (InputException e)
                {
                    next = KernelObject.Failed(e, item.Label);
                }
            }
            yield return next;
        }
    }

    private KernelObject Name(Node node, KernelObject? it)
    {
        if (node is { Text: "it", Module: null } && it is not null)
            return it;
        // The kernel's own symbols come before those of modules; if one matches, the modules' tables are not read.
        if (node.Module is null && variables.FindOwn(node.Text, node.Column) is { } own)
            return own;
        if (node.Module is null && kernel.Btf.Value?.FindEnumerator(node.Text) is { } constant)
            return KernelObject.Of(constant.Value is >= int.MinValue and <= int.MaxValue ? CType.Int : CType.Long,
                unchecked((ulong)constant.Value));
        if (variables.Find(node.Text, node.Module, node.Column) is { } variable)
            return variable;
        if (node.Module is not null)
            throw new ExpressionException(node.Column, kernel.Modules.Value?.All.Any(m => m.Name == node.Module) == true
                ? $"module {node.Module} has no symbol '{node.Text}'" : $"no module '{node.Module}' is loaded" +
                    Nearest.Hint(node.Module, kernel.Modules.Value?.All.Select(m => m.Name) ?? []));
        foreach (Btf types in kernel.Modules.Value?.Types().Values ?? [])
            if (types.FindEnumerator(node.Text) is { } inModule)
                return KernelObject.Of(CType.Int, unchecked((ulong)inModule.Value));
        // An address without 0x, as %p and crash print it.
        if (node.Text.Length is >= 12 and <= 16 && ulong.TryParse(node.Text, System.Globalization.NumberStyles.AllowHexSpecifier,
            System.Globalization.CultureInfo.InvariantCulture, out ulong address))
            return KernelObject.Of(CType.UnsignedLong, address);
        if (node.Text == "it")
            throw new ExpressionException(node.Column, "'it' is defined only inside where() and map()");
        CType? type = types.Any(node.Text);
        throw new ExpressionException(node.Column, kernel.Kallsyms.Value switch
        {
            null => $"symbols need kallsyms: {kernel.Kallsyms.Status}",
            _ when type is not null => $"'{node.Text}' is a type ({type}), and a value was expected",
            _ => $"neither a symbol nor an enumerator is called '{node.Text}'{Nearest.Hint(node.Text, variables.Names())}",
        });
    }

    private KernelObject Index(Node node, KernelObject? it)
    {
        Result array = Value(node.Parts[0], it);
        KernelObject index = One(node.Parts[1], it);
        if (!index.Type.IsInteger)
            throw new ExpressionException(node.Parts[1].Column, $"{Arithmetic.Described(index)} is no index");
        long n = unchecked((long)index.Load());
        if (array is ObjectSequence many)
        {
            if (n < 0)
                throw new ExpressionException(node.Parts[1].Column, "a sequence begins with its element 0");
            long i = 0;
            foreach (KernelObject item in many)
            {
                Step(node.Column);
                if (i++ == n)
                    return item;
            }
            throw new ExpressionException(node.Parts[1].Column, $"the sequence has {i} elements");
        }
        return Element((KernelObject)array, n, node.Column);
    }

    private KernelObject Element(KernelObject array, long n, int column)
    {
        CType bare = array.Type.Bare;
        if (array.PerCpu)
            throw new ExpressionException(column, OnNoCpu(array));
        if (bare.Kind is not (CTypeKind.Array or CTypeKind.Pointer) || array.Text is not null)
            throw new ExpressionException(column, $"{Arithmetic.Described(array)} is no array");
        // Arrays of length 0 or 1 at the end of a struct usually have more elements than declared.
        if (bare is { Kind: CTypeKind.Array, Length: > 1 } && (n < 0 || n >= bare.Length))
            throw new ExpressionException(column, $"the array has {bare.Length} elements: there is no [{n}] ((&a[0])[{n}] goes past it)");
        CType target = types.Complete(bare.Target);
        if (target.Size == 0)
            throw new ExpressionException(column, $"what '{array.Type}' holds has no size: cast it first");
        ulong start = array.Load();
        if (start == 0)
            throw NullPointer.At(kernel.Dump.Name, $"[{n}]");
        return KernelObject.At(array.Memory ?? kernel.Memory, target, new VirtualAddress(unchecked(start + (ulong)(n * target.Size))));
    }

    private ObjectSequence Slice(Node node, KernelObject? it)
    {
        Result array = Value(node.Parts[0], it);
        long from = Bound(node.Parts[1], it);
        long? end = node.Parts.Length > 2 ? Bound(node.Parts[2], it) : null;
        if (array is ObjectSequence many)
            return new ObjectSequence(end is { } stop ? many.Take((int)Math.Min(int.MaxValue, stop)).Skip((int)Math.Min(int.MaxValue, from))
                : many.Skip((int)Math.Min(int.MaxValue, from)), many.Notes);
        KernelObject one = (KernelObject)array;
        if (end is null && one.Type.Bare is not { Kind: CTypeKind.Array, Length: > 0 })
            throw new ExpressionException(node.Column, "its length is not known: give the end of the slice, [0:4]");
        long last = end ?? one.Type.Bare.Length;
        if (one.Type.Bare is { Kind: CTypeKind.Array, Length: > 1 } bare && last > bare.Length)
            throw new ExpressionException(node.Column, $"the array has {bare.Length} elements");
        return new ObjectSequence(Elements(), []);

        IEnumerable<KernelObject> Elements()
        {
            for (long i = from; i < last; i++)
            {
                Step(node.Column);
                yield return Element(one, i, node.Column).Labelled($"[{i}]");
            }
        }
    }

    private long Bound(Node node, KernelObject? it)
    {
        KernelObject value = One(node, it);
        if (!value.Type.IsInteger || unchecked((long)value.Load()) is < 0 or > 1L << 32)
            throw new ExpressionException(node.Column, "a slice needs two numbers of 0 or more");
        return (long)value.Load();
    }

    private Result Binary(Node node, KernelObject? it)
    {
        Result left = Value(node.Parts[0], it);
        if (node.Text is "&&" or "||")
        {
            bool first = Arithmetic.Truth(left as KernelObject ?? One(node.Parts[0], it), node.Parts[0].Column);
            if (first == (node.Text == "||"))
                return KernelObject.Of(first);
            return KernelObject.Of(Arithmetic.Truth(One(node.Parts[1], it), node.Parts[1].Column));
        }
        Result right = Value(node.Parts[1], it);
        if (left is ObjectSequence && right is ObjectSequence)
            throw new ExpressionException(node.Column, $"two sequences cannot be operands of '{node.Text}'");
        return left is ObjectSequence
            ? Each(left, o => Arithmetic.Binary(node.Text, o, (KernelObject)right, node.Column))
            : Each(right, o => Arithmetic.Binary(node.Text, (KernelObject)left, o, node.Column));
    }

    private int SizeOf(Node node, KernelObject? it)
    {
        CType type = node.Parts[0].IsType ? TypeOf(node.Parts[0], it) : One(node.Parts[0], it).Type;
        type = types.Complete(type);
        if (type.Bare.Kind is CTypeKind.Unknown or CTypeKind.Incomplete or CTypeKind.Void or CTypeKind.Function)
            throw new ExpressionException(node.Column, type.Kind == CTypeKind.Unknown ? "its type is not known, nor its size"
                : $"'{type}' has no size");
        if (type.Bare is { Kind: CTypeKind.Array, Length: 0 })
            throw new ExpressionException(node.Column, $"how many elements '{type}' has is not known");
        return type.Size;
    }
}
