namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>A check that could not be completed.</summary>
public sealed record CheckFailed(Source Source, string Check, string Reason) : Fact(Source);
