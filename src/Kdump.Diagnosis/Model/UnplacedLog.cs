namespace Kdump.Diagnosis.Model;

/// <summary>A kernel log among several of which nothing proves that it is from the machine of another one.</summary>
public sealed record UnplacedLog(Source Source) : Fact(Source);
