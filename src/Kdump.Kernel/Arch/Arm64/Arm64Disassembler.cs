using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Arch.Arm64;

/// <summary>Disassembles arm64 instructions in the form of GNU objdump; they are decoded by <see cref="A64"/>.</summary>
public sealed class Arm64Disassembler : Disassembler
{
    /// <summary>Maximum size of a function in bytes; a kernel's longest functions have about 60 KB.</summary>
    private const int MaxBytes = 1 << 20;

    /// <summary>x0 to x7 are arguments; the callee may change x0 to x18 and x30 (AAPCS64).</summary>
    private const int Arguments = 8, Scratch = 18, Link = 30, StackPointer = 31;

    private const int MaxDepth = 4;

    private readonly CrashedKernel kernel;
    private readonly AddressWords words;

    public Arm64Disassembler(CrashedKernel kernel) => (this.kernel, words) = (kernel, new AddressWords(kernel));

    public override IReadOnlyList<Instruction> Range(VirtualAddress start, VirtualAddress end)
    {
        List<Instruction> all = [];
        ulong?[] pages = new ulong?[32];
        foreach ((VirtualAddress at, uint word) in Words(start, end))
        {
            A64 one = A64.Decode(word, at.Value);
            byte[] bytes = new byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, word);
            all.Add(new Instruction(at, bytes, one.ToString(), one.Known ? Refers(one, pages) : Pointer(at, word), null));
            Follow(one, pages);
        }
        return all;
    }

    /// <summary>
    /// Description of an address in an instruction, or of the sum of an adrp's page and a constant; null if there is none.
    /// </summary>
    private string? Refers(A64 one, ulong?[] pages)
    {
        bool code = one.IsCall || one.MayJump || one.Leaves;
        if (code && one.Target is { } near && Veneer(near) is { } far)
            return words.Refers(far, code: true) is { } name ? $"{name}, by a veneer" : null;
        if (one.Target is { } target)
            return code || !IsPage(one) ? words.Refers(target, code) : null;
        if (one.SumOf >= 0 && pages[one.SumOf] is { } page)
            return words.Refers(unchecked(page + (ulong)one.Added), code: false);
        if (one.Size <= 0 || one.Index >= 0 || pages[one.Base] is not { } of)
            return null;
        return kernel.Locate(new VirtualAddress(unchecked(of + (ulong)one.Offset))) is { } place ? AddressWords.Of(place) : null;
    }

    /// <summary>
    /// Symbol for two words that are not instructions but together form an address with a symbol: a constant after the code, or the
    /// ftrace_ops before a function. Null for other words.
    /// </summary>
    private string? Pointer(VirtualAddress at, uint word)
    {
        if ((at.Value & 7) != 0 || !kernel.Memory.TryU32(at + 4, out uint above) || A64.Decode(above, at.Value + 4).Known)
            return null;
        return kernel.Locate(new VirtualAddress((ulong)above << 32 | word)) is { } place ? $"address of {AddressWords.Of(place)}" : null;
    }

    /// <summary>
    /// Target of a veneer through which a module's far calls go (arch/arm64/kernel/module-plts.c: adrp x16, add x16, br x16); null for
    /// other code. Veneers are after the module's functions, so the nearest symbol is not the right one.
    /// </summary>
    private ulong? Veneer(ulong at)
    {
        const int Through = 16, Words = 4;
        if (kernel.Locate(new VirtualAddress(at)) is not { Offset: not 0 })
            return null;
        ulong?[] pages = new ulong?[32];
        for (int i = 0; i < Words; i++)
        {
            if (!kernel.Memory.TryU32(new VirtualAddress(unchecked(at + 4 * (ulong)i)), out uint word))
                return null;
            A64 one = A64.Decode(word, unchecked(at + 4 * (ulong)i));
            if (one.JumpsTo == Through)
                return pages[Through];
            if (!one.Known || one.Leaves || one.IsCall || one.MayJump)
                return null;
            // adrp gives a page, to which the following add instruction adds the rest of the address.
            Follow(one, pages);
        }
        return null;
    }

    private static bool IsPage(A64 one) => one.Text?.StartsWith("adrp ", StringComparison.Ordinal) == true;

    /// <summary>
    /// Updates the addresses that registers are known to contain after an instruction: adrp's pages, and sums with them.
    /// </summary>
    internal static void Follow(A64 one, ulong?[] pages)
    {
        ulong? sum;
        if (one.SumOf >= 0 && pages[one.SumOf] is { } page)
            sum = unchecked(page + (ulong)one.Added);
        else
            sum = one.CopyOf is >= 0 and < StackPointer ? pages[one.CopyOf] : null;
        for (int i = 0; i < pages.Length; i++)
        {
            if ((one.Writes >> i & 1) != 0 || (one.IsCall && i <= Scratch) || one.Leaves)
            {
                if ((one.Writes >> i & 1) == 0)
                    pages[i] = null;
                else
                    pages[i] = one.Size == 0 && one.Target is { } named && !one.MayJump ? named : sum;
            }
        }
    }

    public override IReadOnlyList<string> Explain(Registers registers, VirtualAddress start)
    {
        List<string> lines = [];
        if (registers is not Arm64Registers regs)
            return lines;
        List<(ulong At, A64 Code)> code = [.. Words(start, registers.Ip + 4).Select(w => (w.At.Value, A64.Decode(w.Word, w.At.Value)))];
        int at = code.FindIndex(i => i.At == registers.Ip.Value);
        if (at < 0)
        {
            lines.Add($"{registers.Ip} is not at the start of an instruction of the function");
            return lines;
        }
        A64 stopped = code[at].Code;
        if (stopped.Break is { } constant)
        {
            lines.Add(constant switch
            {
                0x800 => "brk #0x800: a BUG() or a WARN(); nothing was read or written",
                1 or 0x3e8 => $"brk #0x{constant:x}: code that the compiler considered unreachable; nothing was read or written",
                >= 0x900 and < 0xa00 => $"brk #0x{constant:x}: KASAN's check of an access, by software tags",
                >= 0x5500 and < 0x5600 => $"brk #0x{constant:x}: a check of UBSAN",
                >= 0x8000 and < 0x8400 => $"brk #0x{constant:x}: a call through a pointer of another type (CFI): " +
                    $"target in x{constant & 31}, type in x{constant >> 5 & 31}",
                _ => $"brk #0x{constant:x}",
            });
            return lines;
        }
        if (stopped.Size > 0)
        {
            lines.Add(Access(stopped, regs));
            foreach (int of in new[] { stopped.Base, stopped.Index }.Where(r => r is >= 0 and < StackPointer).Distinct())
                lines.AddRange(Origin(code, at, of, regs, 0));
        }
        else if (stopped.JumpsTo is >= 0 and < StackPointer and var target)
        {
            lines.Add($"goes to the address in x{target}, 0x{Value(regs, target):x}{words.Place(Value(regs, target))}");
            lines.AddRange(Origin(code, at, target, regs, 0));
        }
        return lines;
    }

    private IEnumerable<(VirtualAddress At, uint Word)> Words(VirtualAddress start, VirtualAddress end)
    {
        if ((start.Value & 3) != 0)
            yield break;
        long length = end <= start ? 0 : (long)Math.Min(MaxBytes, end.Value - start.Value);
        for (long at = 0; at + 4 <= length; at += 4)
        {
            if (!kernel.Memory.TryU32(start + at, out uint word))
                yield break;
            yield return (start + at, word);
        }
    }

    private string Access(A64 one, Arm64Registers regs)
    {
        ulong @base = Value(regs, one.Base), index = 0;
        string parts = $"{Name(one.Base)} (0x{@base:x})";
        if (one.Index >= 0)
        {
            ulong value = one.Index == StackPointer ? 0 : Value(regs, one.Index);
            index = unchecked(one.IndexExtend switch { 2 => (uint)value, 6 => (ulong)(int)value, _ => value } << one.IndexShift);
            parts += $" + x{one.Index} (0x{value:x}){(one.IndexShift == 0 ? "" : $" * {1 << one.IndexShift}")}";
        }
        if (one.Offset != 0)
            parts += one.Offset < 0 ? $" - 0x{-one.Offset:x}" : $" + 0x{one.Offset:x}";
        ulong address = unchecked(@base + index + (ulong)one.Offset);
        string verb = (one.Loads, one.Stores) switch { (true, true) => "reads and writes", (_, true) => "writes", _ => "reads" };
        return $"{verb} {one.Size} bytes at {address:x16} = {parts}{words.Place(address)}";
    }

    /// <summary>
    /// Finds where a register was last written before an instruction, going backwards through the code in the order of addresses.
    /// </summary>
    private List<string> Origin(List<(ulong At, A64 Code)> code, int at, int register, Arm64Registers regs, int depth)
    {
        List<string> lines = [];
        string indent = new(' ', 2 * depth + 2);
        bool branches = false;
        for (int i = at - 1; i >= 0; i--)
        {
            A64 one = code[i].Code;
            // After an unconditional jump the code is reached only by a jump from elsewhere, so stop here.
            if (one.Leaves)
            {
                lines.Add($"{indent}x{register}: set on another way to this place: the code before it is not run into");
                return lines;
            }
            branches |= one.MayJump;
            if (!one.Known)
            {
                lines.Add($"{indent}x{register}: not known: kdt cannot read the instruction at {Place(code[i].At)} ({one})");
                return lines;
            }
            if (one.IsCall)
            {
                if (register is > Scratch and not Link)
                    continue;
                lines.Add(register == 0
                    ? $"{indent}x0: " +
                        $"returned by {(one.Target is { } to ? words.Refers(to, code: true) : null) ?? "a call through a pointer"} " +
                        $"(call at {Place(code[i].At)})"
                    : $"{indent}x{register}: not known: the call at {Place(code[i].At)} may have changed it");
                return lines;
            }
            if ((one.Writes >> register & 1) == 0)
                continue;
            string maybe = branches ? ", if there was no jump in between" : "";
            lines.Add($"{indent}x{register}: set by {one} at {Place(code[i].At)}{maybe}");
            if (one is { Loads: true, Size: 8, Index: < 0, Base: >= 0 and < StackPointer })
                lines.AddRange(Loaded(code, i, one, register, regs, depth));
            else if (one.CopyOf is >= 0 and < StackPointer && depth < MaxDepth)
                lines.AddRange(Origin(code, i, one.CopyOf, regs, depth + 1));
            return lines;
        }
        lines.Add($"{indent}x{register}: {(register < Arguments && code.Count > 0 ? words.Argument(new VirtualAddress(code[0].At), register)
            : "not set in this function before this place")}");
        return lines;
    }

    /// <summary>For a load: checks if the memory that was loaded still contains the value.</summary>
    private List<string> Loaded(List<(ulong At, A64 Code)> code, int at, A64 one, int register, Arm64Registers regs, int depth)
    {
        List<string> lines = [];
        string indent = new(' ', 2 * depth + 4);
        // The base register may have changed since the load; then its present value gives another address.
        if (one.Base != register && !code.Skip(at).TakeWhile(c => c.At < regs.Ip.Value)
            .Any(c => (c.Code.Writes >> one.Base & 1) != 0 || !c.Code.Known || c.Code.IsCall && one.Base <= Scratch))
        {
            VirtualAddress place = new(unchecked(Value(regs, one.Base) + (ulong)one.Offset));
            ulong value = Value(regs, register);
            lines.Add(kernel.Memory.TryU64(place, out ulong now)
                ? $"{indent}x{one.Base} is 0x{Value(regs, one.Base):x}; " +
                    $"at {place} stands 0x{now:x}{(now == value ? ", the same" : $", not 0x{value:x}: it was changed since")}"
                : $"{indent}x{one.Base} is 0x{Value(regs, one.Base):x}; the memory at {place} is not in the dump");
        }
        if (depth < MaxDepth - 1)
            lines.AddRange(Origin(code, at, one.Base, regs, depth + 1));
        return lines;
    }

    private string Place(ulong at) => kernel.Locate(new VirtualAddress(at)) is { } place ? AddressWords.Of(place) : $"{at:x16}";

    private static string Name(int register) => register == StackPointer ? "sp" : $"x{register}";

    private static ulong Value(Arm64Registers regs, int register) => register == StackPointer ? regs.Sp.Value : regs.All[register].Value;
}
