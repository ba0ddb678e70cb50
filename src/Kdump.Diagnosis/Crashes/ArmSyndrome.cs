using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// arm64's exception syndrome (ESR_EL1) as reports print it: <c>ESR = 0x96000004</c>, <c>Internal error: Oops: 96000004 [#1]</c>,
/// <c>SError Interrupt on CPU3, code 0xbe000011 -- SError</c>, <c>ESR: 0x96000047 -- DABT (current EL)</c>. Arm ARM D24.2.37 ESR_EL1;
/// arch/arm64/include/asm/esr.h, mm/fault.c fault_info.
/// </summary>
internal readonly record struct ArmSyndrome(uint Value)
{
    public const int BtiClass = 0x0d, PacClass = 0x1c, FetchClass = 0x21, DataClass = 0x25, CopyClass = 0x27, StackClass = 0x2d,
        SErrorClass = 0x2f, BreakClass = 0x3c;

    private static readonly string[] Marks = ["ESR = 0x", "ESR: 0x", ", code 0x", " fault: *(0x", "bort: *(0x"];

    /// <summary>Exception class.</summary>
    public int Class => (int)(Value >> 26);

    public bool IsAbort => Class is FetchClass or DataClass;

    /// <summary>An abort of a program (from a lower exception level).</summary>
    private bool IsOfProgram => Class is FetchClass - 1 or DataClass - 1;

    /// <summary>DFSC or IFSC.</summary>
    public int Fault => (int)(Value & 0x3f);

    /// <summary>read, write, execute; null for what is no access.</summary>
    public string? Direction
    {
        get
        {
            if (Class == FetchClass)
                return "execute";
            if (Class == DataClass)
                return (Value & 1 << 6) != 0 ? "write" : "read";
            return null;
        }
    }

    /// <summary>The page is mapped, but does not allow the access.</summary>
    public bool Present => IsAbort && Fault >> 2 == 3;

    /// <summary>The address register is not valid (FnV of an external abort).</summary>
    public bool NoAddress => IsAbort && Fault == 0x10 && (Value & 1 << 10) != 0;

    /// <summary>In the kernel's words (fault_info), shortened.</summary>
    public string FaultWords => Fault switch
    {
        < 0x04 => $"level {Fault & 3} address size fault",
        < 0x08 => $"level {Fault & 3} translation fault",
        < 0x0c => $"level {Fault & 3} access flag fault",
        < 0x10 => $"level {Fault & 3} permission fault",
        0x10 => "synchronous external abort",
        0x11 => "synchronous tag check fault",
        >= 0x14 and < 0x18 => $"synchronous external abort on a level {Fault & 3} page table",
        0x18 => "synchronous parity or ECC error",
        >= 0x1c and < 0x20 => $"synchronous parity or ECC error on a level {Fault & 3} page table",
        0x21 => "alignment fault",
        0x30 => "TLB conflict abort",
        0x31 => "unsupported atomic hardware update fault",
        0x34 => "implementation fault (lockdown abort)",
        0x35 => "implementation fault (unsupported exclusive or atomic access)",
        int other => $"fault status 0x{other:x2}",
    };

    /// <summary>What the exception class is (Arm ARM, ESR_EL1.EC; arch/arm64/include/asm/esr.h); null for an unassigned class.</summary>
    public string? ClassWords => Class switch
    {
        0x00 => "of an unknown reason: mostly an instruction that this processor does not have",
        0x01 => "a WFI or WFE that is trapped",
        0x03 or 0x04 or 0x05 or 0x06 or 0x08 or 0x0c => "a coprocessor access of 32-bit code",
        0x07 => "a floating-point or SIMD instruction while they are switched off",
        0x09 => "pointer authentication while it is switched off",
        0x0a => "an instruction that is trapped (LS64 and others)",
        BtiClass => "a jump to where none may land (BTI)",
        0x0e => "an illegal execution state",
        0x11 or 0x15 => "a system call (SVC)",
        0x12 or 0x16 => "a call of a hypervisor (HVC)",
        0x13 or 0x17 => "a call of firmware (SMC)",
        0x14 or 0x18 => "an access to a system register that is trapped or not there",
        0x19 => "an SVE instruction while SVE is switched off",
        0x1a => "an ERET that is trapped",
        0x1b => "a transaction's start (TSTART)",
        PacClass => "a pointer whose authentication failed (FPAC)",
        0x1d => "an SME instruction while SME is switched off",
        0x1e => "a granule protection check",
        0x1f => "of the processor maker's own",
        0x20 or FetchClass => "an instruction fetch that failed",
        0x22 => "a misaligned program counter",
        0x24 or DataClass => "a data access that failed",
        0x26 => "a misaligned stack pointer",
        CopyClass => "a memory copy instruction that cannot go on (MOPS)",
        0x28 or 0x2c => "a floating-point exception",
        StackClass => "a fault of the guarded control stack (GCS)",
        SErrorClass => "an SError",
        0x30 or 0x31 => "a hardware breakpoint",
        0x32 or 0x33 => "a single step",
        0x34 or 0x35 => "a watchpoint",
        0x38 or BreakClass => "a BRK instruction",
        0x3a => "a vector catch of 32-bit code",
        0x3d => "a profiling exception",
        _ => null,
    };

    /// <summary>
    /// <c>Unhandled 64-bit el1h sync exception on CPU0, ESR 0x0000000002000000 -- Unknown/Uncategorized</c>: of any class
    /// (arch/arm64/kernel/entry-common.c __panic_unhandled).
    /// </summary>
    public static ArmSyndrome? OfUnhandled(string text)
    {
        const string Mark = ", ESR 0x";
        int at = text.IndexOf(" exception on CPU", StringComparison.Ordinal), mark = at < 0 ? -1
            : text.IndexOf(Mark, at, StringComparison.Ordinal);
        return mark < 0 ? null : Number(text.AsSpan(mark + Mark.Length));
    }

    /// <summary>The syndrome that the line prints; null if it prints none that the kernel can cause itself.</summary>
    public static ArmSyndrome? In(string text) => Marked(text, s => s.IsOfKernel) ??
        (OfOops(text) is { IsOfKernel: true } oops ? oops : null);

    /// <summary>True if the line prints an abort of a program.</summary>
    public static bool OfProgramIn(string text) => Marked(text, s => s.IsOfProgram) is not null;

    private static ArmSyndrome? Marked(string text, Predicate<ArmSyndrome> fits)
    {
        foreach (string mark in Marks)
        {
            int star = mark.IndexOf('*'), at = text.IndexOf(star < 0 ? mark : mark[..star], StringComparison.Ordinal);
            if (at >= 0 && star >= 0)
                at = text.IndexOf(mark[(star + 1)..], at, StringComparison.Ordinal);
            if (at >= 0 && Number(text.AsSpan(at + (star < 0 ? mark.Length : mark.Length - star - 1))) is { } found && fits(found))
                return found;
        }
        return null;
    }

    /// <summary><c>Internal error: WORDS: 96000004 [#1] SMP</c>; arm of 32 bits says its name behind a status of its own.</summary>
    private static ArmSyndrome? OfOops(string text)
    {
        const string Mark = "Internal error: ";
        int end = text.IndexOf(" [#", StringComparison.Ordinal);
        if (end < 0 || !text.Contains(Mark, StringComparison.Ordinal) || text.EndsWith(" ARM", StringComparison.Ordinal) ||
            text.EndsWith(" THUMB2", StringComparison.Ordinal))
            return null;
        int start = text.LastIndexOf(' ', end - 1) + 1;
        return end - start is 8 or 16 ? Number(text.AsSpan(start)) : null;
    }

    private bool IsOfKernel => Class is 0x0d or 0x0e or 0x1a or 0x1c or 0x21 or 0x22 or 0x25 or 0x26 or 0x27 or 0x2c or 0x2d or 0x2f or
        0x3c;

    /// <summary>8 or 16 digits; the upper half has only more of the syndrome (ISS2).</summary>
    private static ArmSyndrome? Number(ReadOnlySpan<char> text)
    {
        var c = new TextCursor(text);
        return c.Hex(out ulong value) && text.Length - c.Rest.Length is 8 or 16 ? new ArmSyndrome((uint)(value & uint.MaxValue)) : null;
    }
}
