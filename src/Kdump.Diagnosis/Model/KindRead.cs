namespace Kdump.Diagnosis.Model;

/// <summary>An input other than a kernel log that could show a problem; printed with a verdict that finds nothing.</summary>
/// <param name="Kind">What it is called: <c>/proc/interrupts</c>.</param>
public sealed record KindRead(Source Source, string Kind) : Fact(Source);
