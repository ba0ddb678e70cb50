namespace Kdump.Diagnosis.Model;

/// <summary>An input that could be read only partly, or not at all; the text of its source says why. Missing lines prove nothing.</summary>
/// <param name="Nothing">Nothing of it was read.</param>
public sealed record PartlyRead(Source Source, bool Nothing = false) : Fact(Source);
