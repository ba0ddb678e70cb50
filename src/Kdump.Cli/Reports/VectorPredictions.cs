using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.ProbeReports;
using Kdump.Diagnosis.Vectors;

namespace Kdump.Cli.Reports;

/// <summary>
/// The forecast as lines in the format of a probe report, which kdump-probe can parse: one line per device and number of CPUs. The
/// dracut module and the initramfs-tools hook include the file if it exists.
/// </summary>
internal static class VectorPredictions
{
    public const string DefaultPath = VectorPrediction.Path;

    public static IEnumerable<string> Lines(VectorOutlook outlook, VectorPlan[] plans)
    {
        var facts = new Facts();
        foreach (VectorPlan plan in plans)
        {
            CaptureConditions conditions = outlook.Forecast.With(plan.Cpus);
            facts.Add(new VectorPrediction(outlook.Source, plan.Cpus, "", "", plan.Low, plan.Likely, plan.High,
                plan.Shown) { Available = plan.Available });
            HashSet<string> refused = [.. plan.Victims.Where(v => v.Fails).Select(v => v.Consumer.Name)];
            foreach (VectorConsumer consumer in outlook.Forecast.Consumers.Where(c => c.Device is not null))
            {
                VectorNeed need = consumer.Need(conditions);
                if (need.High > 0)
                    facts.Add(new VectorPrediction(new Source("", ""), plan.Cpus, consumer.Name, consumer.Driver, need.Low, need.Likely,
                        need.High, need.Shown) { Refused = refused.Contains(consumer.Name) });
            }
        }
        return ProbeReport.Lines(facts, Facts.MaxPerType);
    }
}
