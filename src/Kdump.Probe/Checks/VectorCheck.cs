using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;
using Kdump.Probe.Machine;

namespace Kdump.Probe.Checks;

/// <summary>Interrupts and their vectors. This check mounts nothing; it reads debugfs only if debugfs is already mounted.</summary>
internal sealed class VectorCheck : Check
{
    private const string Domain = "/sys/kernel/debug/irq/domains/VECTOR";
    private const string Descriptors = "/sys/kernel/irq";

    public override string Name => "vectors";

    public override void Run(Root root, Facts facts)
    {
        root.Parse("/proc/interrupts", new ProcInterrupts(), facts, Root.LargeFile);
        string[] irqs = root.List(Descriptors);
        int requested = 0;
        foreach (string irq in irqs)
        {
            if (root.Text($"{Descriptors}/{irq}/actions", 256) is { Length: > 0 })
                requested++;
        }
        if (irqs.Length > 0)
            facts.Add(new InterruptDescriptors(new Source(Descriptors,
                $"{Counted.Of(irqs.Length, "interrupt")}, {requested} with actions"), irqs.Length,
                requested));
        byte[]? bytes = root.ReadGuarded(Domain, Root.LargeFile, out bool gaveUp);
        if (gaveUp)
            facts.Add(new CheckFailed(new Source(Domain, ""), Name, $"reading took longer than {Root.PatienceMs} ms"));
        if (bytes is null)
            return;
        var parser = new IrqMatrix();
        var lines = new LineReader(Domain, new MemoryStream(bytes));
        while (lines.Next(out TextLine line))
            parser.Line(line, facts);
        parser.End(facts);
    }
}
