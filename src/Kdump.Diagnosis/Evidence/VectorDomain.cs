namespace Kdump.Diagnosis.Evidence;

/// <summary>One CPU's row in the vector domain.</summary>
/// <param name="Available">Free for ordinary interrupts: managed ones already taken off.</param>
/// <param name="Managed">Set aside for managed interrupts.</param>
/// <param name="ManagedInUse">Of those, in use.</param>
/// <param name="Allocated">Assigned, managed ones included.</param>
public readonly record struct CpuVectors(int Cpu, int Available, int Managed, int ManagedInUse, int Allocated);

/// <summary>
/// /sys/kernel/debug/irq/domains/VECTOR (kernel/irq/matrix.c irq_matrix_debug_show): the allocator's own numbers. Nothing else tells
/// them exactly, but the file needs CONFIG_GENERIC_IRQ_DEBUGFS and a mounted debugfs.
/// </summary>
public sealed record VectorDomainState(
    Source Source, int GlobalAvailable, int GlobalReserved, int TotalAllocated, int System, IReadOnlyList<CpuVectors> Cpus) : Fact(Source);

/// <summary>Reads that file.</summary>
public sealed class VectorDomain : LineParser
{
    private const int MaxCpus = 8192;

    private readonly List<CpuVectors> cpus = [];
    private Source? source;
    private int available = -1, reserved = -1, allocated = -1, system = -1;

    public override string Kind => "irq/domains/VECTOR";

    public override bool Line(in TextLine line, Facts facts)
    {
        var c = new TextCursor(line.Text.Trim());
        if (Field(ref c, "Global available:", ref available))
        {
            source = line.ToSource();
            return true;
        }
        if (Field(ref c, "Global reserved:", ref reserved) || Field(ref c, "Total allocated:", ref allocated) || Field(ref c, "System:", ref system))
            return true;
        return source is not null && Row(c);
    }

    public override void End(Facts facts)
    {
        if (source is not null && cpus.Count > 0)
            facts.Add(new VectorDomainState(source, available, reserved, allocated, system, cpus.ToArray()));
        cpus.Clear();
        source = null;
        available = reserved = allocated = system = -1;
    }

    private static bool Field(ref TextCursor c, string name, ref int value)
    {
        if (!c.Skip(name))
            return false;
        if (c.SkipSpaces().Number(out long n) && n is >= 0 and <= int.MaxValue)
            value = (int)n;
        return true;
    }

    /// <summary><c>0    12     3     1   186  33-50,…</c> under <c>| CPU | avl | man | mac | act | vectors</c>.</summary>
    private bool Row(TextCursor c)
    {
        Span<int> row = stackalloc int[5];
        for (int i = 0; i < 5; i++)
        {
            if (!c.SkipSpaces().Number(out long n) || n is < 0 or > 1_000_000)
                return false;
            row[i] = (int)n;
        }
        if (cpus.Count < MaxCpus)
            cpus.Add(new(row[0], row[1], row[2], row[3], row[4]));
        return true;
    }
}
