namespace Kdump.Formats.Elf;

/// <summary>Architecture of an ELF file, as in <c>uname -m</c>, by e_machine, class and byte order.</summary>
public static class ElfMachine
{
    public const ushort X8664 = 62;
    public const ushort AArch64 = 183;

    public static string Name(ElfHeader header) => (header.Machine, header.Is64, header.BigEndian) switch
    {
        (X8664, _, _) => "x86_64",
        (3 or 6, _, _) => "i686",
        (AArch64, _, _) => "aarch64",
        (40, _, _) => "arm",
        (20, _, _) => "ppc",
        (21, _, true) => "ppc64",
        (21, _, false) => "ppc64le",
        (22, true, _) => "s390x",
        (22, false, _) => "s390",
        (243, true, _) => "riscv64",
        (243, false, _) => "riscv32",
        (258, _, _) => "loongarch64",
        (8, true, _) => "mips64",
        (8, false, _) => "mips",
        (43, _, _) => "sparc64",
        (50, _, _) => "ia64",
        (0x9026, _, _) => "alpha",
        _ => $"e_machine {header.Machine}",
    };
}
