using System.Globalization;
using System.Numerics;

namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// A bad address traced to the register that held the pointer: one bit away from the other pointers of the report, or the address
/// of something else that the report names, or an instruction instead of a pointer.
/// </summary>
internal static class OddPointers
{
    /// <summary>Members are at most this far from the start of their structure.</summary>
    private const ulong Near = 0x1000;

    /// <summary>The highest bit that divides arm64's kernel addresses in halves (VA_BITS_MIN is 48 at most).</summary>
    private const int TopBit = 47;

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (input.Access is not { } access)
        {
            if (input.Kind == "general-protection" && NoAddresses(input) is { } held)
                yield return held;
            yield break;
        }
        if (access.Kind == "execute" && Known(input, access) is { } known)
        {
            yield return known;
            yield break;
        }
        if (Instruction(input, access) is { } code)
            yield return new Clue("code-as-pointer",
                $"The value 0x{access.Address:x} is an instruction ({code}): " +
                    "the pointer was read from code or from an object of another kind.",
                access.Source);
        if (access.Meaning is null or "not-mapped" or "low-address" && Flipped(input, access.Address) is { } flipped)
            yield return flipped;
        else if (access.Meaning is "low-address" && NullWithOneBit(input, access) is { } bit)
            yield return bit;
    }

    /// <summary>
    /// A register that holds a single high bit and nothing else, where the address is a member of it: NULL, of which one bit flipped.
    /// </summary>
    private static Clue? NullWithOneBit(ClueInput input, BadAccess access)
    {
        const int LowestBit = 20;
        foreach ((string name, string text) in input.Registers)
        {
            if (text.Length == 16 && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value) &&
                BitOperations.IsPow2(value) && BitOperations.TrailingZeroCount(value) >= LowestBit && access.Address >= value &&
                access.Address - value < AddressMeaning.FirstPage)
                return new Clue("flipped-bit",
                    $"The register {name} holds {value:x16}: one bit (bit {BitOperations.TrailingZeroCount(value)}) and nothing else. " +
                        "NULL of which one bit flipped in faulty memory looks like this, and the check for NULL before it then fails; " +
                        "flags or a size that were taken for a pointer look the same.", access.Source)
                {
                    Fixes = BrokenData.TestMemory,
                };
        }
        return null;
    }

    /// <summary>
    /// A general protection fault that names no address (until 5.4), and no register with a value of a known kind: the pointer was
    /// not a canonical address.
    /// </summary>
    private static Clue? NoAddresses(ClueInput input)
    {
        const int Most = 3, TopOfUser = 47;
        List<string> held = [];
        bool code = false;
        (string Name, ulong Value) only = ("", 0);
        foreach ((string name, string value) in input.Registers)
        {
            if (value.Length != 16 || name[0] != 'R' || name is "RSP" or "RIP" ||
                !ulong.TryParse(value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong number) ||
                number >> TopOfUser is 0 or 0x1ffff)
                continue;
            bool instruction = IsX86Code(number);
            code |= instruction;
            held.Insert(instruction ? 0 : held.Count, $"{name} {value}{(instruction ? " (bytes of machine code)" : "")}");
            only = (name, number);
        }
        if (held.Count == 1 && !code && OneBitOff(only.Value) is { } right)
            return OneBit(only.Name, only.Value, right, input.Report.Heading);
        return held.Count == 0 ? null : new Clue("no-address-register",
            "This kernel does not print the address. These registers hold none that an address can be: " +
            $"{string.Join(", ", held.Take(Most))}. One of them was used as a pointer: it was overwritten, or read from memory " +
            "that was freed and used anew." + (code ? " Machine code in it means that the pointer to the object led into code." : ""),
            input.Report.Heading);
    }

    private static Clue OneBit(string register, ulong was, ulong right, Source source) => new("flipped-bit",
        $"This kernel does not print the address. Of the registers shown only {register} holds a value that no address can be, " +
            $"{was:x16}; it is one bit (bit {BitOperations.TrailingZeroCount(was ^ right)}) away from 0x{right:x}. " +
            "A bit that flipped in faulty memory looks like this; less likely it was overwritten, or read from memory that was freed " +
            "and used anew.", source)
    {
        Fixes = BrokenData.TestMemory,
    };

    /// <summary>
    /// The number without its only upper bit, if that looks like an address of a program's memory. Left out are page table entries (bit 63,
    /// no-execute) and a single bit with smaller numbers (flags). A kernel address that lacks one bit is told as that.
    /// </summary>
    private static ulong? OneBitOff(ulong value)
    {
        const int TopOfUser = 47;
        ulong upper = value >> TopOfUser << TopOfUser, lower = value ^ upper;
        return BitOperations.PopCount(upper) == 1 && upper >> 63 == 0 && lower >= 1UL << 40 ? lower : null;
    }

    /// <summary>Code as its bytes stand in memory: endbr64; nop; push and mov; an access through gs.</summary>
    private static bool IsX86Code(ulong value) => unchecked((uint)value) is 0xfa1e0ff3 or 0xe5894855 or 0x00441f0f ||
        (value & 0xff_ffff_ffff) is 0x25_048b_4865 or 0x25_0c8b_4865 or 0x25_148b_4865;

    /// <summary>The address jumped to is the task, or its stack: <c>task: X ti: Y task.ti: Z</c>.</summary>
    private static Clue? Known(ClueInput input, BadAccess access)
    {
        string text = access.Address.ToString("x", CultureInfo.InvariantCulture);
        if (text.Length < 8)
            return null;
        foreach (ReportLine line in input.Lines)
        {
            int task = line.Text.IndexOf("task: " + text, StringComparison.Ordinal);
            if (task == 0)
                return new Clue("jumped-to-task",
                    "What was called is the running task's own task_struct, which is data: a function pointer was overwritten with it, " +
                    "or the stack holds it where a return address should be.", input.SourceOf(line));
        }
        return null;
    }

    /// <summary>A register whose lower bits equal the address's, and which differs in one bit from what other registers hold.</summary>
    private static Clue? Flipped(ClueInput input, ulong address)
    {
        const int Low = 38, Upper = 36;
        List<(string Name, ulong Value)> held = [];
        foreach ((string name, string value) in input.Registers)
        {
            if (value.Length == 16 && ulong.TryParse(value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong number))
                held.Add((name, number));
        }
        ulong mask = (1UL << Low) - 1;
        foreach ((string name, ulong value) in held)
        {
            ulong apart = unchecked((address & mask) - (value & mask));
            bool near = apart < Near || unchecked(0 - apart) < Near;
            if (!near || value >> Upper == 0)
                continue;
            foreach ((string other, ulong good) in held)
            {
                ulong wrong = (value ^ good) >> Upper;
                if (good >> 48 != 0xffff || BitOperations.PopCount(wrong) != 1)
                    continue;
                int bit = Upper + BitOperations.TrailingZeroCount(wrong);
                // arm64 keeps a pointer's tag in these bits, and the bit below the leading ones tells the linear map from modules,
                // vmalloc and stacks; a flipped lower bit gives a neighbouring valid address.
                if (bit < 40 || (name[0] == 'x' && (bit is >= 56 and < 60 || bit <= TopBit && value >> bit + 1 == ulong.MaxValue >> bit +
                    1)))
                    continue;
                return BrokenData.Flip(value, value ^ (1UL << bit), $"the register {name} (compare {other}, {good:x16})",
                    input.Report.Heading);
            }
        }
        return null;
    }

    /// <summary>First instructions of functions, and returns: what a pointer into code reads as.</summary>
    private static string? Instruction(ClueInput input, BadAccess access)
    {
        ulong a = access.Address;
        bool arm = input.Registers.Any(r => r.Key is "r0" or "r7" or "r10" && r.Value.Length == 8) ||
            input.Lines.Any(l => l.Text.StartsWith("PC is at ", StringComparison.Ordinal) ||
                l.Text.EndsWith(" ARM", StringComparison.Ordinal));
        if (arm && a <= uint.MaxValue)
            return a switch
            {
                0xe1a0c00d => "arm: mov ip, sp, the first of a function",
                0xe12fff1e => "arm: bx lr, a return",
                0xe52de004 => "arm: push {lr}, the first of a function",
                0xe1a00000 or 0xe320f000 => "arm: nop",
                _ when a >> 16 == 0xe92d && (a & 0xc000) != 0 => "arm: push, the first of a function",
                _ when a >> 12 == 0xe24dd => "arm: sub sp, the beginning of a function",
                _ => null,
            };
        uint low = unchecked((uint)a), high = (uint)(a >> 32);
        if (low is 0xd503233f or 0xd65f03c0 or 0xd503245f || high is 0xd65f03c0 || (low & 0xffc07fff) == 0xa9807bfd)
            return "arm64: paciasp, bti, ret or stp, as functions begin and end";
        return low is 0xfa1e0ff3 or 0xe5894855 or 0x00441f0f ? "x86: endbr64, nop, or push and mov, as functions begin" : null;
    }
}
