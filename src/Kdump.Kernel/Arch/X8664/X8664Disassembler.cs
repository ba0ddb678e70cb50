using System.Globalization;
using Iced.Intel;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Arch.X8664;

/// <summary>
/// Disassembles x86-64 instructions in AT&amp;T syntax, like crash, gdb and scripts/decodecode; they are decoded by Iced.
/// </summary>
public sealed class X8664Disassembler : Disassembler
{
    /// <summary>Maximum size of a function in bytes; a kernel's longest functions have about 60 KB.</summary>
    private const int MaxBytes = 1 << 20;

    /// <summary>Arguments in the order of the System V ABI.</summary>
    private static readonly Register[] Arguments = [Register.RDI, Register.RSI, Register.RDX, Register.RCX, Register.R8, Register.R9];

    /// <summary>Registers that a call may change.</summary>
    private static readonly Register[] Scratch =
        [Register.RAX, Register.RCX, Register.RDX, Register.RSI, Register.RDI, Register.R8, Register.R9, Register.R10, Register.R11];

    private readonly CrashedKernel kernel;
    private readonly AddressWords words;

    public X8664Disassembler(CrashedKernel kernel) => (this.kernel, words) = (kernel, new AddressWords(kernel));

    public override IReadOnlyList<Instruction> Range(VirtualAddress start, VirtualAddress end)
    {
        List<Instruction> all = [];
        GasFormatter formatter = NewFormatter();
        StringOutput text = new();
        OperandTypes types = new(kernel, kernel.Locate(start));
        foreach ((Iced.Intel.Instruction one, byte[] bytes) in Decode(start, end))
        {
            formatter.Format(one, text);
            string instruction = text.ToStringAndReset();
            VirtualAddress at = new(one.IP);
            string? guess = types.Step(one);
            all.Add(new Instruction(at, bytes, one.Code == Code.INVALID ? "(bad)" : instruction, Refers(one), guess));
            if (one.Code == Code.INVALID)
                break;
        }
        return all;
    }

    public override IReadOnlyList<string> Explain(Registers registers, VirtualAddress start)
    {
        List<string> lines = [];
        if (registers is not PtRegs { Full: true } regs)
            return lines;
        List<Iced.Intel.Instruction> code = [.. Decode(start, registers.Ip + 15).Select(d => d.Item1)];
        int at = code.FindIndex(i => i.IP == registers.Ip.Value);
        if (at < 0)
        {
            lines.Add($"{registers.Ip} is not at the start of an instruction of the function");
            return lines;
        }
        Iced.Intel.Instruction stopped = code[at];
        if (stopped.Mnemonic == Mnemonic.Ud2)
        {
            lines.Add("ud2: a BUG(), a WARN() or code that the compiler considered unreachable; nothing was read or written");
            return lines;
        }
        GasFormatter formatter = NewFormatter();
        InstructionInfoFactory factory = new();
        bool memory = false;
        foreach (UsedMemory used in factory.GetInfo(stopped).GetUsedMemory())
        {
            if (used.Access is OpAccess.None or OpAccess.NoMemAccess)
                continue;
            memory = true;
            lines.Add(Access(used, regs, out Register[] of));
            foreach (Register register in of)
                lines.AddRange(Origin(code, at, register, regs, formatter, factory, 0));
        }
        if (!memory && (stopped.IsCallNearIndirect || stopped.IsJmpNearIndirect) && stopped.Op0Kind == OpKind.Register)
        {
            Register target = stopped.Op0Register.GetFullRegister();
            lines.Add($"goes to the address in {Name(target)}, {Hex(Value(regs, target))}{words.Place(Value(regs, target))}");
            lines.AddRange(Origin(code, at, target, regs, formatter, factory, 0));
        }
        return lines;
    }

    private static GasFormatter NewFormatter()
    {
        GasFormatter formatter = new();
        formatter.Options.UppercaseHex = false;
        formatter.Options.SpaceAfterOperandSeparator = false;
        return formatter;
    }

    private IEnumerable<(Iced.Intel.Instruction, byte[])> Decode(VirtualAddress start, VirtualAddress end)
    {
        long length = end <= start ? 0 : (long)Math.Min(MaxBytes, end.Value - start.Value);
        MemoryBlock block = kernel.Memory.ReadBlock(start, (int)length);
        int there = 0;
        while (there < length && block.State(there, 1) == MemoryState.Present)
            there += (int)Math.Min(length - there,
                KernelMemory.BlockPage - (long)((start.Value + (ulong)there) & (KernelMemory.BlockPage - 1)));
        byte[] code = block.Bytes[..there].ToArray();
        ByteArrayCodeReader reader = new(code);
        Decoder decoder = Decoder.Create(64, reader, start.Value);
        while (reader.CanReadByte)
        {
            int from = reader.Position;
            decoder.Decode(out Iced.Intel.Instruction one);
            yield return (one, code[from..reader.Position]);
        }
    }

    /// <summary>Description of an address in an instruction; a jump within the function is described by its offset.</summary>
    private string? Refers(Iced.Intel.Instruction one)
    {
        ulong address = 0;
        if (one.IsCallNear || one.IsJmpShortOrNear || one.IsJccShortOrNear)
            address = one.NearBranchTarget;
        else if (one.IsIPRelativeMemoryOperand && one.MemorySegment is not (Register.GS or Register.FS))
            address = one.IPRelativeMemoryAddress;
        else if (one.MemorySegment == Register.GS && (one.IsIPRelativeMemoryOperand || one.MemoryBase == Register.None))
            return PerCpu(one.IsIPRelativeMemoryOperand ? one.IPRelativeMemoryAddress : one.MemoryDisplacement64);
        else
            for (int i = 0; i < one.OpCount; i++)
                if (one.GetOpKind(i) is OpKind.Immediate32to64 or OpKind.Immediate64)
                    address = one.GetImmediate(i);
        if (address < 1UL << 63)
            return null;
        return words.Refers(address, one.IsCallNear || one.IsJmpShortOrNear || one.IsJccShortOrNear);
    }

    private string? PerCpu(ulong address)
    {
        if (kernel.FindSymbol("__per_cpu_start") is not { } start || kernel.FindSymbol("__per_cpu_end") is not { } end ||
            address - start.Value >= end.Value - start.Value || kernel.Kallsyms.Value?.At(new VirtualAddress(address)) is not { } symbol)
            return null;
        ulong offset = address - symbol.Address.Value;
        return $"per-CPU {symbol.Name}{(offset == 0 ? "" : $"+0x{offset:x}")}";
    }

    private string Access(UsedMemory used, PtRegs regs, out Register[] of)
    {
        Register @base = used.Base.GetFullRegister(), index = used.Index.GetFullRegister();
        of = [.. new[] { @base, index }.Where(r => r is not (Register.None or Register.RIP or Register.RSP))];
        ulong address = unchecked(Value(regs, @base) + Value(regs, index) * (ulong)used.Scale + used.Displacement);
        if (@base == Register.RIP)
            address = used.Displacement;
        string verb = used.Access switch
        {
            OpAccess.Write or OpAccess.CondWrite => "writes", OpAccess.ReadWrite or OpAccess.ReadCondWrite => "reads and writes", _ =>
                "reads",
        };
        string parts = string.Join(" + ", new[]
        {
            @base == Register.None ? "" : $"{Name(@base)} ({Hex(Value(regs, @base))})",
            index == Register.None ? "" : $"{Name(index)} ({Hex(Value(regs, index))}) * {used.Scale}",
            used.Displacement == 0 && @base != Register.None ? "" : Signed(used.Displacement),
        }.Where(p => p.Length > 0));
        string segment = used.Segment is Register.GS or Register.FS ? $"{Name(used.Segment)}:" : "";
        bool canonical = unchecked((long)address) << 7 >> 7 == unchecked((long)address);
        return $"{verb} {used.MemorySize.GetSize()} bytes at {segment}{address:x16} = {parts}" +
            segment.Length switch
            {
                > 0 => "",
                _ when canonical => words.Place(address),
                _ => ": not a canonical address, which causes a general protection fault",
            };
    }

    /// <summary>
    /// Finds where a register was last written before an instruction, going backwards through the code in the order of addresses.
    /// </summary>
    private List<string> Origin(List<Iced.Intel.Instruction> code, int at, Register register, PtRegs regs, GasFormatter formatter,
        InstructionInfoFactory factory, int depth)
    {
        List<string> lines = [];
        StringOutput text = new();
        string indent = new(' ', 2 * depth + 2);
        bool branches = false;
        for (int i = at - 1; i >= 0; i--)
        {
            Iced.Intel.Instruction one = code[i];
            // After an unconditional jump or a return the code is reached only by a jump from elsewhere, so stop here.
            if (one.FlowControl is FlowControl.UnconditionalBranch or FlowControl.IndirectBranch or FlowControl.Return)
            {
                lines.Add($"{indent}{Name(register)}: set on another way to this place: the code before it is not run into");
                return lines;
            }
            branches |= one.FlowControl == FlowControl.ConditionalBranch;
            if (one.FlowControl is FlowControl.Call or FlowControl.IndirectCall)
            {
                if (register == Register.RAX)
                {
                    lines.Add(
                        $"{indent}{Name(register)}: returned by {Refers(one) ?? "a call through a pointer"} (call at {Offset(one.IP)})");
                    return lines;
                }
                if (Array.IndexOf(Scratch, register) >= 0)
                {
                    lines.Add($"{indent}{Name(register)}: not known: the call at {Offset(one.IP)} may have changed it");
                    return lines;
                }
                continue;
            }
            bool writes = false;
            foreach (UsedRegister used in factory.GetInfo(one).GetUsedRegisters())
                writes |= used.Register.GetFullRegister() == register && used.Access is OpAccess.Write or OpAccess.ReadWrite or
                    OpAccess.CondWrite
                    or OpAccess.ReadCondWrite;
            if (!writes)
                continue;
            formatter.Format(one, text);
            string maybe = branches ? ", if there was no jump in between" : "";
            lines.Add($"{indent}{Name(register)}: set by {text.ToStringAndReset()} at {Offset(one.IP)}{maybe}");
            if (one.Mnemonic == Mnemonic.Mov && one.Op1Kind == OpKind.Memory && one.MemorySegment is not (Register.GS or Register.FS))
                lines.AddRange(Loaded(code, i, one, register, regs, formatter, factory, depth));
            else if (one.Mnemonic == Mnemonic.Mov && one.Op1Kind == OpKind.Register && depth < 4)
                lines.AddRange(Origin(code, i, one.Op1Register.GetFullRegister(), regs, formatter, factory, depth + 1));
            return lines;
        }
        lines.Add($"{indent}{Name(register)}: {Parameter(code, register)}");
        return lines;
    }

    /// <summary>For a load: checks if the memory that was loaded still contains the value.</summary>
    private List<string> Loaded(List<Iced.Intel.Instruction> code, int at, Iced.Intel.Instruction one, Register register, PtRegs regs,
        GasFormatter formatter, InstructionInfoFactory factory, int depth)
    {
        List<string> lines = [];
        Register from = one.MemoryBase.GetFullRegister();
        if (from is Register.None or Register.RIP || one.MemoryIndex != Register.None)
            return lines;
        // The base register may have changed since the load; then its present value gives another address.
        bool kept = from != register && !Changed(code, at, from, regs, factory);
        string indent = new(' ', 2 * depth + 4);
        if (kept)
        {
            VirtualAddress place = new(unchecked(Value(regs, from) + one.MemoryDisplacement64));
            ulong value = Value(regs, register);
            lines.Add(kernel.Memory.TryU64(place, out ulong now)
                ? $"{indent}{Name(from)} is {Hex(Value(regs, from))}; " +
                    $"at {place} stands {Hex(now)}{(now == value ? ", the same" : $", not {Hex(value)}: it was changed since")}"
                : $"{indent}{Name(from)} is {Hex(Value(regs, from))}; the memory at {place} is not in the dump");
        }
        if (depth < 3)
            lines.AddRange(Origin(code, at, from, regs, formatter, factory, depth + 1));
        return lines;
    }

    private static bool Changed(List<Iced.Intel.Instruction> code, int after, Register register, PtRegs regs,
        InstructionInfoFactory factory)
    {
        for (int i = after + 1; i < code.Count && code[i].IP < regs.Ip.Value; i++)
        {
            if (code[i].FlowControl is FlowControl.Call or FlowControl.IndirectCall && Array.IndexOf(Scratch, register) >= 0)
                return true;
            foreach (UsedRegister used in factory.GetInfo(code[i]).GetUsedRegisters())
                if (used.Register.GetFullRegister() == register && used.Access is not (OpAccess.Read or OpAccess.CondRead or OpAccess.None))
                    return true;
        }
        return false;
    }

    private string Parameter(List<Iced.Intel.Instruction> code, Register register)
    {
        int number = Array.IndexOf(Arguments, register);
        if (number < 0 || code.Count == 0)
            return "not set in this function before this place";
        return words.Argument(new VirtualAddress(code[0].IP), number);
    }

    private string Offset(ulong ip) =>
        kernel.Locate(new VirtualAddress(ip)) is { } place ? AddressWords.Of(place) : ip.ToString("x16", CultureInfo.InvariantCulture);

    private static string Name(Register register) => "%" + register.ToString().ToLowerInvariant();

    private static string Hex(ulong value) => $"0x{value:x}";

    private static string Signed(ulong value) => unchecked((long)value) < 0 ? $"-0x{unchecked((ulong)-(long)value):x}" : $"0x{value:x}";

    /// <summary>Value of a 64-bit register in struct pt_regs; 0 for any other register.</summary>
    private static ulong Value(PtRegs regs, Register register)
    {
        string name = register.ToString().ToLowerInvariant();
        int at = Array.IndexOf(PtRegs.Names, name);
        return at < 0 ? 0 : regs[at];
    }
}
