using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Arch.Arm64;

/// <summary>arm64: page tables with three granules; stacks by frame records.</summary>
public sealed class Arm64Architecture : Architecture
{
    /// <summary>Byte offset of pr_reg in struct elf_prstatus, include/linux/elfcore.h.</summary>
    private const int RegistersAt = 112;

    public override string Machine => "aarch64";

    public override string UnwindTables => "frames";

    public override int PrStatusBytes => 392;

    /// <summary>A stack in the vmalloc area takes whole pages: arch/arm64/include/asm/memory.h, THREAD_SHIFT.</summary>
    public override int UsualStack(int pageSize) => Math.Max(base.UsualStack(pageSize), pageSize);

    public override KernelMemory OpenMemory(PhysicalMemory physical, Keys keys) => Arm64Memory.Open(physical, keys);

    public override StackWalker OpenStacks(CrashedKernel kernel) => new FrameWalker(kernel);

    public override VirtualAddress? FindVariable(CrashedKernel kernel, string name) => VariablesInCode.Find(kernel, name);

    public override Disassembler OpenCode(CrashedKernel kernel) => new Arm64Disassembler(kernel);

    public override Registers? OfPrStatus(ReadOnlySpan<byte> description) =>
        description.Length >= RegistersAt ? Arm64Registers.Of(description[RegistersAt..]) : null;
}
