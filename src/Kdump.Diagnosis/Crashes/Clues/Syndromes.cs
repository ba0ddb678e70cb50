namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// What arm64's syndrome (ESR) adds to a report: SErrors and their severity (Arm ARM, ISS of an SError exception, RAS extension), external
/// aborts, faults that name the kind of memory, traps that code sets for itself (arch/arm64/include/asm/brk-imm.h). A plain fault is in
/// the report's own words, except where its first lines are lost.
/// </summary>
internal static class Syndromes
{
    private const int Beginning = 40;

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        foreach (ReportLine line in input.Around)
        {
            if (ArmSyndrome.OfUnhandled(line.Text) is not { } unhandled)
                continue;
            yield return new Clue("unhandled-exception",
                $"The kernel has no handler for this exception there. Its class is 0x{unhandled.Class:x2}, " +
                $"{unhandled.ClassWords ?? "which the architecture does not give out"} (syndrome {unhandled.Value:x8}).",
                input.SourceOf(line));
            yield break;
        }
        foreach (ReportLine line in input.Lines.Take(Beginning))
        {
            if (ArmSyndrome.In(line.Text) is not { } syndrome)
                continue;
            if (Says(syndrome, input) is { } says)
                yield return new Clue("syndrome", $"{says} (syndrome {syndrome.Value:x8}).", input.SourceOf(line));
            yield break;
        }
    }

    private static string? Says(ArmSyndrome s, ClueInput input) => s.Class switch
    {
        ArmSyndrome.SErrorClass => SErrorSays(s),
        ArmSyndrome.BreakClass => Break((int)(s.Value & 0xffff)),
        ArmSyndrome.CopyClass => "A memory copy instruction (FEAT_MOPS) met a state that it cannot go on from: " +
            "the task moved between processors of different kinds in the midst of it, or registers were changed",
        _ when s.IsAbort => Abort(s, input),
        _ => null,
    };

    private static string SErrorSays(ArmSyndrome s)
    {
        if ((s.Value & 1 << 24) != 0)
            return $"What failed is in the processor maker's own code 0x{s.Value & 0xff_ffff:x} (IDS is set): " +
                "only the Technical Reference Manual of that core, or the SoC's, tells what it means";
        if (s.Fault == 0)
            return "The processor gives no details of it (uncategorised)";
        if (s.Fault != 0x11)
            return $"Its fault status is 0x{s.Fault:x2}";
        string grade = (s.Value >> 10 & 7) switch
        {
            0 => "uncontainable (UC): the error may have spread, so nothing that ran since can be trusted",
            1 => "unrecoverable (UEU): the state of this processor is lost, but the error did not spread",
            2 => "restartable (UEO): the software could have gone on",
            3 => "recoverable (UER): the software could have gone on after a repair",
            6 => "corrected (CE)",
            _ => "of no grade that is known",
        };
        return $"By its RAS syndrome the error is {grade}";
    }

    private static string? Abort(ArmSyndrome s, ClueInput input)
    {
        string access = s.Direction switch { "execute" => "an instruction fetch", "write" => "a write", _ => "a read" };
        if (s.Fault is 0x10 or >= 0x14 and < 0x20)
            return $"It was {access}, a {s.FaultWords}" + (s.NoAddress ? "; the processor does not know the address" : "") +
                (s.Class == ArmSyndrome.DataClass && s.Fault is 0x10 ? (s.Value >> 11 & 3) switch
                {
                    2 => "; the error is uncontainable (UC): it may have spread",
                    3 => "; the error is restartable (UEO)",
                    _ => "",
                } : "");
        if (s.Fault == 0x30)
            return $"It was {access}, a TLB conflict: two entries of the processor's page cache fit the same address, " +
                "as they do when page tables are changed without being taken away first (break-before-make): " +
                "a fault of the kernel's memory management, or of the processor";
        if (s.Fault is 0x31 or 0x34 or 0x35)
            return $"It was {access}, an {s.FaultWords}: an exclusive or atomic instruction on memory that has none of it " +
                "(a device's registers, memory that is mapped uncached)";
        if (s.Fault == 0x21)
            return $"It was {access}, an {s.FaultWords}: the address is not a multiple of the size of the access, and the memory is a " +
                "device's (registers, a ROM, uncached), where arm64 allows only aligned accesses; in ordinary memory it would have worked";
        // The words of the first lines, where they are lost.
        return input.Access is null && input.Kind is "internal-error" or "oops" && s.Fault < 0x10
            ? $"It was {access}, {s.FaultWords}: {Means(s.Fault)}" : null;
    }

    private static string Means(int fault) => (fault >> 2) switch
    {
        0 => "a page table holds an address beyond what the processor has",
        1 => "nothing is mapped at that address",
        2 => "the page was marked as never accessed",
        _ => "the page does not allow it",
    };

    private static string? Break(int immediate) => immediate switch
    {
        0x100 => "The CPU came to code that must not be reached (brk 0x100)",
        1 or 0x3e8 => $"The CPU came to a trap that the compiler put where code must not come (__builtin_trap, brk 0x{immediate:x})",
        >= 0x900 and < 0xa00 => "KASAN's check in the code (software tags) stopped it: the report before this one names the object",
        >= 0x5500 and < 0x5600 => "UBSAN's check in the code stopped it",
        _ => null,
    };
}
