using Kdump.Formats.Bytes;

namespace Kdump.Formats.Elf;

/// <summary>elf_gregset_t of x86-64: struct user_regs_struct of arch/x86/include/asm/user_64.h, 27 words.</summary>
public sealed record X8664Registers(
    ulong R15, ulong R14, ulong R13, ulong R12, ulong Rbp, ulong Rbx, ulong R11, ulong R10, ulong R9, ulong R8,
    ulong Rax, ulong Rcx, ulong Rdx, ulong Rsi, ulong Rdi, ulong OrigRax, ulong Rip, ulong Cs, ulong Rflags, ulong Rsp, ulong Ss,
    ulong FsBase, ulong GsBase, ulong Ds, ulong Es, ulong Fs, ulong Gs)
{
    public const int Size = 27 * 8;

    public static X8664Registers Read(ref Cursor c) => new(
        R15: c.U64("r15"), R14: c.U64("r14"), R13: c.U64("r13"), R12: c.U64("r12"), Rbp: c.U64("bp"), Rbx: c.U64("bx"),
        R11: c.U64("r11"), R10: c.U64("r10"), R9: c.U64("r9"), R8: c.U64("r8"), Rax: c.U64("ax"), Rcx: c.U64("cx"),
        Rdx: c.U64("dx"), Rsi: c.U64("si"), Rdi: c.U64("di"), OrigRax: c.U64("orig_ax"), Rip: c.U64("ip"), Cs: c.U64("cs"),
        Rflags: c.U64("flags"), Rsp: c.U64("sp"), Ss: c.U64("ss"), FsBase: c.U64("fs_base"), GsBase: c.U64("gs_base"),
        Ds: c.U64("ds"), Es: c.U64("es"), Fs: c.U64("fs"), Gs: c.U64("gs"));
}
