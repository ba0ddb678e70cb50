using Kdump.Diagnosis.Evidence.Pci;

namespace Kdump.Diagnosis.Hardware;

/// <summary>What the kernel did about one error: its steps, and how it ended.</summary>
internal sealed record AerRecovery(IReadOnlyList<AerStep> Steps, AerOutcome? Outcome)
{
    /// <summary>The steps after the error, up to the first result.</summary>
    public static AerRecovery Of(AerError error, Facts facts)
    {
        AerOutcome? outcome = facts.Of<AerOutcome>().Where(o => Behind(o, error)).OrderBy(o => o.Source.Order)
            .FirstOrDefault(o => o.Port.Segment == error.Device.Segment);
        return new(facts.Of<AerStep>()
            .Where(s => Behind(s, error) && (outcome is null || s.Source.Order <= outcome.Source.Order)).ToArray(),
            outcome);
    }

    public IEnumerable<Source> Evidence(int steps) =>
        Steps.Select(s => s.Source).Take(steps).Concat(Outcome is null ? [] : [Outcome.Source]);

    /// <summary>The steps with their times after the first; null without any.</summary>
    public string? Timeline()
    {
        if (Steps.Count == 0)
            return null;
        string At(double? t) => t is { } now && Steps[0].Time is { } start ? $" (+{(now - start) * 1000:0} ms)" : "";
        return "Recovery: " + string.Join(", ", Steps.Take(12).Select(s => s.Step + At(s.Time))) +
            (Outcome is null ? "; no result in the log" : $"; {(Outcome.Recovered ? "successful" : "failed")}{At(Outcome.Time)}") + ".";
    }

    private static bool Behind(Fact fact, AerError error) =>
        fact.Boot == error.Boot && fact.Source.Input == error.Source.Input && fact.Source.Order >= error.Source.Order;
}
