namespace Kdump.Diagnosis.Crashes;

/// <summary>A crash of another log, and how alike it is to one of ours.</summary>
public sealed record SimilarCrash(string Input, Crash Theirs, Crash Ours, Similarity Similarity);
