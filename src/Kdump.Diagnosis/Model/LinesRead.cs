namespace Kdump.Diagnosis.Model;

/// <summary>What was read of one text; printed with a verdict that finds nothing.</summary>
public sealed record LinesRead(Source Source, long Lines, int Boots) : Fact(Source);
