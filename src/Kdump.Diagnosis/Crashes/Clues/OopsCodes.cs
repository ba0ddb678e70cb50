using System.Globalization;

namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// The number behind <c>Oops: </c>, where the line above it is lost or says less: x86's page fault error code (asm/trap_pf.h), s390's
/// program interruption code (Principles of Operation, chapter 6), arm's fault status (arch/arm/mm/fault.h), arm64's ESR.
/// </summary>
internal static class OopsCodes
{
    /// <summary>Principles of Operation, chapter 6: recognised in access-register mode only.</summary>
    private const string Registers = "an access-register exception, which only code in access-register mode can cause. The kernel does " +
        "not run in that mode (AS:3 in the line of the PSW is its own), so no instruction of it can be at fault: the machine or its " +
        "hypervisor (z/VM, KVM, LPAR firmware) presented what it must not, and its supplier is to be asked";

    private const string Stack = "an exception of the linkage stack, which the kernel does not use: it was corrupted, or the machine or " +
        "its hypervisor presented what it must not";

    private static readonly (int Code, string Words)[] S390 =
    [
        (0x01, "an operation that the processor does not know"), (0x02, "a privileged operation"), (0x04,
            "a protection exception: a write to memory that is read-only, or memory that its key protects"),
        (0x03, "an execute exception: EXECUTE led to another EXECUTE"),
        (0x05, "an addressing exception: no such memory in this machine"),
        (0x06, "a specification exception: an operand or a branch's target that is odd, or not aligned as it must be"),
        (0x07, "a data exception"), (0x08, "an overflow of integers"), (0x09, "a division of integers by zero, or one that overflows"),
        (0x12, "a translation-specification exception: a page table or a control register holds what no table may hold"),
        (0x13, "a special-operation exception: an instruction that the present address-space mode does not allow"),
        (0x15, "an operand exception: a value that the instruction or the machine does not take"),
        (0x18, "a constraint of a transaction that was not kept"), (0x1c, "a space-switch event"),
        (0x28, Registers), (0x29, Registers), (0x2a, Registers), (0x2b, Registers), (0x2c, Registers), (0x2d, Registers),
        (0x30, Stack), (0x31, Stack), (0x32, Stack), (0x33, Stack), (0x34, Stack),
        (0x10, "a segment translation exception: nothing is mapped there"), (0x11, "a page translation exception: no page is there"),
        (0x38, "an address outside of the address space"), (0x39, "a region translation exception: nothing is mapped there"),
        (0x3a, "a region translation exception: nothing is mapped there"),
            (0x3b, "a region translation exception: nothing is mapped there"),
        (0x3d, "a secure storage exception: the page belongs to a protected guest"),
        (0x3e, "a secure storage exception: the page belongs to a protected guest"),
    ];

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        foreach (ReportLine line in input.Lines.Take(input.Kind == "invalid-opcode" ? 40 : 12))
        {
            if (Of(line.Text, input) is { } says)
            {
                yield return new Clue("oops-code", says, input.SourceOf(line));
                yield break;
            }
        }
    }

    /// <summary>The first page may not be written (low-address protection): a write to NULL is a protection exception.</summary>
    private static string? OfS390(int code, ClueInput input) => code == 0x04 && input.Access?.Address < AddressMeaning.FirstPage
        ? "a protection exception: a write to the first page, which this machine refuses, as it does for each pointer that is NULL"
        : S390.FirstOrDefault(s => s.Code == code).Words;

    private static string? Of(string text, ClueInput input)
    {
        int ilc = text.IndexOf(" ilc:", StringComparison.Ordinal);
        // Until 3.17 no length was printed. Other machines have a colon and four digits as well: there it is the only name of the trap.
        if (ilc < 0 && input.Kind == "trap" && text.IndexOf(" [#", StringComparison.Ordinal) is > 6 and var count &&
            (text[..(count - 6)].EndsWith("ception", StringComparison.Ordinal) ||
            text[..(count - 6)].EndsWith("operation", StringComparison.Ordinal) ||
            text[..(count - 6)].EndsWith("event", StringComparison.Ordinal)) && text.AsSpan(count - 6).StartsWith(": ") &&
            input.Find("Krnl PSW") is not null)
            ilc = count;
        if (ilc > 4 && int.TryParse(text.AsSpan(ilc - 4, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code))
            return OfS390(code & 0x7f, input) is { } words ? $"Its code {code:x4} is {words}." +
                ((code & 0x7f) != 1 ? "" : (text.AsSpan(ilc).StartsWith(" ilc:3", StringComparison.Ordinal)
                    ? " The instruction is 6 bytes long, as those of newer machines (vectors) are." : "") +
                    " Mostly the kernel was built for a newer machine (CONFIG_MARCH_\u2026) than the one, or the emulator, that runs it; " +
                    "else data was executed, or code was overwritten.") : null;
        if (input.Kind == "invalid-opcode" && text.StartsWith("Code: ", StringComparison.Ordinal) &&
            text.IndexOf('<') is > 0 and var here && here + 6 < text.Length)
            return text[(here + 1)..].StartsWith("0f> 0b", StringComparison.Ordinal)
                ? "The instruction is ud2, with which a failed check of the kernel (BUG) or a place that is never reached stops it."
                : "The instruction is no ud2 of a failed check: " +
                    "code was overwritten, data was executed, or the kernel or module was built for a newer processor.";
        if (input.Access is null && OfArm(text) is { } arm)
            return arm;
        // The heading of the report says more, if it is there.
        if (input.Kind != "oops" || AccessReading.PageFaultCode(text) is not uint error)
            return null;
        string verb;
        if ((error & 16) != 0)
            verb = "an instruction fetch";
        else
            verb = (error & 2) != 0 ? "a write" : "a read";
        string page;
        if ((error & 8) != 0)
            page = "through a damaged page table";
        else
            page = (error & 1) != 0 ? "that the page does not allow" : "at an address that is not mapped";
        return $"The code of the oops ({error:x4}) is a page fault: {verb} {((error & 4) != 0 ? "in user mode " : "")}{page}.";
    }

    /// <summary>
    /// <c>Internal error: Oops: 2807 [#1] SMP ARM</c>: the fault status of 32-bit arm (arch/arm/mm/fsr-2level.c, fsr-3level.c); bit 11 is a
    /// write, bit 31 an instruction fetch.
    /// </summary>
    private static string? OfArm(string text)
    {
        const string Mark = "Internal error: Oops: ";
        int at = text.IndexOf(Mark, StringComparison.Ordinal), end = at < 0 ? -1 : text.IndexOf(" [#", at, StringComparison.Ordinal);
        if (end <= at + Mark.Length || !text.TrimEnd().EndsWith(" ARM", StringComparison.Ordinal) ||
            !uint.TryParse(text.AsSpan(at + Mark.Length, end - at - Mark.Length), NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture, out uint status))
            return null;
        string verb;
        if ((status & 0x8000_0000) != 0)
            verb = "an instruction fetch from";
        else
            verb = (status & 0x800) != 0 ? "a write to" : "a read from";
        string? what = (status & 0xf) switch
        {
            5 or 6 or 7 => "an address where nothing is mapped",
            0xd or 0xe or 0xf => "memory that does not allow it",
            1 => "an address that is not a multiple of what it must be",
            8 or 0xc => "something that answered with an error (external abort)",
            _ => null,
        };
        return what is null ? null : $"The code of the oops ({status:x}) is {verb} {what}.";
    }
}
