namespace Kdump.Diagnosis.Model;

/// <summary>How strongly a line proves which kernel wrote it.</summary>
public enum Proof
{
    /// <summary>The line is far more frequent in logs of one kernel than of the other.</summary>
    Hint,

    /// <summary>No other source of such a line is known.</summary>
    Likely,

    /// <summary>The other kernel cannot make it.</summary>
    Certain,
}

/// <summary>One line that shows whether the kernel that wrote it is a crash kernel.</summary>
/// <param name="Says">What the line means, as half a sentence: <c>its command line holds elfcorehdr=</c>.</param>
public sealed record BootSign(bool Capture, Proof Proof, string Says, Source Source);
