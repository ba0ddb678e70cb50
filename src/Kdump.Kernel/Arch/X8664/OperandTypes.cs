using Iced.Intel;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Symbols;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Arch.X8664;

/// <summary>
/// Guesses which struct members the memory operands of a function are: parameters have types in BTF, and a value that is loaded from a
/// member has the member's type. The code is followed in the order of addresses and not along branches, so a guess after a jump may be
/// wrong.
/// </summary>
internal sealed class OperandTypes
{
    private static readonly Register[] Arguments = [Register.RDI, Register.RSI, Register.RDX, Register.RCX, Register.R8, Register.R9];

    private readonly Btf? types;
    private readonly Dictionary<Register, (string Path, int Type)> known = [];
    private readonly InstructionInfoFactory factory = new();

    public OperandTypes(CrashedKernel kernel, Location? function)
    {
        types = kernel.Btf.Value;
        if (function is not { Offset: 0, Module: null } at)
            return;
        IReadOnlyList<(string Name, int Type)> parameters = types?.Parameters(at.Symbol) ?? [];
        for (int i = 0; i < Math.Min(parameters.Count, Arguments.Length); i++)
            known[Arguments[i]] = (parameters[i].Name.Length > 0 ? parameters[i].Name : $"arg{i + 1}", parameters[i].Type);
    }

    /// <summary>
    /// The member that the instruction's memory operand may be; afterwards the types of registers are those after the instruction.
    /// </summary>
    public string? Step(Iced.Intel.Instruction one)
    {
        if (types is null)
            return null;
        string? guess = null;
        (string Path, int Type)? loaded = null;
        if (one.MemoryBase is not (Register.None or Register.RIP) && one.MemoryIndex == Register.None &&
            one.MemoryDisplacement64 < 1 << 20 &&
            known.TryGetValue(one.MemoryBase.GetFullRegister(), out (string Path, int Type) of) &&
                Member(of.Type, (uint)one.MemoryDisplacement64) is
            { } member)
        {
            guess = $"{of.Path}->{member.Path}";
            loaded = (guess, member.Type);
        }
        (string Path, int Type)? moved = null;
        Register target = one.OpCount > 0 && one.Op0Kind == OpKind.Register ? one.Op0Register : Register.None;
        if (one.Mnemonic == Mnemonic.Mov && target.IsGPR64())
            moved = one.Op1Kind switch
            {
                OpKind.Register when known.TryGetValue(one.Op1Register, out (string, int) from) => from,
                OpKind.Memory => loaded,
                _ => null,
            };
        foreach (UsedRegister used in factory.GetInfo(one).GetUsedRegisters())
            if (used.Access is not (OpAccess.Read or OpAccess.CondRead or OpAccess.None))
                known.Remove(used.Register.GetFullRegister());
        if (one.FlowControl is FlowControl.Call or FlowControl.IndirectCall)
            foreach (Register scratch in (ReadOnlySpan<Register>)[Register.RAX, Register.RCX, Register.RDX, Register.RSI, Register.RDI,
                Register.R8,
                Register.R9, Register.R10, Register.R11])
                known.Remove(scratch);
        if (moved is { } type)
            known[target] = type;
        return guess;
    }

    /// <summary>
    /// The member at an offset of the struct that a pointer points to, down to the innermost struct with a member there.
    /// </summary>
    private (string Path, int Type)? Member(int pointer, uint offset)
    {
        int target = types!.Target(pointer);
        string path = "";
        StructType? type = target == 0 ? null : types.StructOf(target);
        for (int depth = 0; type is not null && depth < 8; depth++)
        {
            Member? found = null;
            foreach (Member member in type.Members())
            {
                int size = Math.Max(1, types.SizeOf(member.Type));
                if (member.BitSize == 0 && offset >= (uint)member.Offset && offset < (uint)member.Offset + (uint)size)
                {
                    found = member;
                    break;
                }
            }
            if (found is not { } at)
                return null;
            offset -= (uint)at.Offset;
            if (at.Name.Length > 0)
                path = path.Length == 0 ? at.Name : $"{path}.{at.Name}";
            if (types.StructOf(at.Type) is not { } inner)
            {
                if (path.Length == 0)
                    return null;
                return offset == 0 ? (path, at.Type) : ($"{path}+0x{offset:x}", 0);
            }
            type = inner;
        }
        return null;
    }
}
