using Kdump.Formats.Bytes;

namespace Kdump.Formats.Elf;

/// <summary>
/// The QEMU note (QEMU's target/i386/arch_dump.c: QEMUCPUState): the state of one virtual CPU including control registers, from which
/// page tables and per-CPU memory can be found without VMCOREINFO. <see cref="KernelGsBase"/> exists since QEMU 2.13/3.0.
/// </summary>
public sealed record QemuCpuState(
    uint Version, ulong Rax, ulong Rbx, ulong Rcx, ulong Rdx, ulong Rsi, ulong Rdi, ulong Rsp, ulong Rbp,
    ulong R8, ulong R9, ulong R10, ulong R11, ulong R12, ulong R13, ulong R14, ulong R15, ulong Rip, ulong Rflags,
    QemuSegment Cs, QemuSegment Ds, QemuSegment Es, QemuSegment Fs, QemuSegment Gs, QemuSegment Ss, QemuSegment Ldt, QemuSegment Tr,
    QemuSegment Gdt, QemuSegment Idt, ulong Cr0, ulong Cr1, ulong Cr2, ulong Cr3, ulong Cr4, ulong? KernelGsBase)
{
    /// <exception cref="InputException">The note is too short for the registers that every version writes.</exception>
    public static QemuCpuState Read(ElfNote note, string input)
    {
        Cursor c = new(note.Description.Span, $"{input} notes", note.Offset + 20);
        uint version = c.U32("QEMUCPUState.version");
        c.Skip(4, "QEMUCPUState.size");
        return new(version,
            Rax: c.U64("rax"), Rbx: c.U64("rbx"), Rcx: c.U64("rcx"), Rdx: c.U64("rdx"), Rsi: c.U64("rsi"), Rdi: c.U64("rdi"),
            Rsp: c.U64("rsp"), Rbp: c.U64("rbp"), R8: c.U64("r8"), R9: c.U64("r9"), R10: c.U64("r10"), R11: c.U64("r11"),
            R12: c.U64("r12"), R13: c.U64("r13"), R14: c.U64("r14"), R15: c.U64("r15"), Rip: c.U64("rip"), Rflags: c.U64("rflags"),
            Cs: QemuSegment.Read(ref c), Ds: QemuSegment.Read(ref c), Es: QemuSegment.Read(ref c), Fs: QemuSegment.Read(ref c),
            Gs: QemuSegment.Read(ref c), Ss: QemuSegment.Read(ref c), Ldt: QemuSegment.Read(ref c), Tr: QemuSegment.Read(ref c),
            Gdt: QemuSegment.Read(ref c), Idt: QemuSegment.Read(ref c),
            Cr0: c.U64("cr[0]"), Cr1: c.U64("cr[1]"), Cr2: c.U64("cr[2]"), Cr3: c.U64("cr[3]"), Cr4: c.U64("cr[4]"),
            KernelGsBase: c.Remaining >= 8 ? c.U64("kernel_gs_base") : null);
    }
}

/// <summary>QEMUCPUSegment of target/i386/arch_dump.c.</summary>
public readonly record struct QemuSegment(uint Selector, uint Limit, uint Flags, ulong Base)
{
    internal static QemuSegment Read(ref Cursor c)
    {
        uint selector = c.U32("selector"), limit = c.U32("limit"), flags = c.U32("flags");
        c.Skip(4, "pad");
        return new(selector, limit, flags, c.U64("base"));
    }
}
