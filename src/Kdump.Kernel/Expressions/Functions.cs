using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Expressions;

/// <summary>Implements the functions of <see cref="FunctionTable"/>.</summary>
internal sealed class Functions(CrashedKernel kernel, TypeNames types, Evaluator evaluator,
    Func<KernelObject, IEnumerable<KernelObject>> tasks, Func<VirtualAddress?> current)
{
    /// <summary>Maximum number of entries of one list or tree.</summary>
    private const int MaxEntries = KernelList.MaxEntries;

    private const int MaxBits = 1 << 16;

    private delegate IEnumerable<VirtualAddress> Walk(VirtualAddress head, List<Damage> damages);

    public Result Call(Node call, KernelObject? it)
    {
        Node[] given = call.Parts;
        switch (call.Text)
        {
            case "per_cpu":
                return PerCpu(call, it, pointer: false);
            case "per_cpu_ptr":
                return PerCpu(call, it, pointer: true);
            case "task":
                return Task(call, it);
            case "tasks":
                return new ObjectSequence(tasks(KernelObject.Of(CType.Int, ulong.MaxValue)), []);
            case "module":
                return Module(call, it);
            case "list":
                return Entries(call, it, "list_head", (h, d) => KernelList.Walk(kernel.Memory, h, "list", d, MaxEntries));
            case "hlist":
                return Entries(call, it, "hlist_node", (h, d) => HList.Walk(kernel, h, "hlist", d, MaxEntries));
            case "llist":
                return Entries(call, it, "llist_node", (h, d) => LList.Walk(kernel, h, "llist", d, MaxEntries));
            case "rbtree":
                return Entries(call, it, "rb_node", (h, d) => RbTree.Walk(kernel, h, "rbtree", d, MaxEntries));
            case "xarray":
                return Indexed(call, it, (h, d) => XArray.Walk(kernel, h, d));
            case "maple" or "mtree":
                return Indexed(call, it, (h, d) => MapleTree.Walk(kernel, h, d));
            case "slab":
                return Slab(call, it);
            case "chain":
                return Chain(call, it);
            case "bits":
                return Flat(evaluator.Value(given[0], it), (o, _) => Bits(o, given[0].Column));
            case "flags":
                CType names = evaluator.TypeOf(given[1], it);
                return evaluator.Each(evaluator.Value(given[0], it), o => Flags(o, names.Bare, given[1].Column));
            case "container_of":
                CType outer = Compound(given[1], it);
                long before = Offset(outer, given[2], it);
                return evaluator.Each(evaluator.Value(given[0], it),
                    o => KernelObject.PointerIn(o.Memory, outer, unchecked(Pointer(o, given[0].Column).Value - (ulong)before)));
            case "offsetof":
                return KernelObject.Of(CType.UnsignedLong, unchecked((ulong)Offset(Compound(given[0], it), given[1], it)));
            case "string":
                int most = given.Length > 1 ? (int)Math.Min(KernelObject.MaxText, evaluator.One(given[1], it).Load()) : 4096;
                return evaluator.Each(evaluator.Value(given[0], it), o => Text(o, most, given[0].Column));
            case "where":
                return Where(call, it);
            case "map":
                return Map(call, it);
            default:
                return Total(call, Sequence(given[0], it));
        }
    }

    private ObjectSequence Sequence(Node node, KernelObject? it) => evaluator.Value(node, it) switch
    {
        ObjectSequence many => many,
        KernelObject { Type.Bare: { Kind: CTypeKind.Array, Length: > 0 } } => (ObjectSequence)evaluator.Value(
            new Node(NodeKind.Slice, node.Column, "[:]", node, new Node(NodeKind.Number, node.Column, "0") { Type = CType.Int }), it),
        _ => throw new ExpressionException(node.Column, "a sequence was expected: list(…), tasks(), a[0:4]"),
    };

    private Result PerCpu(Node call, KernelObject? it, bool pointer)
    {
        Node what = call.Parts[0];
        KernelObject variable = evaluator.One(what, it);
        Structs.PerCpu perCpu = kernel.PerCpu.Need(kernel.Dump.Name, "per-CPU areas");
        CType type;
        VirtualAddress at;
        if (pointer)
        {
            type = Arithmetic.Pointee(variable) is { } target ? types.Complete(target)
                : throw new ExpressionException(what.Column, $"{Arithmetic.Described(variable)} is no pointer");
            at = new VirtualAddress(variable.Load());
        }
        else
        {
            if (what.Kind == NodeKind.Name && !variable.PerCpu)
                throw new ExpressionException(what.Column, $"'{what.Text}' is no per-CPU variable" +
                    (variable.Type.Bare.Kind == CTypeKind.Pointer ? "; of a __percpu pointer: per_cpu_ptr()" : ""));
            type = variable.Type;
            at = variable.Address ?? throw new ExpressionException(what.Column, "a per-CPU variable was expected");
        }
        KernelObject On(int cpu)
        {
            VirtualAddress there = perCpu.Address(at, cpu);
            KernelObject found = KernelObject.At(kernel.Memory, type, there);
            if (pointer)
                return KernelObject.PointerIn(kernel.Memory, type, there.Value);
            return variable.IsUntyped ? found.AsVariable(variable.Symbol ?? "", false) : found;
        }
        if (call.Parts.Length > 1)
        {
            KernelObject number = evaluator.One(call.Parts[1], it);
            if (!number.Type.IsInteger)
                throw new ExpressionException(call.Parts[1].Column, "the number of a CPU was expected");
            ulong cpu = number.Load();
            if (cpu > int.MaxValue || !perCpu.Possible.Contains((int)cpu))
                throw new ExpressionException(call.Parts[1].Column, $"there is no CPU {unchecked((long)cpu)} (possible: " +
                    $"{Ranges(perCpu.Possible)})");
            return On((int)cpu);
        }
        return new ObjectSequence(perCpu.Possible.Select(c => On(c).Labelled($"[{c}]")), []);
    }

    private static string Ranges(IReadOnlyList<int> cpus)
    {
        if (cpus.Count == 0)
            return "none";
        return cpus[^1] - cpus[0] == cpus.Count - 1 ? $"{cpus[0]}-{cpus[^1]}" : string.Join(',', cpus.Take(16));
    }

    private KernelObject Task(Node call, KernelObject? it)
    {
        CType type = CType.Of(kernel.Btf.Need(kernel.Dump.Name, "struct task_struct"), kernel.Struct("task_struct").Id);
        if (call.Parts.Length == 0)
            return current() is { } address ? KernelObject.PointerIn(kernel.Memory, type, address.Value)
                : throw new ExpressionException(call.Column, "which task crashed is not known: task(PID)");
        KernelObject pid = evaluator.One(call.Parts[0], it);
        if (!pid.Type.IsInteger)
            throw new ExpressionException(call.Parts[0].Column, "a process id was expected");
        foreach (KernelObject task in tasks(pid))
            return task;
        throw new ExpressionException(call.Parts[0].Column, $"no task has the id {unchecked((long)pid.Load())}");
    }

    private KernelObject Module(Node call, KernelObject? it)
    {
        string? name = evaluator.One(call.Parts[0], it).String(64);
        Modules modules = kernel.Modules.Need(kernel.Dump.Name, "modules");
        CType type = CType.Of(kernel.Btf.Need(kernel.Dump.Name, "struct module"), kernel.Struct("module").Id);
        KernelModule found = modules.All.FirstOrDefault(m => m.Name == name?.Replace('-', '_'))
            ?? throw new ExpressionException(call.Parts[0].Column, $"no module '{name}' is loaded" +
                Nearest.Hint(name ?? "", modules.All.Select(m => m.Name)));
        return KernelObject.PointerIn(kernel.Memory, type, found.Struct.Address.Value);
    }

    /// <summary>Entries of a list or tree: pointers to the structs that contain the links, or to the links themselves.</summary>
    private ObjectSequence Entries(Node call, KernelObject? it, string link, Walk walk)
    {
        Node[] given = call.Parts;
        if (given.Length == 2)
            throw new ExpressionException(call.Column, $"the member is missing: {FunctionTable.Find(call.Text)!.Usage}");
        CType type = given.Length > 1 ? Compound(given[1], it)
            : types.Any(link) ?? throw new ExpressionException(call.Column, $"this kernel has no struct {link}");
        long offset = given.Length > 1 ? Offset(type, given[2], it) : 0;
        return Flat(evaluator.Value(given[0], it), (head, damages) => Heads(head, given[0].Column)
            .SelectMany(h => walk(h, damages))
            .Select(e => KernelObject.PointerIn(kernel.Memory, type, unchecked(e.Value - (ulong)offset))));
    }

    /// <summary>Addresses of the heads: the value is a head or a pointer to one; an array of heads is a hash table.</summary>
    private IEnumerable<VirtualAddress> Heads(KernelObject head, int column)
    {
        if (head.Type.Bare is { Kind: CTypeKind.Array } table && table.Target.IsCompound)
        {
            for (uint i = 0; i < table.Length; i++)
            {
                evaluator.Step(column);
                yield return new VirtualAddress(head.Load()) + (long)i * table.Target.Size;
            }
            yield break;
        }
        yield return Place(head, column);
    }

    private VirtualAddress Place(KernelObject head, int column)
    {
        if (head.PerCpu)
            throw new ExpressionException(column, $"'{head.Symbol}' is a per-CPU variable: per_cpu({head.Symbol}, CPU)");
        if (head.Address is { } address && (head.Type.IsCompound || head.IsUntyped))
            return address;
        VirtualAddress at = Pointer(head, column);
        return at.Value != 0 ? at : throw NullPointer.At(kernel.Dump.Name, "the head");
    }

    private ObjectSequence Indexed(Node call, KernelObject? it,
        Func<VirtualAddress, List<Damage>, IEnumerable<(ulong Index, VirtualAddress Entry)>> walk)
    {
        CType type = call.Parts.Length > 1 ? evaluator.TypeOf(call.Parts[1], it) : CType.Void;
        return Flat(evaluator.Value(call.Parts[0], it), (head, damages) =>
        {
            // The first member of an idr is its radix tree.
            VirtualAddress at = Place(head, call.Parts[0].Column);
            return walk(at, damages).Select(e => KernelObject.PointerIn(kernel.Memory, type, e.Entry.Value)
                .Labelled(e.Index < 1 << 20 ? $"[{e.Index}]" : $"[0x{e.Index:x}]"));
        });
    }

    /// <summary>Objects of a cache that is named, or that a struct kmem_cache * points at.</summary>
    private ObjectSequence Slab(Node call, KernelObject? it)
    {
        Node what = call.Parts[0];
        KernelObject given = evaluator.One(what, it);
        CType type = call.Parts.Length > 1 ? types.Complete(evaluator.TypeOf(call.Parts[1], it)) : CType.Void;
        List<Damage> damages = [];
        StructReader cache = given.Text is { } name
            ? SlubObjects.Named(kernel, name, damages) ?? throw new ExpressionException(what.Column,
                $"no slab cache is called '{name}' (it may share that of another type)" +
                Nearest.Hint(name, SlubObjects.Caches(kernel, []).Select(c => c.TextAt("name") ?? "")))
            : new(kernel.Memory, kernel.Struct("kmem_cache"), Place(given, what.Column));
        return new ObjectSequence(SlubObjects.Of(kernel, cache, damages).Where(o => !o.Free)
            .Select(o => KernelObject.PointerIn(kernel.Memory, type, o.At.Value)), damages);
    }

    private ObjectSequence Chain(Node call, KernelObject? it)
    {
        KernelObject first = evaluator.One(call.Parts[0], it);
        CType target = Arithmetic.Pointee(first) is { } pointee ? types.Complete(pointee)
            : throw new ExpressionException(call.Parts[0].Column, $"{Arithmetic.Described(first)} is no pointer");
        long next = Offset(Compound(target, call.Parts[0].Column), call.Parts[1], it);
        List<Damage> damages = [];
        return new ObjectSequence(All(), damages);

        IEnumerable<KernelObject> All()
        {
            VirtualAddress at = Pointer(first, call.Parts[0].Column);
            if (at.Value == 0)
                yield break;
            yield return KernelObject.PointerIn(kernel.Memory, target, at.Value);
            foreach (VirtualAddress link in Structs.Chain.Walk(kernel.Memory, at + next, checked((int)next), "chain", damages))
            {
                if (link == at)
                {
                    damages.Add(new Damage(kernel.Dump.Name, "chain", -1, $"runs in a circle: {at} comes again"));
                    yield break;
                }
                yield return KernelObject.PointerIn(kernel.Memory, target, link.Value);
            }
        }
    }

    private IEnumerable<KernelObject> Bits(KernelObject mask, int column)
    {
        CType bare = mask.Type.Bare;
        if (bare.IsInteger)
        {
            ulong value = mask.Load();
            for (int i = 0; i < 8 * bare.Size; i++)
                if ((value >> i & 1) != 0)
                    yield return KernelObject.Of(CType.Int, (uint)i);
            yield break;
        }
        KernelObject target = bare.Kind == CTypeKind.Pointer ? evaluator.Dereference(mask, column) : mask;
        if (target.Type.IsInteger && bare.Kind == CTypeKind.Pointer)
            throw new ExpressionException(column, "the length of this bitmap is not known: use (unsigned long [N]) of it, or *pointer");
        int bytes = Math.Min(target.Type.Size, MaxBits / 8);
        if (bytes == 0 || !(target.Type.IsCompound || target.Type.Bare.Kind == CTypeKind.Array))
            throw new ExpressionException(column, $"{Arithmetic.Described(mask)} is no bitmap");
        byte[] raw = new byte[bytes];
        target.Read(raw);
        for (int i = 0; i < 8 * bytes; i++)
            if ((raw[i / 8] >> i % 8 & 1) != 0)
                yield return KernelObject.Of(CType.Int, (uint)i);
    }

    /// <summary>
    /// Decodes flags. If most values of an enum are single bits, its values are masks; otherwise they are bit numbers (enum pageflags).
    /// </summary>
    private static KernelObject Flags(KernelObject value, CType names, int column)
    {
        if (names.Kind != CTypeKind.Enum || names.Types is not { } types)
            throw new ExpressionException(column, $"'{names}' is no enum");
        if (!value.Type.IsInteger)
            throw new ExpressionException(column, $"{Arithmetic.Described(value)} has no bits");
        (string Name, long Value)[] all = [.. types.Enumerators(names.Id)];
        bool masks = all.Count(e => e.Value > 2 && (e.Value & e.Value - 1) == 0) * 2 > all.Count(e => e.Value > 2);
        ulong left = value.Load();
        List<string> found = [];
        foreach ((string name, long of) in all)
        {
            ulong mask;
            if (masks)
                mask = unchecked((ulong)of);
            else
                mask = of is >= 0 and < 64 ? 1UL << (int)of : 0;
            if (mask == 0 || (mask & mask - 1) != 0 || (left & mask) == 0)
                continue;
            found.Add(name);
            left &= ~mask;
        }
        if (left != 0)
            found.Add($"0x{left:x}");
        return KernelObject.OfText(found.Count == 0 ? "0" : string.Join(" | ", found));
    }

    private static KernelObject Text(KernelObject pointer, int most, int column)
    {
        if (pointer.Text is not null)
            return pointer;
        VirtualAddress at = Pointer(pointer, column);
        if (at.Value == 0)
            throw NullPointer.At("expression", "the text");
        return KernelObject.OfText(KernelObject.TextAt(pointer.Memory, at, most, "string") ??
            throw new ExpressionException(column, "a pointer was expected"));
    }

    private ObjectSequence Where(Node call, KernelObject? it)
    {
        ObjectSequence all = Sequence(call.Parts[0], it);
        return new ObjectSequence(Kept(), all.Notes);

        IEnumerable<KernelObject> Kept()
        {
            long unknown = 0;
            InputException? why = null;
            foreach (KernelObject item in all)
            {
                bool kept;
                try
                {
                    kept = item.Failure is not null ? throw item.Failure
                        : Arithmetic.Truth(evaluator.One(call.Parts[1], item), call.Parts[1].Column);
                }
                catch (InputException e) when (NullPointer.Is(e))
                {
                    // An element that does not exist (NULL) does not match.
                    continue;
                }
                catch (InputException e)
                {
                    why ??= e;
                    unknown++;
                    continue;
                }
                if (kept)
                    yield return item;
            }
            if (why is not null)
                all.Notes.Add(new Damage(why.Input, "where", -1,
                    $"{unknown} elements could not be judged and are left out; the first: {why.Field}: {why.Reason}"));
        }
    }

    private ObjectSequence Map(Node call, KernelObject? it)
    {
        ObjectSequence all = Sequence(call.Parts[0], it);
        return new ObjectSequence(All(), all.Notes);

        IEnumerable<KernelObject> All()
        {
            foreach (KernelObject item in all)
            {
                if (item.Failure is not null)
                {
                    yield return item;
                    continue;
                }
                IEnumerable<KernelObject> values;
                try
                {
                    Result value = evaluator.Value(call.Parts[1], item);
                    values = value is ObjectSequence many ? many : [(KernelObject)value];
                }
                catch (InputException e)
                {
                    values = [KernelObject.Failed(e, item.Label)];
                }
                foreach (KernelObject found in values)
                    yield return found.Label is null ? found.Labelled(item.Label) : found;
            }
        }
    }

    private KernelObject Total(Node call, ObjectSequence all)
    {
        ulong count = 0;
        KernelObject? best = null;
        CType type = CType.Long;
        ulong sum = 0;
        foreach (KernelObject item in all)
        {
            evaluator.Step(call.Column);
            count++;
            if (call.Text == "count" || NullPointer.Is(item.Failure))
                continue;
            if (item.Failure is not null)
                throw item.Failure;
            if (call.Text == "sum")
            {
                if (!item.Type.IsInteger)
                    throw new ExpressionException(call.Parts[0].Column, $"{Arithmetic.Described(item)} cannot be summed");
                type = Arithmetic.Common(type, Arithmetic.Promoted(item));
                sum = unchecked(sum + item.Load());
            }
            else if (best is null ||
                Arithmetic.Binary(call.Text == "min" ? "<" : ">", item, best, call.Column).Load() != 0)
            {
                best = item;
            }
        }
        // If memory is missing, a sum, minimum or maximum would be wrong.
        if (all.Damages.Count > 0)
            throw new InputException(kernel.Dump.Name, $"{call.Text}()", -1,
                $"the sequence breaks off after {count} elements: {all.Damages[0].Reason}");
        return call.Text switch
        {
            "count" => KernelObject.Of(CType.UnsignedLong, count),
            "sum" => KernelObject.Of(type, sum),
            _ => best ?? throw new ExpressionException(call.Column, "the sequence is empty"),
        };
    }

    /// <summary>Concatenates the sequences that a function returns for each element.</summary>
    private ObjectSequence Flat(Result of, Func<KernelObject, List<Damage>, IEnumerable<KernelObject>> walk)
    {
        List<Damage> damages = of is ObjectSequence many ? many.Notes : [];
        return new ObjectSequence(All(), damages);

        IEnumerable<KernelObject> All()
        {
            foreach (KernelObject item in of is ObjectSequence several ? several : (IEnumerable<KernelObject>)[(KernelObject)of])
            {
                using IEnumerator<KernelObject> entries = walk(item, damages).GetEnumerator();
                while (true)
                {
                    KernelObject next;
                    evaluator.Step(0);
                    try
                    {
                        if (item.Failure is not null || !entries.MoveNext())
                            break;
                        next = entries.Current;
                    }
                    catch (InputException e) when (of is ObjectSequence)
                    {
                        if (NullPointer.Is(e))
                            break;
                        damages.Add(Damage.From(e));
                        break;
                    }
                    yield return next;
                }
            }
        }
    }

    private static VirtualAddress Pointer(KernelObject value, int column)
    {
        if (Arithmetic.Pointee(value) is null && !(value.Type.IsInteger && value.Type.Bare.Size == 8) || value.Text is not null)
            throw new ExpressionException(column, $"{Arithmetic.Described(value)} is no pointer" +
                (value.Address is not null && value.Type.IsCompound ? ": write & before it" : ""));
        return new VirtualAddress(value.Load());
    }

    private CType Compound(Node node, KernelObject? it) => Compound(types.Complete(evaluator.TypeOf(node, it)), node.Column);

    private static CType Compound(CType type, int column) => type.IsCompound ? type
        : throw new ExpressionException(column, $"'{type}' has no members: a struct or union was expected");

    /// <summary>Byte offset of a member that is written as <c>a.b[2].c</c>.</summary>
    private long Offset(CType type, Node member, KernelObject? it)
    {
        (long offset, _) = Designated(type, member, it);
        return offset;
    }

    private (long Offset, CType Type) Designated(CType outer, Node node, KernelObject? it)
    {
        switch (node.Kind)
        {
            case NodeKind.Name when node.Module is null:
                return Inside(outer, 0, node);
            case NodeKind.Member:
                (long before, CType inner) = Designated(outer, node.Parts[0], it);
                return Inside(inner, before, node);
            case NodeKind.Index:
                (long start, CType array) = Designated(outer, node.Parts[0], it);
                if (array.Bare.Kind != CTypeKind.Array)
                    throw new ExpressionException(node.Column, $"'{array}' is no array");
                long index = unchecked((long)evaluator.One(node.Parts[1], it).Load());
                if (index is < 0 or > int.MaxValue)
                    throw new ExpressionException(node.Parts[1].Column, "this is no index of an array");
                return (start + index * array.Bare.Target.Size, array.Bare.Target);
            default:
                throw new ExpressionException(node.Column, "the name of a member was expected: a, a.b or a[0].b");
        }
    }

    private static (long, CType) Inside(CType outer, long before, Node node)
    {
        StructType compound = outer.Compound ?? throw new ExpressionException(node.Column, $"'{outer}' has no members");
        if (compound.Find(node.Text) is not { } member)
            throw new ExpressionException(node.Column,
                $"{outer.Bare} has no member '{node.Text}'{Nearest.Hint(node.Text, Evaluator.AllMembers(compound))}");
        if (member.BitSize > 0)
            throw new ExpressionException(node.Column, $"'{node.Text}' is a bitfield: it is at no byte");
        return (before + member.Offset, CType.Of(compound.Types, member.Type));
    }
}
