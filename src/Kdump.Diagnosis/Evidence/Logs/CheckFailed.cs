namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>A question that could not be asked to its end.</summary>
public sealed record CheckFailed(Source Source, string Check, string Reason) : Fact(Source);
