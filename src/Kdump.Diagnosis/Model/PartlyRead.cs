namespace Kdump.Diagnosis.Model;

/// <summary>An input of which not everything could be read; the text of its source says why. Its silence proves nothing.</summary>
public sealed record PartlyRead(Source Source) : Fact(Source);
