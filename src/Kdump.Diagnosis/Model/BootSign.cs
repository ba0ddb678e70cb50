namespace Kdump.Diagnosis.Model;

/// <summary>How certain a line makes it which kernel wrote it.</summary>
public enum Proof
{
    /// <summary>It stands in the logs of one kernel far more often than in those of the other.</summary>
    Hint,

    /// <summary>Nothing else is known that makes it.</summary>
    Likely,

    /// <summary>The other kernel cannot make it.</summary>
    Certain,
}

/// <summary>One line that tells whether the kernel that wrote it is a crash kernel.</summary>
/// <param name="Says">What the line means, as half a sentence: <c>its command line holds elfcorehdr=</c>.</param>
public sealed record BootSign(bool Capture, Proof Proof, string Says, Source Source);
