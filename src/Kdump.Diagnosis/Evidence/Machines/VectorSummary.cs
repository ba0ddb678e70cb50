namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>A summary of /proc/interrupts, for a report that cannot carry the whole table.</summary>
/// <param name="Shown">Interrupts in the table that hold a vector.</param>
/// <param name="Held">The same plus the vectors that MSI blocks hold without showing them.</param>
/// <param name="PerCpu">Those shown that belong to queues: more CPUs bring more of them.</param>
/// <param name="Owners">Most first: <c>pcieport:92 ahci:57</c>.</param>
public sealed record VectorSummary(Source Source, int Cpus, int Shown, int Held, int PerCpu, string Owners) : Fact(Source)
{
    private const int MaxOwners = 12;

    public static VectorSummary Of(InterruptTable table)
    {
        VectorUse use = VectorUse.Of(table);
        var owners = new System.Text.StringBuilder();
        for (int i = 0; i < Math.Min(MaxOwners, use.Owners.Count); i++)
            owners.Append(i == 0 ? "" : " ").Append(use.Owners[i].Owner.Replace(' ', '_')).Append(':').Append(use.Owners[i].Vectors);
        return new(table.Source, table.Cpus.Count, use.Shown, use.Total, use.PerCpu, owners.ToString());
    }
}
