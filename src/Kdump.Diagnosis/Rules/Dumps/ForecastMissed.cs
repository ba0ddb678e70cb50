using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// The crash kernel used a different number of interrupts than <c>kdt host vectors</c> predicted: either the machine has changed
/// since, or the model of a driver is wrong. Fewer interrupts because vectors ran out is expected and reported by <see
/// cref="VectorExhaustion"/>.
/// </summary>
public sealed class ForecastMissed : Rule
{
    public override string Id => "vector-forecast-missed";

    public override Entry Entry => new("vector-forecast-missed",
        "devices of the crash kernel used a different number of interrupts than predicted")
    {
        Area = Area.Starting,
        Signature = ["kdump-probe: vectoroutcome … device=… likely=… most=… real=…"],
        Cause = "The image contains a forecast of interrupt vectors, and the probe compared it with the actual use: " +
            "the machine or its image has changed since, or the table of drivers has a wrong entry.",
        Fixes = [new("Repeat the forecast and rebuild the image", "kdt host vectors --embed")],
        Kernels = "x86",
        Origin = "kdt host vectors --embed and kdump-probe; docs/vectors.md",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        VectorOutcome[] all = [.. facts.Of<VectorOutcome>().Where(o => o.MayBeCapture)];
        VectorOutcome[] devices = [.. all.Where(o => o.Device.Length > 0 && !o.AsForetold).DistinctBy(o => (o.Device, o.Cpus))];
        // A network card uses fewer vectors while its interface is down; both numbers are within the prediction.
        // Where more vectors are predicted than exist, a device gets none.
        bool foretold = all.Any(o => o.Device.Length == 0 && o.Short > 0);
        VectorOutcome[] beyond = [.. devices.Where(o => o.Real > o.Most)],
            fewer = [.. devices.Where(o => o.Real < o.Likely && !o.Refused && !foretold)];
        if (beyond.Length == 0 && (fewer.Length == 0 || facts.Of<VectorShortage>().Count > 0 || facts.Of<ProbeFailed>()
            .Any(p => p.MayBeCapture)))
            yield break;
        VectorOutcome[] wrong = [.. beyond, .. fewer];
        VectorOutcome? whole = all.FirstOrDefault(o => o.Device.Length == 0);
        string sum = whole is null ? "" : $" In total {Counted.Of(whole.Real, "interrupt")}, {whole.Likely} predicted.";
        yield return new Finding(Id,
            $"{wrong.Length} device{(wrong.Length == 1 ? " takes" : "s take")} a different number of interrupts than predicted",
            beyond.Length > 0 ? Severity.Warning : Severity.Info, 0.9,
            $"{string.Join(", ", wrong.Take(4).Select(o => $"{o.Driver} {o.Device}: {o.Real}, predicted {o.Likely}"))}.{sum} " +
                "Either the machine or its image has changed since the forecast, or kdt's table has a wrong entry for the driver.")
        {
            Evidence = [.. wrong.Take(4).Select(o => o.Source), .. whole is null ? Array.Empty<Source>() : [whole.Source]],
            Fixes = [new Fix("Repeat the forecast and rebuild the image", "kdt host vectors --embed"),
                new Fix(
                    "If the forecast is wrong again, report the driver together with this report, so that kdt's table can be corrected")],
        };
    }
}
