using System.Globalization;

namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// The access that failed, as a fault report describes it: address and direction in the words of x86 (arch/x86/mm/fault.c,
/// kernel/traps.c), arm64 and riscv (mm/fault.c); for a general protection fault without an address (until 5.4) the only register
/// that holds a telling value.
/// </summary>
internal static class AccessReading
{
    private static readonly string[] Kinds = ["null-dereference", "page-fault", "general-protection", "oops", "internal-error"];

    /// <summary>
    /// In the order in which they are trusted. KASAN's lines come first: they name the accessed address, where the others print
    /// that of its shadow.
    /// </summary>
    private static readonly string[] Marks =
    [
        "KASAN: null-ptr-deref in range [", "wild-memory-access in range [", "user-memory-access in range [", "non-canonical address ",
            "maybe for address ", "probably for address ",
        "page fault for address: ", "NULL pointer dereference, address: ", "paging request at virtual address ",
        "kernel access at virtual address ",
            "NULL pointer dereference at virtual address ",
        "paging request for data at address ", "NULL pointer dereference on read at ", "NULL pointer dereference on write at ",
            "data access on read at ", "data access on write at ", "kernel data access at ", "instruction fetch at ", "user page fault at ",
        "read-only memory at virtual address ", "non-executable memory at virtual address ", "paging request at ",
            "NULL pointer dereference at ", "Failing address: ", "failing address: ", ") at addr ",
            "NULL pointer dereference (address ", " outside uaccess routines at virtual address ",
            "execution of user memory at virtual address ", "unreadable memory at virtual address ", "fault at virtual address ",
            "abort at virtual address ", "Bad Address (null pointer deref?) ", "faulting address: ", "dar: ",
    ];

    /// <summary>Null for a report that names no access.</summary>
    public static BadAccess? Read(Report report, string kind, IReadOnlyList<KeyValuePair<string, string>> registers)
    {
        if (!Kinds.Contains(kind))
            return null;
        int end = Math.Min(report.End, 60);
        bool wide = registers.Count == 0 ? !IsNarrow(report, end) : registers.Any(r => r.Value.Length == 16);
        bool fourLevels = registers.Any(r => r is { Key: "RSP", Value: ['f', 'f', 'f', 'f', >= '8' and not 'f', ..] });
        (ulong Address, int Line)? named = Marks.Select(m => Named(report, end, m)).FirstOrDefault(n => n is not null);
        string? direction = Direction(report, end, out bool present);
        // The first line is lost: the page fault's address stands in CR2.
        if (named is null && (kind == "oops" || report.Heading.Text.Contains("#PF: ", StringComparison.Ordinal)) &&
            Enumerable.Range(0, end).Any(i => PageFaultCode(report.Lines[i].Text) is not null) ||
            named is null && report.Family.Tentative && kind == "page-fault")
            named = Named(report, end, "CR2: ");
        // PowerPC before 5.1 names the address of a data access only among the registers; trap 400 is of an instruction.
        if (named is null && Enumerable.Range(0, end).Any(i => IsDataTrap(report.Lines[i].Text)))
            named = Named(report, end, "DAR: ");
        if (named is null)
            return kind == "general-protection" ? InRegister(report, end, registers, fourLevels) : null;
        (ulong address, int line) = named.Value;
        (string Meaning, string Says)? meaning;
        if (direction == "execute")
            meaning = Executed(report, address, present, wide);
        else if (present && address is >= AddressMeaning.FirstPage and < UserSpace)
            meaning = ("user-memory", "an address of user space, which the kernel may not touch so (SMAP, PAN)");
        else if (present && direction == "write" && address >= KernelSpace)
            meaning = ("read-only", "the memory is there, and may not be written: constants, code, or pages made read-only");
        else
            meaning = Vsyscall(report, end, address) ?? AddressMeaning.Of(address, wide, fourLevels) ?? Nowhere(report,
                line) ?? Unmapped(report, end, address, present, wide, registers);
        if (meaning is { Meaning: "null-member" } && address >= AddressMeaning.FirstPage && Holders(address, registers) is { } holders)
            meaning = ("low-address",
                $"the pointer that was used was this number itself ({holders}), and no address of the kernel is so low: " +
                "it was overwritten, or read from memory that was freed and used anew; faulty memory (RAM) looks the same. " +
                "Less likely it is the place of a member that far inside a structure whose pointer was NULL");
        if (meaning is { Meaning: "null-member" } && address % 4 != 0 && ErrorBelow(address, wide, registers) is { } below)
            meaning = ("error-number", below);
        else if (wide && address >= Negative && meaning is not { Meaning: "error-number" } && IsArm64(report, report.End))
            meaning = ("negative-number", "its upper half is all ones and no memory of an arm64 kernel is there: a negative number of " +
                "32 bits, such as an error, was used as a pointer, perhaps with a member's place added");
        return new BadAccess(address, direction, meaning?.Meaning, meaning?.Says, SourceOf(report, line));
    }

    /// <summary>The lowest number of 32 bits, its sign carried on to 64.</summary>
    private const ulong Negative = 0xffff_ffff_8000_0000;

    /// <summary>
    /// A small address at which no member can be (members of more than a byte are aligned): an error number that a register holds, with
    /// the place of a member added, which carries it over zero.
    /// </summary>
    private static string? ErrorBelow(ulong address, bool wide, IReadOnlyList<KeyValuePair<string, string>> registers)
    {
        foreach ((string name, string text) in registers)
        {
            if (!ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong held) ||
                AddressMeaning.ErrorName(held, wide) is not { } error)
                continue;
            ulong member = wide ? unchecked(address - held) : unchecked((uint)(address - held));
            if (member % 4 == 0 && member < AddressMeaning.FirstPage)
                return $"{name} holds {error}, and 0x{member:x}, the place of a member, added to it gives this address: " +
                    "a function's error was used as a pointer";
        }
        return null;
    }

    /// <summary>The vsyscall page, through which old x86-64 programs call the kernel (arch/x86/entry/vsyscall).</summary>
    private static (string, string)? Vsyscall(Report report, int end, ulong address) =>
        address >> 12 == 0xffff_ffff_ff60_0000 >> 12 && Enumerable.Range(0, end).Any(i => report.Lines[i].Text.Contains("RIP: ",
            StringComparison.Ordinal))
            ? ("vsyscall-page", "the vsyscall page, a fixed page of programs on x86-64, which the kernel itself cannot read: " +
                "a pointer of a program led there (a tracing or BPF program that reads at it crashes kernels without \"x86/mm: " +
                "Disallow vsyscall page read for copy_from_kernel_nofault()\")") : null;

    /// <summary>The registers that hold exactly the address: nothing was added to the pointer.</summary>
    private static string? Holders(ulong address, IReadOnlyList<KeyValuePair<string, string>> registers)
    {
        string[] names = [.. registers.Where(r => r.Key is not ("RSP" or "ESP" or "RIP" or "EIP") && !r.Key.StartsWith("CR",
                StringComparison.Ordinal) && ulong.TryParse(r.Value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
                    out ulong held) && held == address)
            .Select(r => r.Key).Take(3)];
        return names.Length == 0 ? null : $"{string.Join(", ", names)} {(names.Length == 1 ? "holds" : "hold")} it";
    }

    /// <summary>32-bit arm prints its name in the line of the error; arm64 prints none.</summary>
    private static bool IsNarrow(Report report, int end) => Enumerable.Range(0, end).Any(i => report.Lines[i].Text is var text &&
        (text.TrimEnd().EndsWith(" ARM", StringComparison.Ordinal) || text.EndsWith(" THUMB2", StringComparison.Ordinal) ||
            text.StartsWith("Frame format=", StringComparison.Ordinal)));

    /// <summary>A general protection fault of a data access: the upper bits are not those of a valid address.</summary>
    private static (string, string)? Nowhere(Report report, int line) =>
        report.Lines[line].Text.Contains("non-canonical address ", StringComparison.Ordinal) &&
        !report.Lines[line].Text.Contains("KASAN", StringComparison.Ordinal)
            ? ("no-address",
                "no address has such upper bits (it is non-canonical), so the pointer was no pointer: " +
                "it was overwritten, or read from memory that was freed and used anew") : null;

    /// <summary>
    /// A value of no known kind, where nothing is mapped. A kernel whose addresses are in the upper half never uses a lower one.
    /// </summary>
    private static (string, string)? Unmapped(Report report, int end, ulong address, bool present, bool wide,
        IReadOnlyList<KeyValuePair<string, string>> registers)
    {
        if (present || (wide && AddressMeaning.IsShadow(address)) ||
            Enumerable.Range(0, end).Any(i => Bus.Any(b => report.Lines[i].Text.Contains(b, StringComparison.Ordinal))))
            return null;
        if (wide && address < UserSpace)
            return IsArm64(report, end) || IsPower64(report, end) || registers.Any(r => r.Key is "RAX" or "RSP" or "x29" or "x19")
                ? ("low-address",
                (address < LargeMember ? "either a member far inside a very large structure, " +
                "or an element of an array, whose pointer was NULL; or, as " : "") +
                "no address of the kernel is so low: the pointer was overwritten, or read from memory that was freed and used anew, " +
                "or is an address of a program, which must not be used directly; faulty memory (RAM) looks the same") : null;
        if (wide && IsPower64(report, end) && (address >> 52 & 0xff) != 0)
            return ("no-address", "no address of a 64-bit PowerPC kernel has such upper bits (its regions begin with c00, d00, f00): " +
                "the pointer was no pointer, but was overwritten, or calculated from something that was not set up yet");
        if (wide && address < KernelSpace && IsPower64(report, end))
            return ("not-mapped", "a kernel address with nothing mapped there: " +
                "memory that was given back already, a wrong index, or a pointer that was overwritten" +
                (address >> 48 == 0xc000 ? "; or memory that this kernel does not have (in a crash kernel: all but its reservation)" : ""));
        // One or two wrong bits are told as such (OddPointers).
        if (wide && (address >> 48 & 0xff) is not (0 or 0xff) && System.Numerics.BitOperations.PopCount(address >> 48) is > 2 and < 14 &&
            IsArm64(report, end))
            return ("no-address", "no address of arm64 has such upper bits: " +
                "the pointer was no pointer, but was overwritten, or read from memory that was freed and used anew");
        if (wide && address < KernelSpace)
            return null;
        if (!wide && Base(registers) is { } low && address < low)
            return ("low-address", "no address of this kernel is so low (its stack lies above " + string.Create(
                CultureInfo.InvariantCulture, $"0x{low:x}") + "): the pointer was overwritten, or read from memory that was freed and " +
                "used anew, or is an address of a program, which must not be used directly; faulty memory (RAM) looks the same");
        if (wide && address is >= ModuleArea and < ModuleEnd && IsX86(report, end))
            return ("module-area", "on x86-64 that is the area of modules, and nothing is mapped there (any more): a module was unloaded " +
                "while something of it was still in use (a timer, a work item, an RCU callback, an entry of a list)");
        return ("not-mapped", wide
            ? "a kernel address with nothing mapped there: " +
                "memory that was given back already, a wrong index, or a pointer that was overwritten"
            : "nothing is mapped there: memory that was given back already, a wrong index, or a pointer that was overwritten");
    }

    /// <summary>arch/x86/include/asm/pgtable_64_types.h MODULES_VADDR with KASLR, MODULES_END.</summary>
    private const ulong ModuleArea = 0xffff_ffff_c000_0000, ModuleEnd = 0xffff_ffff_ff00_0000;

    private static bool IsX86(Report report, int end) =>
        report.Lines.Take(end).Any(l => Details.OfX86(l.Text));

    /// <summary>
    /// The lowest address of a 32-bit kernel: memory is split between programs and it at 2 or 3 GiB (VMSPLIT), arm's modules lie up to
    /// 32 MiB below. Null where no stack pointer tells.
    /// </summary>
    private static ulong? Base(IReadOnlyList<KeyValuePair<string, string>> registers)
    {
        const ulong Split = 0xc000_0000, Lowest = 0x8000_0000, Modules = 0x0200_0000;
        string? stack = registers.FirstOrDefault(r => r.Key is "sp" or "ESP").Value;
        return stack is { Length: 8 } && ulong.TryParse(stack, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
            out ulong at) && (at & Split) >= Lowest ? (at & Split) - Modules : null;
    }

    /// <summary>
    /// True if the report prints arm64's syndrome, or arm64's words for page table entries (arch/arm64/mm/fault.c show_pte).
    /// </summary>
    private static bool IsArm64(Report report, int end)
    {
        for (int i = 0; i < end; i++)
        {
            string text = report.Lines[i].Text;
            if (ArmSyndrome.In(text) is not null || text.Contains("] address between user and kernel address ranges",
                StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    /// <summary>True if code runs at 0xc000000000000000 or above.</summary>
    private static bool IsPower64(Report report, int end) => Enumerable.Range(0, end).Any(i =>
        report.Lines[i].Text is var text && (text.StartsWith("NIP", StringComparison.Ordinal) || text.Contains("pc: ",
            StringComparison.Ordinal)) && text.Contains("c00000000", StringComparison.Ordinal));

    /// <summary>
    /// A pointer whose authentication failed gets an error code into bits 61 and 62 (Arm ARM, AArch64.AuthIA): 0xffff8000… becomes
    /// 0xbfff8000… with the keys A, 0xdfff8000… with the keys B.
    /// </summary>
    private static bool IsNotAuthentic(ulong address) => address >> 48 is 0xbfff or 0xdfff;

    /// <summary>Accesses that were answered with an error: the address itself is not wrong.</summary>
    private static readonly string[] Bus = ["external abort", "access fault", "tag check fault", "SError", "alignment fault", "MTE",
        "TLB conflict", "address size fault",
        "implementation fault"];

    /// <summary>Structures and per-CPU tables of the kernel are rarely larger.</summary>
    private const ulong LargeMember = 2 << 20;

    /// <summary>The end of user space and the start of kernel space with five levels of page tables.</summary>
    private const ulong UserSpace = 1UL << 56, KernelSpace = 0xff00_0000_0000_0000;

    private static (string, string)? Executed(Report report, ulong address, bool present, bool wide)
    {
        if (AddressMeaning.ErrorName(address, wide) is { } error)
            return ("error-number", $"the function pointer holds {error}, an error number: " +
                "what should have given a function gave an error, and it was called all the same");
        if (address < AddressMeaning.FirstPage)
            return ("null-call", address == 0 ? "a function pointer was NULL when it was called"
                : $"a function was called through a pointer with the value 0x{address:x}");
        if (wide && IsNotAuthentic(address) && IsArm64(report, report.End))
            return ("bad-return", "its upper bits say that the authentication of this pointer failed (PAC): " +
                $"it was 0x{address | 3UL << 61:x}, and was changed after it was signed, as when the stack is overwritten; " +
                "a processor or emulator whose keys changed in between does the same; " +
                "on a processor without PAC, one bit of it was lost (memory, or code that clears bits)");
        if (present && address < UserSpace)
            return ("executed-user-code", "what was called is memory of user space: the function pointer was overwritten");
        if (present)
            return ("executed-data", "what was called is data: the function pointer was overwritten, or read from another kind of object");
        return Unloaded(report) is { } module
            ? ("unloaded-code", $"nothing is there to be executed; {module} was the last module to be unloaded: was its code still in use?")
            : ("wild-call", "nothing is there to be executed: the function pointer was overwritten, or its module is gone");
    }

    /// <summary><c>Modules linked in: a b [last unloaded: c(OE)]</c></summary>
    private static string? Unloaded(Report report)
    {
        const string Mark = "[last unloaded: ";
        for (int i = 0; i < report.End; i++)
        {
            string text = report.Lines[i].Text;
            int at = text.IndexOf(Mark, StringComparison.Ordinal);
            if (at < 0)
                continue;
            ReadOnlySpan<char> name = text.AsSpan(at + Mark.Length);
            int stop = name.IndexOfAny(" (]");
            return stop > 0 ? name[..stop].ToString() : null;
        }
        return null;
    }

    private static BadAccess? InRegister(Report report, int end, IReadOnlyList<KeyValuePair<string, string>> registers, bool fourLevels)
    {
        foreach ((string name, string value) in registers)
        {
            if (value.Length != 16 || name is "EFLAGS" || name.StartsWith("CR", StringComparison.Ordinal) ||
                !ulong.TryParse(value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong held))
                continue;
            // Only what no address can be: small numbers and error numbers stand in registers all the time.
            if (AddressMeaning.Of(held, wide: true, fourLevels) is not { Meaning: not ("null" or "null-member" or "error-number") } meaning)
                continue;
            for (int i = 0; i < end; i++)
            {
                if (report.Lines[i].Text.Contains(value, StringComparison.Ordinal))
                    return new BadAccess(held, null, meaning.Meaning, $"{name} holds {value}: {meaning.Says}", SourceOf(report, i));
            }
        }
        return null;
    }

    private static bool IsDataTrap(string text) => text.Contains("TRAP: 0300", StringComparison.Ordinal) ||
        text.Contains("TRAP: 0380", StringComparison.Ordinal);

    private static (ulong, int)? Named(Report report, int end, string mark)
    {
        for (int i = 0; i < end; i++)
        {
            string text = report.Lines[i].Text;
            int at = text.IndexOf(mark, StringComparison.Ordinal);
            // xmon's line begins with its register's name.
            if (at < 0 || (mark == "dar: " && !text.AsSpan(0, at).Trim(' ').IsEmpty))
                continue;
            ReadOnlySpan<char> rest = text.AsSpan(at + mark.Length).TrimStart(' ');
            if (rest.StartsWith("(null)", StringComparison.Ordinal))
                return (0, i);
            if (rest.StartsWith("0x", StringComparison.Ordinal))
                rest = rest[2..];
            int digits = 0;
            while (digits < rest.Length && digits < 17 && char.IsAsciiHexDigit(rest[digits]))
                digits++;
            if (digits is > 0 and <= 16)
                return (ulong.Parse(rest[..digits], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), i);
        }
        return null;
    }

    /// <summary>
    /// Read, write or execute, and whether a page was there: in words since 5.1, before by the error code of the Oops line; arm64 prints
    /// its syndrome.
    /// </summary>
    private static string? Direction(Report report, int end, out bool present)
    {
        string? direction = null;
        present = false;
        for (int i = 0; i < end; i++)
        {
            string text = report.Lines[i].Text;
            if (text.Contains("#PF: supervisor read access", StringComparison.Ordinal))
                direction ??= "read";
            else if (text.Contains("#PF: supervisor write access", StringComparison.Ordinal) ||
                text.Contains("WnR = 1", StringComparison.Ordinal))
                direction ??= "write";
            else if (direction is null && ArmFault(text) is { } arm)
                direction = arm;
            else if (text.Contains("access on write at ", StringComparison.Ordinal) ||
                text.Contains("dereference on write at ", StringComparison.Ordinal))
                direction ??= "write";
            else if (text.Contains("access on read at ", StringComparison.Ordinal) ||
                text.Contains("dereference on read at ", StringComparison.Ordinal))
                direction ??= "read";
            else if (text.Contains("#PF: supervisor instruction fetch", StringComparison.Ordinal) ||
                text.Contains("Unhandled prefetch abort", StringComparison.Ordinal) ||
                text.Contains("IABT (current EL)", StringComparison.Ordinal))
                direction ??= "execute";
            else if (text.Contains("WnR = 0", StringComparison.Ordinal))
                direction ??= "read";
            else if (IsFetch(text))
                direction ??= "execute";
            else if (direction is null && RiscvCause(text) is { } cause)
                direction = cause;
            else if (direction is null && PageFaultCode(text) is uint code)
            {
                if ((code & 16) != 0)
                    direction = "execute";
                else
                    direction = (code & 2) != 0 ? "write" : "read";
                present = (code & 1) != 0;
            }
            if (ArmSyndrome.In(text) is { IsAbort: true } syndrome)
            {
                direction ??= syndrome.Direction;
                present |= syndrome.Present;
            }
            if (text.Contains("permissions violation", StringComparison.Ordinal) ||
                text.Contains("NX-protected page", StringComparison.Ordinal) ||
                text.Contains("permission fault", StringComparison.Ordinal))
                present = true;
        }
        return direction;
    }

    /// <summary>
    /// mips and loongarch print the place beside the address (arch/mips/mm/fault.c): <c>virtual address 70360064, epc == 70360064</c> was
    /// to be executed.
    /// </summary>
    private static bool IsFetch(string text)
    {
        const string Address = "at virtual address ";
        int at = text.IndexOf(Address, StringComparison.Ordinal);
        int place;
        if (at < 0)
            place = -1;
        else if (text.IndexOf("epc == ", at, StringComparison.Ordinal) is >= 0 and var mips)
            place = mips + 7;
        else
            place = text.IndexOf("era == ", at, StringComparison.Ordinal) is >= 0 and var loong ? loong + 7 : -1;
        if (place < 0)
            return false;
        ReadOnlySpan<char> bad = text.AsSpan(at + Address.Length), here = text.AsSpan(place);
        int end = bad.IndexOf(',');
        return end >= 8 && here.StartsWith(bad[..end], StringComparison.Ordinal);
    }

    /// <summary>
    /// <c>status: … badaddr: … cause: 000000000000000c</c>: the RISC-V Privileged Architecture, exception codes of faults and page faults.
    /// </summary>
    private static string? RiscvCause(string text)
    {
        const string Mark = " cause: ";
        int at = TraceStart.IsRiscv(text) ? text.IndexOf(Mark, StringComparison.Ordinal) : -1;
        return at < 0 ? null : text.AsSpan(at + Mark.Length).Trim().TrimStart('0') switch
        {
            "c" or "1" => "execute",
            "d" or "5" => "read",
            "f" or "7" => "write",
            _ => null,
        };
    }

    /// <summary>
    /// <c>Internal error: Oops: 80000007 [#1] PREEMPT SMP ARM</c>: arm's fault status with bit 31 for an instruction fetch and bit 11 for a
    /// write (arch/arm/mm/fault.h FSR_LNX_PF, FSR_WRITE).
    /// </summary>
    private static string? ArmFault(string text)
    {
        const string Mark = "Internal error: Oops: ";
        int at = text.IndexOf(Mark, StringComparison.Ordinal), end = text.IndexOf(" [#", StringComparison.Ordinal);
        if (at < 0 || end <= at + Mark.Length || !text.EndsWith(" ARM", StringComparison.Ordinal) ||
            !uint.TryParse(text.AsSpan(at + Mark.Length, end - at - Mark.Length), NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture, out uint status))
            return null;
        if ((status & 0x8000_0000) != 0)
            return "execute";
        return (status & 0x800) != 0 ? "write" : "read";
    }

    /// <summary><c>Oops: 0002 [#1] SMP</c>: x86's error code, four hexadecimal digits (arch/x86/kernel/dumpstack.c).</summary>
    public static uint? PageFaultCode(string text)
    {
        int at = text.IndexOf("Oops: ", StringComparison.Ordinal);
        ReadOnlySpan<char> rest = at < 0 ? default : text.AsSpan(at + "Oops: ".Length);
        if (rest.StartsWith("Oops: ", StringComparison.Ordinal))
            rest = rest["Oops: ".Length..];
        return rest.Length > 6 && rest[4] == ' ' && rest[5] == '[' &&
            uint.TryParse(rest[..4], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code) ? code : null;
    }

    private static Source SourceOf(Report report, int line) =>
        line == 0 ? report.Heading : new Source(report.Heading.Input, report.Lines[line].Text, report.Lines[line].Number);
}
