namespace Kdump.Diagnosis.Evidence.DumpSetup;

/// <summary>The image that runs was searched for a program that saves /proc/vmcore, and has none.</summary>
/// <param name="Source">Why the image is for a crash kernel: the setting of the dump target, or /proc/vmcore.</param>
/// <param name="Searched">Files that were looked into.</param>
public sealed record NoDumpSaver(Source Source, int Searched) : Fact(Source);
