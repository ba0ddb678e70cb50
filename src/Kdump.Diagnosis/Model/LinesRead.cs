namespace Kdump.Diagnosis.Model;

/// <summary>What was looked at in one text: a verdict that finds nothing says it beside.</summary>
public sealed record LinesRead(Source Source, long Lines, int Boots) : Fact(Source);
