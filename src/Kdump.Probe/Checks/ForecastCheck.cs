using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.ProbeReports;
using Kdump.Diagnosis.Text;
using Kdump.Probe.Machine;

namespace Kdump.Probe.Checks;

/// <summary>
/// Compares the forecast in the image (<c>kdt host vectors --embed</c>) with the interrupts that devices use in this kernel. Reports one
/// line for the total, and one for each device that differs, so that the model can be corrected from the report.
/// </summary>
internal sealed class ForecastCheck : Check
{
    public override string Name => "forecast";

    public override void Run(Root root, Facts facts)
    {
        LineReader? lines = root.Lines(VectorPrediction.Path);
        if (lines is null || facts.Of<InterruptTable>() is not [.., var table])
            return;
        var real = new Dictionary<string, int>();
        int total = 0;
        foreach (InterruptRow row in table.Rows)
        {
            if (!row.HoldsVector)
                continue;
            total++;
            string device = row.Message.Device;
            real.TryGetValue(device, out int before);
            real[device] = before + 1;
        }
        while (lines.Next(out TextLine line))
        {
            if (ProbeReport.Read(line.Text) is not VectorPrediction p || p.Cpus != table.Cpus.Count)
                continue;
            int count = total;
            if (p.Device.Length > 0)
                real.TryGetValue(p.Device, out count);
            if (p.Device.Length == 0 || count != p.Shown)
                facts.Add(new VectorOutcome(line.ToSource(), p.Cpus, p.Device, p.Driver, p.Shown, p.High, count)
                {
                    Short = p.Device.Length == 0 && p.Likely > p.Available ? p.Available : 0,
                    Refused = p.Refused,
                });
        }
    }
}
