namespace Kdump.Diagnosis;

/// <summary>
/// One life of one kernel, as far as the inputs tell: facts of the crashed kernel and of the capture kernel must not be mixed, and one
/// console log often holds both. What is not known stays null.
/// </summary>
public sealed class Boot(string input, int index)
{
    /// <summary>The input in which it was seen.</summary>
    public string Input { get; } = input;

    /// <summary>0 for the part before the first kernel banner, then 1, 2, … in the order of the input.</summary>
    public int Index { get; } = index;

    public string? Release { get; set; }

    public string? CommandLine { get; set; }

    /// <summary>True: the capture kernel. False: surely not. Null: this part of the input does not tell.</summary>
    public bool? Capture { get; set; }

    /// <summary>The line that decided <see cref="Capture"/>.</summary>
    public Source? CaptureEvidence { get; set; }
}
