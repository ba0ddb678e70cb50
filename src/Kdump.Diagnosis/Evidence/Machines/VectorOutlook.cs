using Kdump.Diagnosis.Vectors;

namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>A forecast as a fact, and what it rests on.</summary>
/// <param name="Image">The image whose drivers were counted; empty when there was none.</param>
/// <param name="Assumed">The number of CPUs is a distribution's default, as no configuration was found.</param>
public sealed record VectorOutlook(Source Source, VectorForecast Forecast, InterruptTable? Now, string Image, bool Assumed) : Fact(Source)
{
    /// <summary>The crash kernel is limited by maxcpus=.</summary>
    public bool MaxCpus { get; init; }

    /// <summary>The dump target as configured; empty when none is.</summary>
    public string Target { get; init; } = "";

    /// <summary>Modules of the image whose devices could not be seen, or other things that the numbers leave out.</summary>
    public IReadOnlyList<string> Gaps { get; init; } = [];

    /// <summary>Not an x86 machine: there are no such vectors.</summary>
    public bool OtherArchitecture { get; init; }
}
