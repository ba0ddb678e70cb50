using System.Globalization;

namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// Exceptions whose name needs a sentence: arm64's checks of jumps, returns and tags (arch/arm64/kernel/traps.c, mm/fault.c fault_info),
/// x86's control protection and split locks, CFI (kernel/cfi.c). Only the first lines of a report name them.
/// </summary>
internal static class Natures
{
    private static readonly (string Sign, string Meaning, string Says)[] Table =
    [
        ("Oops - BTI", "bad-jump",
            "BTI: an indirect jump landed where no jump may land: " +
            "a function pointer was overwritten, or it leads into code that was built without BTI."),
        ("Oops - FPAC", "bad-return",
            "FPAC: a return address or a signed pointer was changed after it was signed: mostly the stack was overwritten."),
        ("Oops - GCS", "bad-return", "GCS: a return went elsewhere than the guarded stack says: the stack was overwritten."),
        ("CFI failure at ", "bad-call",
            "CFI: a function was called through a pointer of another type: " +
            "the pointer was overwritten, or the types of caller and callee differ."),
        ("Oops - CFI", "bad-call",
            "CFI: a function was called through a pointer of another type: " +
            "the pointer was overwritten, or the types of caller and callee differ."),
        ("Oops - MOPS", "bad-instruction", "A memory copy instruction (FEAT_MOPS) could not go on."),
        ("Oops - KASAN", "kasan-trap",
            "KASAN (software tags) stopped the kernel at a bad access: its report before this names the object."),
        ("SP/PC alignment exception", "bad-jump",
            "The stack pointer or the jump's target is misaligned: a return address, a function pointer or the stack was overwritten."),
        ("Oops - Undefined instruction", "bad-instruction", "The processor does not know the instruction: " +
            "data was executed, code was overwritten, or the kernel was built for another processor."),
        ("Oops - undefined instruction", "bad-instruction", "The processor does not know the instruction: " +
            "a failed check (BUG() of older kernels), executed data, or a kernel that was built for another processor."),
        ("Oops - illegal instruction", "bad-instruction", "The processor does not know the instruction: " +
            "data was executed, code was overwritten, or the kernel was built for another processor."),
        ("Reserved instruction in kernel code", "bad-instruction",
            "The processor does not know the instruction: " +
            "data was executed, code was overwritten, or the kernel was built for another processor."),
        ("synchronous tag check fault", "other-tag",
            "The pointer's tag is not the memory's (MTE): the object was freed, or the access went beyond it."),
        (" address misaligned [#", "misaligned",
            "The kernel read, wrote or jumped at an address that is not a multiple of what it must be, and nothing mends that on this " +
            "processor: the pointer is no pointer, or code forgets alignment."),
        ("Oops - environment call", "bad-instruction",
            "The processor says that the kernel itself called the kernel or the firmware in a way that no code of it does: code was " +
            "overwritten or data was executed, or the firmware (SBI) hands on what it must answer."),
        ("Unhandled kernel unaligned access", "misaligned",
            "The kernel read or wrote at an address that is not a multiple of what it must be, and no handler mends that: " +
            "the pointer is no pointer " +
            "(read from memory that was freed or overwritten, or of a module that is gone), or code forgets alignment."),
        ("alignment fault", "misaligned",
            "The access was misaligned, " +
            "on memory where that is not allowed (a device's registers), or by an instruction that never allows it."),
        ("address size fault", "bad-page-table",
            "A page table holds an address beyond what the processor has: the page table was overwritten."),
        ("control protection fault", "bad-jump",
            "A jump or return went where none may go (CET): a missing ENDBR, an overwritten function pointer or return address."),
        ("Split lock detected", "split-lock",
            "An atomic instruction touched two cache lines at once, because its address is not aligned; this machine refuses that (#AC). " +
            "The code or data structure that gave the address is wrong; in an interrupt, the task is a bystander."),
        ("stack guard page was hit", "stack-overflow",
            "The kernel's stack was too small: endless recursion, or very large local variables."),
    ];

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        foreach (ReportLine line in input.Around.Take(24))
        {
            (string? sign, string? meaning, string? says) =
                Table.FirstOrDefault(t => line.Text.Contains(t.Sign, StringComparison.Ordinal));
            if (sign is null)
                continue;
            yield return new Clue(meaning, meaning == "bad-instruction" && OfSystemRegister(input) ? NoRegister : says,
                input.SourceOf(line))
            {
                Fixes = meaning != "split-lock" ? []
                    : [new Fix("Until the code is mended, let the processor allow it: boot with split_lock_detect=off", Risk: "slower")],
            };
            yield break;
        }
    }

    private const string NoRegister = "The instruction is about a system register that this processor does not have, or that is not " +
        "for this exception level or guest: the code did not ask first whether the feature is there.";

    /// <summary>
    /// MRS or MSR in the last word of arm64's <c>Code: … (d53ccb21)</c> (Arm ARM, C4.1: system instructions and register moves).
    /// </summary>
    private static bool OfSystemRegister(ClueInput input)
    {
        const uint Mask = 0xffd0_0000, Move = 0xd510_0000;
        if (input.Find("Code: ")?.Text is not { } text || text.LastIndexOf('(') is not (> 0 and var at))
            return false;
        ReadOnlySpan<char> word = text.AsSpan(at + 1);
        return word.Length > 8 && word[8] == ')' &&
            uint.TryParse(word[..8], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out uint code) && (code & Mask) == Move;
    }
}
