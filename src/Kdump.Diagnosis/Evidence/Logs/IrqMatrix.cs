using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>
/// Reads irq/domains/VECTOR of debugfs. Only this file tells the allocator's own numbers; it needs CONFIG_GENERIC_IRQ_DEBUGFS and a
/// mounted debugfs. Its form has been the same since 4.15.
/// </summary>
public sealed class IrqMatrix : LineParser
{
    /// <summary>Numbers beyond this are no vectors: 8192 CPUs have 256 each.</summary>
    private const int MaxVectors = 8192 * 256;

    private readonly List<CpuVectors> cpus = [];
    private Source? source;
    private int online, available, reserved, allocated, system;

    public override string Kind => "irq/domains/VECTOR";

    public override IReadOnlyList<string> Signs =>
        ["Online bitmaps:", "Global reserved:", "Total allocated:", "System:", "Global available:"];

    public override bool Busy => source is not null;

    public override bool Line(in TextLine line, Facts facts)
    {
        var c = new TextCursor(line.Text.Trim());
        if (Field(ref c, "Online bitmaps:", ref online) || Field(ref c, "Global reserved:", ref reserved) ||
            Field(ref c, "Total allocated:", ref allocated) || Field(ref c, "System:", ref system))
            return true;
        if (Field(ref c, "Global available:", ref available))
        {
            source ??= line.ToSource();
            return true;
        }
        return source is not null && (c.Skip("| CPU | avl") || Row(c));
    }

    public override void End(Facts facts)
    {
        if (source is not null && cpus.Count > 0)
        {
            int idle = 0;
            foreach (CpuVectors cpu in cpus)
                idle += Math.Max(0, cpu.Managed - cpu.ManagedInUse);
            facts.Add(new VectorDomain(source, online > 0 ? online : cpus.Count, available, allocated) { Reserved = reserved,
                ManagedIdle = idle, PerCpu = cpus.ToArray() });
        }
        cpus.Clear();
        source = null;
        online = available = reserved = allocated = system = 0;
    }

    private static bool Field(ref TextCursor c, string name, ref int value)
    {
        if (!c.Skip(name))
            return false;
        if (c.SkipSpaces() && c.Number(out long n) && n is >= 0 and <= MaxVectors)
            value = (int)n;
        return true;
    }

    /// <summary><c>0    12     3     1   186  33-50,…</c> under <c>| CPU | avl | man | mac | act | vectors</c>.</summary>
    private bool Row(TextCursor c)
    {
        Span<int> row = stackalloc int[5];
        for (int i = 0; i < 5; i++)
        {
            if (!c.SkipSpaces() || !c.Number(out long n) || n is < 0 or > MaxVectors)
                return false;
            row[i] = (int)n;
        }
        if (cpus.Count < 8192)
            cpus.Add(new(row[0], row[1], row[2], row[3], row[4]));
        return true;
    }
}
