using Kdump.Diagnosis.Crashes.Clues;

namespace Kdump.Diagnosis.Crashes;

/// <summary>One report of a kernel that something went wrong in it: from a warning to a panic.</summary>
/// <param name="Source">Its first line.</param>
/// <param name="Kind">Class of crash, kebab-case: <c>null-dereference</c>, <c>hung-task</c>, <c>panic</c> …</param>
/// <param name="Title">In the form that syzkaller made common: <c>KASAN: use-after-free Read in f</c>.</param>
public sealed record Crash(Source Source, string Kind, string Title) : Fact(Source)
{
    /// <summary>Other titles under which the same crash may be known.</summary>
    public IReadOnlyList<string> AltTitles { get; init; } = [];

    /// <summary>The function to blame; null where the report does not tell.</summary>
    public string? Function { get; init; }

    /// <summary>The module that holds <see cref="Function"/>.</summary>
    public string? Module { get; init; }

    /// <summary>The message of the code that gave up, just above the report: of a WARN, a BUG, a failed check of a list.</summary>
    public Source? Message { get; init; }

    /// <summary>Source file and line, where the report names one.</summary>
    public string? Place { get; init; }

    /// <summary>The source file to look into first; null for a report whose frames name none.</summary>
    public string? File { get; init; }

    /// <summary>Why the report is incomplete; null when it is complete.</summary>
    public string? Torn { get; init; }

    public bool Corrupted => Torn is not null;

    /// <summary>All that is there is a line of a text that speaks of such a report: see <see cref="Crashes.Mention"/>.</summary>
    public bool Mentioned { get; init; }

    /// <summary>The reason that the kernel gave when it panicked after this report.</summary>
    public Source? Panic { get; set; }

    /// <summary>The kernel of this boot stopped.</summary>
    public bool Panicked { get; set; }

    /// <summary>The report has its end mark: <c>---[ end trace … ]---</c>.</summary>
    public bool Marked { get; init; }

    /// <summary>The crash was requested: by sysrq, a test module, a debugger.</summary>
    public bool Requested { get; init; }

    public CrashContext Context { get; init; } = CrashContext.Unknown;

    public IReadOnlyList<StackFrame> Frames { get; init; } = [];

    /// <summary>Function and frames come from the dump's memory, because no frame of the printed stack was confirmed.</summary>
    public bool FromDump { get; init; }

    /// <summary>Names and values of the kernel's registers, as printed.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Registers { get; init; } = [];

    /// <summary>The access that failed, where the report is of one.</summary>
    public BadAccess? Access { get; init; }

    /// <summary>What the report's lines, and those just before it, tell beyond the title.</summary>
    public IReadOnlyList<Clue> Clues { get; set; } = [];

    /// <summary>What a hung task waits for; null where its stack does not tell.</summary>
    public Awaited? Awaited { get; init; }

    /// <summary>The first module on the stack that the kernel marks as foreign (<c>nvidia(POE)</c>); null for none.</summary>
    public string? ForeignModule { get; init; }

    public long FirstLine => Source.Line;

    public long LastLine { get; init; }

    /// <summary>The order in which reports began: records of pstore are not read in the order of their lines.</summary>
    internal long Order { get; init; }

    /// <summary>Seconds since the kernel started, where printed.</summary>
    public double? Time { get; init; }

    /// <summary>The earlier report that this one follows from.</summary>
    public Crash? ConsequenceOf { get; set; }

    /// <summary>0..1: how sure it is that title and function are right.</summary>
    public double Confidence { get; init; }

    /// <summary>What lowers <see cref="Confidence"/>.</summary>
    public IReadOnlyList<string> Doubts { get; init; } = [];

    public required Signature Signature { get; init; }

    /// <summary>Further reports with the same signature that were not kept.</summary>
    public int Repeats { get; set; }
}
