using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>
/// Reads <c>CPU18: Booted secondary processor 0x0000120000 [0x413fd0c1]</c> and <c>Booting Linux on physical CPU 0x0000000000 […]</c>.
/// </summary>
public sealed class ArmCpus : LineParser
{
    private const string Secondary = ": Booted secondary processor 0x", First = "Booting Linux on physical CPU 0x";

    /// <summary>More CPUs than any machine has.</summary>
    private const int MaxCpu = 8192;

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs => [Secondary, First];

    public override bool Line(in TextLine line, Facts facts)
    {
        var c = new TextCursor(line.Kernel.Message);
        long cpu = 0;
        if (c.Skip("CPU"))
        {
            if (!c.Number(out cpu) || cpu is < 0 or > MaxCpu || !c.Skip(Secondary))
                return false;
        }
        else if (!c.Skip(First))
        {
            return false;
        }
        // 32-bit arm names no core in the first line.
        if (!c.Hex(out ulong mpidr) || !c.SkipSpaces() || !c.Skip("[") || !c.Hex(out ulong midr) || midr > uint.MaxValue)
            return false;
        facts.Add(new ArmCpu(line.ToSource(), (int)cpu, mpidr & ArmCpu.AffinityBits, (uint)midr));
        return true;
    }
}
