namespace Kdump.Diagnosis.Model;

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

    /// <summary>The life that the same input showed before this one.</summary>
    public Boot? Previous { get; init; }

    public string? Release { get; set; }

    public string? CommandLine { get; set; }

    /// <summary>True: the capture kernel. False: surely not. Null: this part of the input does not tell.</summary>
    public bool? Capture { get; set; }

    /// <summary>The line that decided <see cref="Capture"/>.</summary>
    public Source? CaptureEvidence { get; set; }

    /// <summary>
    /// Something proves which kernel this is. The first proof stays. A kernel that a capture kernel follows is the one that crashed:
    /// nothing else starts a capture kernel.
    /// </summary>
    public void Decide(bool capture, Source evidence)
    {
        if (Capture is not null)
            return;
        Capture = capture;
        CaptureEvidence = evidence;
        if (capture)
            Previous?.Decide(capture: false, evidence);
    }

    /// <summary>The value of <c>nr_cpus=</c> or <c>maxcpus=</c> on its command line.</summary>
    public int? CpuLimit
    {
        get
        {
            int? limit = null;
            foreach (string word in (CommandLine ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                string? value = word.StartsWith("nr_cpus=", StringComparison.Ordinal) ? word["nr_cpus=".Length..]
                    : word.StartsWith("maxcpus=", StringComparison.Ordinal) ? word["maxcpus=".Length..] : null;
                if (int.TryParse(value, out int n) && n > 0)
                    limit = Math.Min(n, limit ?? int.MaxValue);
            }
            return limit;
        }
    }
}
