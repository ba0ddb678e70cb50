using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks;

/// <summary>What ran when the error was met.</summary>
public enum MceContext
{
    Kernel,
    User,

    /// <summary>Kernel code that can give up its access: copying from user space, or from memory known to be poisoned.</summary>
    KernelRecoverable,
}

/// <summary>Kernels whose rules differ.</summary>
public enum MceRules
{
    Linux510,
    Linux68,
    Linux612,
}

/// <summary>What the kernel does with a record, and which of its rules said so.</summary>
/// <param name="Level">NO, DEFERRED/UCNA, KEEP, SOME, AO, UC, AR or PANIC.</param>
/// <param name="Rule">The rule's own words, which a panic prints behind <c>Machine check:</c>.</param>
public readonly record struct MceVerdict(string Level, string Rule)
{
    /// <summary>
    /// Kernels older than the rule "Uncorrected in kernel" panic after the table if an error in the kernel is uncorrected.
    /// </summary>
    public bool PanicsAnyway { get; init; }

    public bool Panics => Level == "PANIC" || PanicsAnyway;
}

/// <summary>
/// The kernel's grading of a machine check: arch/x86/kernel/cpu/mce/severity.c. Rules are tried in order and the first that fits
/// decides. By 6.8 an uncorrected error in the kernel became a rule of its own (5.10 panics behind the table instead), by 6.12 guests
/// in SEAM mode got theirs.
/// </summary>
public static class MceSeverity
{
    private const ulong SeamNonRoot = 1 << 12;

    private const uint DataLoad = 0x134, InstructionFetch = 0x150, L3WriteBack = 0x17a, Scrub = 0xc0;

    private readonly record struct Case(ulong Status, ulong Mcg, MceContext Context, bool Exception, int Bank, CpuId? Id)
    {
        public bool Uc => (Status & MciStatus.Uc) != 0;

        public bool Over => (Status & MciStatus.Over) != 0;

        public bool S => (Status & MciStatus.S) != 0;

        public bool Ar => (Status & MciStatus.Ar) != 0;

        public bool Ripv => (Mcg & MciStatus.Ripv) != 0;

        public bool Eipv => (Mcg & MciStatus.Eipv) != 0;

        /// <summary>Bit 12 only says that errors were filtered.</summary>
        public uint Code => (uint)(Status & 0xefff);

        public bool Addressed => (Status & MciStatus.AddrV) != 0 && (Status & MciStatus.MiscV) != 0;

        /// <summary>An action is required, and nothing was lost.</summary>
        public bool Required => Uc && S && Ar && !Over;

        public bool Consumed(uint code) => Required && Addressed && Code == code;
    }

    /// <summary>One rule; <paramref name="Recovers"/> limits it to processors with (true) or without (false) software recovery.</summary>
    private sealed record Rule(string Level, string Words, Predicate<Case> Fits, bool? Recovers = null, MceRules Since = MceRules.Linux510);

    private static readonly Rule[] Rules =
    [
        new("NO", "Invalid", c => (c.Status & MciStatus.Val) == 0),
        new("NO", "Not enabled", c => c.Exception && (c.Status & MciStatus.En) == 0),
        new("PANIC", "Processor context corrupt", c => (c.Status & MciStatus.Pcc) != 0),
        new("PANIC", "MCIP not set in MCA handler", c => c.Exception && (c.Mcg & MciStatus.Mcip) == 0),
        new("PANIC", "Neither restart nor error IP", c => c is { Exception: true, Ripv: false, Eipv: false }),
        new("PANIC", "In kernel and no restart IP", c => c is { Exception: true, Ripv: false } && c.Context != MceContext.User),
        new("KEEP", "Corrected error", c => !c.Uc, Recovers: false),
        new("AO", "Action optional: memory scrubbing error", c => c is { Uc: true, Ar: false } && (c.Code & ~15u) == Scrub, Recovers: true),
        new("AO", "Action optional: last level cache writeback error", c => c is { Uc: true, Ar: false, Code: L3WriteBack },
            Recovers: true),
        new("AO", "Uncorrected Patrol Scrub Error", IsSkylakePatrol, Recovers: true),
        new("DEFERRED/UCNA", "Uncorrected no action required", c => c is { Uc: true, S: false, Ar: false }, Recovers: true),
        new("PANIC", "Illegal combination (UCNA with AR=1)", c => c is { Uc: true, S: false, Ar: true, Over: false }, Recovers: true),
        new("KEEP", "Non signaled machine check", c => !c.S, Recovers: true),
        new("PANIC", "Action required with lost events", c => c is { Uc: true, S: true, Ar: true, Over: true }, Recovers: true),
        new("KEEP", "Action required but unaffected thread is continuable",
            c => c is { Required: true, Addressed: true, Ripv: true, Eipv: false }, Recovers: true),
        new("AR", "Action required: data load in error recoverable area of kernel", c => c.Consumed(DataLoad) &&
            c.Context == MceContext.KernelRecoverable, Recovers: true),
        new("AR", "Action required: data load error in a user process", c => c.Consumed(DataLoad) && c.Context == MceContext.User,
            Recovers: true),
        new("AR", "Action required: instruction fetch error in a user process", c => c.Consumed(InstructionFetch) &&
            c.Context == MceContext.User, Recovers: true),
        new("AR", "Data load error in SEAM non-root mode", c => c.Consumed(DataLoad) && IsSeam(c), Recovers: true,
            Since: MceRules.Linux612),
        new("AR", "Instruction fetch error in SEAM non-root mode", c => c.Consumed(InstructionFetch) && IsSeam(c), Recovers: true,
            Since: MceRules.Linux612),
        new("PANIC", "Data load in unrecoverable area of kernel", c => c.Consumed(DataLoad) && c.Context == MceContext.Kernel,
            Recovers: true),
        new("PANIC", "Instruction fetch error in kernel", c => c.Consumed(InstructionFetch) && c.Context == MceContext.Kernel,
            Recovers: true),
        new("PANIC", "Action required: unknown MCACOD", c => c.Required, Recovers: true),
        new("SOME", "Action optional: unknown MCACOD", c => c is { Uc: true, S: true, Ar: false, Over: false }, Recovers: true),
        new("SOME", "Action optional with lost events", c => c is { Uc: true, S: true, Ar: false, Over: true }, Recovers: true),
        new("PANIC", "Overflowed uncorrected", c => c is { Uc: true, Over: true }),
        new("PANIC", "Uncorrected in kernel", c => c.Uc && c.Context == MceContext.Kernel, Since: MceRules.Linux68),
        new("UC", "Uncorrected", c => c.Uc),
        new("SOME", "No match", _ => true),
    ];

    /// <summary>Intel, and every processor that is not AMD's or Hygon's.</summary>
    /// <param name="exception">Taken in the machine check handler, not found by polling.</param>
    /// <param name="recovers">MCG_CAP has MCG_SER_P: servers since Nehalem-EX.</param>
    public static MceVerdict Intel(ulong status, ulong mcg, MceContext context, bool exception, bool recovers, int bank, CpuId? id,
        MceRules kernel = MceRules.Linux612)
    {
        var c = new Case(status, mcg, context, exception, bank, id);
        Rule rule = Array.Find(Rules, r => r.Since <= kernel && (r.Recovers is null || r.Recovers == recovers) && r.Fits(c))!;
        string words = kernel == MceRules.Linux510 ? rule.Words.Replace("signaled", "signalled", StringComparison.Ordinal) : rule.Words;
        return new(rule.Level, words) { PanicsAnyway = kernel == MceRules.Linux510 && context == MceContext.Kernel && rule.Level is "UC" or
            "AR" };
    }

    /// <summary>AMD and Hygon, with what Zen brought (overflow recovery and SUCCOR).</summary>
    public static MceVerdict Amd(ulong status, MceContext context, bool recovers)
    {
        if ((status & MciStatus.Pcc) != 0)
            return new("PANIC", "Processor Context Corrupt");
        if ((status & MciStatus.Deferred) != 0)
            return new("DEFERRED/UCNA", "Deferred error");
        if ((status & MciStatus.Uc) == 0)
            return new("KEEP", "Corrected error");
        if (!recovers)
        {
            return new("PANIC", (status & MciStatus.Over) != 0 ? "Overflowed uncorrected error without MCA Overflow Recovery"
                : "Uncorrected error without MCA Recovery");
        }
        return context == MceContext.Kernel ? new("PANIC", "Uncorrected unrecoverable error in kernel context")
            : new("AR", "Uncorrected error");
    }

    /// <summary>Skylake's scrubber may report what it could not correct as if it were corrected, with a signature of its own.</summary>
    private static bool IsSkylakePatrol(Case c) =>
        !c.Uc && c.Addressed && (c.Status & 0xffff_eff0) == 0x0010_00c0 && c.Bank is >= 13 and <= 18 &&
            c.Id is { Family: 6, Model: 0x55, Stepping: >= 4 };

    private static bool IsSeam(Case c) => (c.Mcg & SeamNonRoot) != 0 && c.Context == MceContext.Kernel;
}
