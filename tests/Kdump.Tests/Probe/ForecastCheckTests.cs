using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.ProbeReports;
using Kdump.Probe.Checks;
using Kdump.Probe.Machine;

namespace Kdump.Tests.Probe;

public sealed class ForecastCheckTests : IDisposable
{
    private readonly TreeBuilder tree = new();

    public ForecastCheckTests() =>
        tree.File("proc/interrupts", "           CPU0       CPU1\n  9:          0          0   IO-APIC   9-fasteoi   acpi\n" +
        " 24:          0          0  PCI-MSIX-0000:01:00.0   0-edge      nvme0q0\n 25:          0          0  PCI-MSIX-0000:01:00.0   " +
            "1-edge      nvme0q1\n");

    public void Dispose() => tree.Dispose();

    [Fact]
    public void The_whole_and_what_differs_are_told()
    {
        Foretell(new VectorPrediction(Nowhere, 2, "", "", 4, 4, 4, 4), new VectorPrediction(Nowhere, 2, "0000:01:00.0", "nvme", 3, 3, 3, 3),
            new VectorPrediction(Nowhere, 1, "0000:01:00.0", "nvme", 2, 2, 2, 2));
        Assert.Equal([("", 4, 3), ("0000:01:00.0", 3, 2)], Outcomes().Select(o => (o.Device, o.Likely, o.Real)));
    }

    [Fact]
    public void A_device_as_foretold_needs_no_line()
    {
        Foretell(new VectorPrediction(Nowhere, 2, "", "", 3, 3, 3, 3),
            new VectorPrediction(Nowhere, 2, "0000:01:00.0", "nvme", 2, 2, 2, 2));
        VectorOutcome whole = Assert.Single(Outcomes());
        Assert.True(whole.AsForetold);
    }

    [Fact]
    public void A_forecast_for_other_numbers_of_CPUs_is_not_compared()
    {
        Foretell(new VectorPrediction(Nowhere, 4, "", "", 9, 9, 9, 9));
        Assert.Empty(Outcomes());
    }

    [Fact]
    public void A_torn_file_and_none_are_no_trouble()
    {
        Assert.Empty(Outcomes());
        tree.File(VectorPrediction.Path[1..], "kdump-probe: vectorforecast cpus=2 li\n\0\0garbage\n");
        Assert.Empty(Outcomes());
    }

    private static Source Nowhere => new("", "");

    private void Foretell(params VectorPrediction[] predictions)
    {
        var facts = new Facts();
        facts.AddRange(predictions);
        tree.File(VectorPrediction.Path[1..], string.Join('\n', ProbeReport.Lines(facts, 100)) + "\n");
    }

    private IReadOnlyList<VectorOutcome> Outcomes()
    {
        using var root = new Root(tree.Path);
        return CheckTable.Run(root, [new VectorCheck(), new ForecastCheck()]).Of<VectorOutcome>();
    }
}
