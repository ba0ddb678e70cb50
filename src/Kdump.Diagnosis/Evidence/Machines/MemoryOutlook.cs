using Kdump.Diagnosis.Memory;

namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>
/// What the crash kernel of this machine will need, beside what is reserved and what the distributions' tools would reserve.
/// </summary>
/// <param name="Reserved">Bytes; -1 when not known.</param>
/// <param name="Image">The image that was measured; empty: none, and typical sizes stand in for it.</param>
public sealed record MemoryOutlook(Source Source, MemoryForecast Forecast, long Reserved, string Image) : Fact(Source)
{
    public IReadOnlyList<MemoryAdvice> Advice { get; init; } = [];

    public bool? Enough => Reserved < 0 ? null : Forecast.Enough(Reserved);
}

/// <summary>What a distribution's tool would reserve here.</summary>
/// <param name="Bytes">-1 where its file is not on this machine.</param>
public sealed record MemoryAdvice(string Who, long Bytes, string Reason);
