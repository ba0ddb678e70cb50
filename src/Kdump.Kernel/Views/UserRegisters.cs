using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Views;

/// <summary>
/// The user-mode registers of a thread: those that the kernel saved at the top of the thread's kernel stack on entry (task_pt_regs()),
/// or, for a thread that was in user mode at the crash, the registers of its CPU.
/// </summary>
/// <param name="Values">The 27 words of user_regs_struct of x86: r15 to ss, fs_base, gs_base, ds, es, fs, gs; on arm64 the 34 words x0 to
/// x30, sp, pc, pstate.</param>
/// <param name="Source">Where the registers were found.</param>
public sealed record UserRegisters(IReadOnlyList<ulong> Values, string Source)
{
    private const int Entry = 21, Cs = 17, Ip = 16, Sp = 19;
    private const ulong UserCs = 0x33, UserCs32 = 0x23, UserDs = 0x2B;

    private const int ArmWords = 34, ArmSp = 31, ArmPc = 32, ArmState = 33;

    private bool IsArm => Values.Count == ArmWords;

    public VirtualAddress InstructionPointer => new(Values[IsArm ? ArmPc : Ip]);

    public VirtualAddress StackPointer => new(Values[IsArm ? ArmSp : Sp]);

    /// <summary>Null if neither place contains registers of a program.</summary>
    /// <exception cref="InputException">The thread's stack is missing from the dump.</exception>
    public static UserRegisters? Of(CrashedKernel kernel, TaskStruct task, IReadOnlyDictionary<int, Registers> registers)
    {
        if (kernel.Machine == "aarch64")
            return OfArm(kernel, task, registers);
        ulong[] values = new ulong[27];
        string source;
        if (task.OnCpu && registers.TryGetValue(task.Cpu, out Registers? live) && live.UserMode && live.All.Count == Entry)
        {
            for (int i = 0; i < Entry; i++)
                values[i] = live.All[i].Value;
            source = $"registers of CPU {task.Cpu}";
        }
        else
        {
            VirtualAddress top = task.StackBase + kernel.StackSize;
            byte[] raw = new byte[Entry * 8];
            bool found = false;
            // With FRED there are two more words at the top of the stack (TOP_OF_KERNEL_STACK_PADDING, v6.9).
            foreach (int padding in (ReadOnlySpan<int>)[0, 16])
            {
                kernel.Memory.Read(top + -padding + -raw.Length, raw, "task_struct.stack");
                ulong cs = BinaryPrimitives.ReadUInt64LittleEndian(raw.AsSpan(8 * Cs)) & 0xFFFF,
                    ss = BinaryPrimitives.ReadUInt64LittleEndian(raw.AsSpan(160)) & 0xFFFF;
                if (cs is not (UserCs or UserCs32) || ss != UserDs)
                    continue;
                found = true;
                break;
            }
            if (!found)
                return null;
            for (int i = 0; i < Entry; i++)
                values[i] = BinaryPrimitives.ReadUInt64LittleEndian(raw.AsSpan(8 * i));
            source = "saved when it entered the kernel";
        }
        // Upper bits of cs and ss are flags of FRED.
        values[Cs] &= 0xFFFF;
        values[20] &= 0xFFFF;
        values[21] = task.Struct.First("thread.fsbase") ?? 0;
        values[22] = task.Struct.First("thread.gsbase") ?? 0;
        values[23] = task.Struct.First("thread.ds") ?? 0;
        values[24] = task.Struct.First("thread.es") ?? 0;
        values[25] = task.Struct.First("thread.fsindex") ?? 0;
        values[26] = task.Struct.First("thread.gsindex") ?? 0;
        return new UserRegisters(values, source);
    }

    /// <summary>task_pt_regs() of arch/arm64/include/asm/processor.h: struct pt_regs at the top of the stack.</summary>
    private static UserRegisters? OfArm(CrashedKernel kernel, TaskStruct task, IReadOnlyDictionary<int, Registers> registers)
    {
        if (task.OnCpu && registers.TryGetValue(task.Cpu, out Registers? live) && live.UserMode && live.All.Count == ArmWords)
            return new UserRegisters([.. live.All.Select(r => r.Value)], $"registers of CPU {task.Cpu}");
        byte[] raw = new byte[8 * ArmWords];
        kernel.Memory.Read(task.StackBase + (kernel.StackSize - kernel.Struct("pt_regs").Size), raw, "task_struct.stack");
        ulong[] values = new ulong[ArmWords];
        for (int i = 0; i < values.Length; i++)
            values[i] = BinaryPrimitives.ReadUInt64LittleEndian(raw.AsSpan(8 * i));
        // EL0 and a user address: for a kernel thread the struct is empty.
        return (values[ArmState] & 0xF) == 0 && values[ArmPc] != 0 && values[ArmPc] >> 55 == 0
            ? new UserRegisters(values, "saved when it entered the kernel") : null;
    }
}
