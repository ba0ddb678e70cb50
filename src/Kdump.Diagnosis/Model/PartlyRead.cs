namespace Kdump.Diagnosis.Model;

/// <summary>An input that could be read only partly; the text of its source says why. Missing lines in it prove nothing.</summary>
public sealed record PartlyRead(Source Source) : Fact(Source);
