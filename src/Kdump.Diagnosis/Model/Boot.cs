namespace Kdump.Diagnosis.Model;

/// <summary>
/// One boot of one kernel, as far as it is known from the inputs: facts of the crashed kernel and of the capture kernel must not be
/// mixed, and one console log often contains both. Unknown values are null.
/// </summary>
public sealed class Boot(string input, int index)
{
    private const int MaxSigns = 32;

    private readonly List<BootSign> signs = [];
    private BootSign? decided;

    /// <summary>The input in which it was seen.</summary>
    public string Input { get; } = input;

    /// <summary>0 for the part before the first kernel banner, then 1, 2, … in the order of the input.</summary>
    public int Index { get; } = index;

    /// <summary>The life that the same input showed before this one.</summary>
    public Boot? Previous { get; init; }

    public string? Release { get; set; }

    public string? CommandLine { get; set; }

    /// <summary>The kernel's first lines are in the input: what it printed later is there, too, as far as the input goes.</summary>
    public bool Begins => Release is not null && CommandLine is not null;

    /// <summary>The machine's name from its firmware: two boots with different names are from different machines.</summary>
    public string? Hardware { get; set; }

    /// <summary>True: the capture kernel. False: certainly not. Null: this part of the input does not show it.</summary>
    public bool? Capture => decided?.Capture;

    /// <summary>The line that decided <see cref="Capture"/>.</summary>
    public Source? CaptureEvidence => decided?.Source;

    /// <summary>Every line that shows which kernel this is, including those that stronger evidence overrules.</summary>
    public IReadOnlyList<BootSign> Signs => signs;

    /// <summary>The line that says that a crash kernel is loaded while this kernel runs.</summary>
    public Source? Armed { get; set; }

    /// <summary>The last line before the jump to a crash kernel.</summary>
    public Source? Jumped { get; set; }

    /// <summary>The line in which it starts another kernel without a crash (kexec -e): the next kernel is not a crash kernel.</summary>
    public Source? HandsOver { get; set; }

    /// <summary>
    /// This kernel stopped or restarted the machine itself after its panic: with a crash kernel loaded it would have jumped there
    /// before.
    /// </summary>
    public Source? EndedAlone { get; set; }

    /// <summary>Records a proof of which kernel this is.</summary>
    public void Decide(bool capture, Source evidence) => Decide(new BootSign(capture, Proof.Certain, "", evidence));

    /// <summary>
    /// Records a line that shows which kernel this is. The strongest line counts, among equal ones the first. A kernel followed by
    /// a capture kernel is the one that crashed, because nothing else starts a capture kernel.
    /// </summary>
    public void Decide(BootSign sign)
    {
        if (signs.Count < MaxSigns && !signs.Exists(s => s.Capture == sign.Capture && s.Says == sign.Says))
            signs.Add(sign);
        if (decided is not null && sign.Proof <= decided.Proof)
            return;
        decided = sign;
        if (sign.Capture)
            Previous?.Decide(sign with { Capture = false, Says = "the kernel after it is a crash kernel" });
    }

    /// <summary>The value of <c>nr_cpus=</c> or <c>maxcpus=</c> on its command line.</summary>
    public int? CpuLimit
    {
        get
        {
            int? limit = null;
            foreach (string word in (CommandLine ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                string? value;
                if (word.StartsWith("nr_cpus=", StringComparison.Ordinal))
                    value = word["nr_cpus=".Length..];
                else
                    value = word.StartsWith("maxcpus=", StringComparison.Ordinal) ? word["maxcpus=".Length..] : null;
                if (int.TryParse(value, out int n) && n > 0)
                    limit = Math.Min(n, limit ?? int.MaxValue);
            }
            return limit;
        }
    }
}
