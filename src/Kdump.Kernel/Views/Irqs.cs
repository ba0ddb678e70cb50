using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>
/// The interrupts of the crashed kernel, from their descriptors: sparse_irqs, a maple tree since Linux commit 721255b9826b ("genirq: Use
/// a maple tree for interrupt descriptor management") (v6.5), irq_desc_tree before.
/// </summary>
public sealed class Irqs
{
    private const int MaxIrqs = 1_000_000;
    private const int MaxActions = 256;
    private const int MaxParents = 16;
    private const int MaxDamages = 1000;

    private readonly CrashedKernel kernel;
    private readonly List<Irq> all = [];
    private readonly List<Damage> damages = [];

    internal Irqs(CrashedKernel kernel)
    {
        this.kernel = kernel;
        StructType desc = kernel.Struct("irq_desc");
        IEnumerable<(ulong, VirtualAddress)> entries = kernel.FindSymbol("sparse_irqs") is { } sparse
            ? MapleTree.Walk(kernel, sparse, damages) : XArray.Walk(kernel, kernel.Symbol("irq_desc_tree"), damages);
        foreach ((ulong number, VirtualAddress address) in entries)
        {
            if (all.Count >= MaxIrqs || damages.Count >= MaxDamages)
                break;
            try
            {
                all.Add(Read(new StructReader(kernel.Memory, desc, address), number));
            }
            catch (InputException e)
            {
                damages.Add(Damage.From(e));
            }
        }
        Matrix = Layer<VectorMatrix>.Of(() => VectorMatrix.Read(kernel));
    }

    public IReadOnlyList<Irq> All => all;

    public IReadOnlyList<Damage> Damages => damages;

    /// <summary>Vectors in use on each CPU.</summary>
    public Layer<VectorMatrix> Matrix { get; }

    private Irq Read(StructReader desc, ulong number)
    {
        StructReader data = desc.Inner("irq_data");
        if (data.U32("irq") != number)
            throw new InputException(kernel.Dump.Name, "irq_data.irq", -1, $"{data.U32("irq")} stands in the tree as {number}");
        (int? vector, int? cpu, bool managed, bool reserved) = Vector(data);
        StructReader common = desc.Inner("irq_common_data");
        return new Irq((int)Math.Min(number, int.MaxValue), NameOf(data, "chip"), NameOf(data, "domain"), data.U64("hwirq"),
            Device(common), Actions(desc), vector, cpu, managed, reserved, Affinity(common), Count(desc));
    }

    /// <summary>
    /// Vector and CPU of an interrupt, from struct apic_chip_data in the outermost of the stacked domains, which is the CPU's own.
    /// </summary>
    private (int? Vector, int? Cpu, bool Managed, bool Reserved) Vector(StructReader data)
    {
        for (int depth = 0; depth < MaxParents && data.Has("parent_data") && data.Follow("parent_data") is { } parent; depth++)
            data = parent;
        if (NameOf(data, "domain") != "VECTOR" || data.Pointer("chip_data") is not { Value: not 0 } at
            || kernel.Btf.Value?.Struct("apic_chip_data") is not { } type)
            return (null, null, false, false);
        StructReader chip = new(kernel.Memory, type, at);
        int vector = chip.S32("vector");
        bool assigned = vector is > 0 and < 256;
        return (assigned ? vector : null, assigned ? chip.S32("cpu") : null,
            chip.Has("is_managed") && chip.U64("is_managed") != 0, chip.Has("has_reserved") && chip.U64("has_reserved") != 0);
    }

    /// <summary>A name of the interrupt's data; null if it cannot be read, because a missing name must not omit the interrupt.</summary>
    private string? NameOf(StructReader data, string member)
    {
        try
        {
            return data.Follow(member)?.TextAt("name");
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
            return null;
        }
    }

    private static string? Device(StructReader common)
    {
        if (!common.Has("msi_desc") || common.Follow("msi_desc") is not { } msi || !msi.Has("dev") || msi.Follow("dev") is not { } device)
            return null;
        return device.Inner("kobj").TextAt("name") ?? device.TextAt("init_name");
    }

    private List<string> Actions(StructReader desc)
    {
        List<string> names = [];
        HashSet<ulong> seen = [];
        for (StructReader? action = desc.Follow("action"); action is { } at; action = at.Follow("next"))
        {
            if (!seen.Add(at.Address.Value) || names.Count >= MaxActions)
            {
                damages.Add(new Damage(kernel.Dump.Name, "irqaction.next", -1,
                    $"the handlers of the interrupt at {desc.Address} run in a circle"));
                break;
            }
            names.Add(at.TextAt("name") ?? "");
        }
        return names;
    }

    /// <summary>irq_common_data.affinity: a pointer to the mask with CONFIG_CPUMASK_OFFSTACK, otherwise the mask itself.</summary>
    private List<int> Affinity(StructReader common)
    {
        if (!common.Has("affinity") || kernel.PerCpu.Value is not { } perCpu)
            return [];
        Btf types = common.Type.Types;
        VirtualAddress mask = types.Kind(types.Resolve(common.Type["affinity"].Type)) == BtfKind.Pointer ? common.Pointer("affinity")
            : common.AddressOf("affinity");
        int cpus = perCpu.Possible.Count == 0 ? 0 : perCpu.Possible[^1] + 1;
        return mask.Value == 0 ? [] : PerCpu.Bits(kernel.Memory, mask, cpus, "irq_common_data.affinity");
    }

    private ulong? Count(StructReader desc)
    {
        if (kernel.PerCpu.Value is not { } perCpu || desc.Pointer("kstat_irqs") is not { Value: not 0 } counters)
            return null;
        // unsigned int until 6.9; since then struct irqstat, whose first member is that int.
        ulong sum = 0;
        foreach (int cpu in perCpu.Possible)
        {
            VirtualAddress at = perCpu.Address(counters, cpu);
            if (!kernel.Memory.TryRead(at, new byte[4]))
                return null;
            sum += kernel.Memory.U32(at, "kstat_irqs");
        }
        return sum;
    }
}
