using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Arch;

/// <summary>
/// Little-endian architectures for which page tables and stacks are not supported, but the linear map is: ppc64le
/// (arch/powerpc/include/asm/page.h: region 0xc), loongarch64 (asm/addrspace.h: the direct mapping windows), riscv64
/// (kernel/vmcore_info.c: phys_ram_base, PAGE_OFFSET, va_kernel_pa_offset, KERNEL_LINK_ADDR).
/// </summary>
internal sealed class LinearArchitecture(string machine, Func<Keys, string, LinearRange[]> ranges) : Architecture
{
    public static readonly LinearArchitecture[] All =
    [
        new("ppc64le", (_, _) => [new(0xc000_0000_0000_0000, 0xc007_ffff_ffff_ffff, 0xc000_0000_0000_0000)]),
        new("loongarch64", (_, _) =>
            [new(0x9000_0000_0000_0000, 0x9000_ffff_ffff_ffff, 0x9000_0000_0000_0000),
            new(0x8000_0000_0000_0000, 0x8000_ffff_ffff_ffff, 0x8000_0000_0000_0000)]),
        new("riscv64", RiscV),
    ];

    /// <summary>struct uts_namespace up to the machine: a reference count (before 5.11), five fields of __NEW_UTS_LEN + 1 bytes.</summary>
    private const int UtsNameBytes = 8 + (5 * 65);

    public override string Machine => machine;

    public override string UnwindTables => "stacks";

    /// <summary>-1: the length of the note does not identify these architectures, because others have the same length.</summary>
    public override int PrStatusBytes => -1;

    public override KernelMemory OpenMemory(PhysicalMemory physical, Keys keys)
    {
        var memory = new LinearMemory(physical, keys, ranges(keys, physical.Name));
        // uname -m of the kernel itself: the same processor may run kernels of either byte order.
        var name = new byte[UtsNameBytes];
        if (keys.Symbol("init_uts_ns") is { } uts && memory.Read(uts, name) == MemoryState.Present
            && name.AsSpan().IndexOf(Encoding.ASCII.GetBytes(machine + '\0')) < 0)
            throw new InputException(physical.Name, "machine", -1, $"the kernel's uname at {uts} is not that of {machine}");
        return memory;
    }

    public override StackWalker OpenStacks(CrashedKernel kernel) => throw new InputException(kernel.Dump.Name, "machine", -1,
        $"{machine}: only stacks of x86-64 and arm64 kernels can be walked; the log has the stack that the kernel printed");

    public override Registers? OfPrStatus(ReadOnlySpan<byte> description) => null;

    private static LinearRange[] RiscV(Keys keys, string input)
    {
        ulong Need(string name) => keys.Number(name)
            ?? throw new InputException(input, $"NUMBER({name})", -1, "missing in VMCOREINFO: a riscv64 kernel before 5.19");
        ulong page = Need("PAGE_OFFSET"), ram = Need("phys_ram_base"), link = Need("KERNEL_LINK_ADDR");
        // The image is at the highest addresses. The linear map ends where VMCOREINFO gives the next area, or at the image.
        ulong end = keys.Number("MODULES_VADDR") is { } modules && modules > page ? modules - 1 : link - 1;
        return [new(link, ulong.MaxValue, Need("va_kernel_pa_offset")), new(page, end, unchecked(page - ram))];
    }
}
