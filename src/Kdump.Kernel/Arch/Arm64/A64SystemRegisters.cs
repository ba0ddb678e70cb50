namespace Kdump.Kernel.Arch.Arm64;

/// <summary>
/// Names of the system registers and operations that kernels use most (Arm ARM, D24; arch/arm64/tools/sysreg); other ones are written by
/// their numbers.
/// </summary>
internal static class A64SystemRegisters
{
    private static readonly Dictionary<uint, string> Registers = new()
    {
        [Key(3, 0, 0, 0, 0)] = "midr_el1", [Key(3, 0, 0, 0, 5)] = "mpidr_el1", [Key(3, 0, 0, 0, 6)] = "revidr_el1",
        [Key(3, 0, 0, 4, 0)] = "id_aa64pfr0_el1", [Key(3, 0, 0, 4, 1)] = "id_aa64pfr1_el1", [Key(3, 0, 0, 5, 0)] = "id_aa64dfr0_el1",
        [Key(3, 0, 0, 6, 0)] = "id_aa64isar0_el1", [Key(3, 0, 0, 6, 1)] = "id_aa64isar1_el1",
        [Key(3, 0, 0, 7, 0)] = "id_aa64mmfr0_el1", [Key(3, 0, 0, 7, 1)] = "id_aa64mmfr1_el1", [Key(3, 0, 0, 7, 2)] = "id_aa64mmfr2_el1",
        [Key(3, 0, 1, 0, 0)] = "sctlr_el1", [Key(3, 0, 1, 0, 1)] = "actlr_el1", [Key(3, 0, 1, 0, 2)] = "cpacr_el1",
        [Key(3, 0, 2, 0, 0)] = "ttbr0_el1", [Key(3, 0, 2, 0, 1)] = "ttbr1_el1", [Key(3, 0, 2, 0, 2)] = "tcr_el1",
        [Key(3, 0, 2, 1, 0)] = "apiakeylo_el1", [Key(3, 0, 2, 1, 1)] = "apiakeyhi_el1", [Key(3, 0, 2, 1, 2)] = "apibkeylo_el1",
        [Key(3, 0, 2, 1, 3)] = "apibkeyhi_el1", [Key(3, 0, 2, 2, 0)] = "apdakeylo_el1", [Key(3, 0, 2, 2, 1)] = "apdakeyhi_el1",
        [Key(3, 0, 2, 2, 2)] = "apdbkeylo_el1", [Key(3, 0, 2, 2, 3)] = "apdbkeyhi_el1", [Key(3, 0, 2, 3, 0)] = "apgakeylo_el1",
        [Key(3, 0, 2, 3, 1)] = "apgakeyhi_el1", [Key(3, 0, 4, 0, 0)] = "spsr_el1", [Key(3, 0, 4, 0, 1)] = "elr_el1",
        [Key(3, 0, 4, 1, 0)] = "sp_el0", [Key(3, 0, 4, 2, 0)] = "spsel", [Key(3, 0, 4, 2, 2)] = "currentel",
        [Key(3, 0, 4, 2, 3)] = "pan", [Key(3, 0, 4, 2, 4)] = "uao", [Key(3, 0, 4, 6, 0)] = "icc_pmr_el1",
        [Key(3, 0, 5, 1, 0)] = "afsr0_el1", [Key(3, 0, 5, 1, 1)] = "afsr1_el1", [Key(3, 0, 5, 2, 0)] = "esr_el1",
        [Key(3, 0, 6, 0, 0)] = "far_el1", [Key(3, 0, 7, 4, 0)] = "par_el1", [Key(3, 0, 10, 2, 0)] = "mair_el1",
        [Key(3, 0, 12, 0, 0)] = "vbar_el1", [Key(3, 0, 12, 1, 1)] = "disr_el1", [Key(3, 0, 12, 12, 0)] = "icc_iar1_el1",
        [Key(3, 0, 12, 12, 1)] = "icc_eoir1_el1", [Key(3, 0, 12, 11, 1)] = "icc_dir_el1", [Key(3, 0, 12, 11, 3)] = "icc_rpr_el1",
        [Key(3, 0, 12, 11, 5)] = "icc_sgi1r_el1", [Key(3, 0, 12, 12, 4)] = "icc_ctlr_el1", [Key(3, 0, 12, 12, 5)] = "icc_sre_el1",
        [Key(3, 0, 12, 12, 7)] = "icc_igrpen1_el1", [Key(3, 0, 13, 0, 1)] = "contextidr_el1", [Key(3, 0, 13, 0, 4)] = "tpidr_el1",
        [Key(3, 0, 14, 1, 0)] = "cntkctl_el1", [Key(3, 1, 0, 0, 0)] = "ccsidr_el1", [Key(3, 1, 0, 0, 1)] = "clidr_el1",
        [Key(3, 2, 0, 0, 0)] = "csselr_el1", [Key(3, 3, 0, 0, 1)] = "ctr_el0", [Key(3, 3, 0, 0, 7)] = "dczid_el0",
        [Key(3, 3, 4, 2, 0)] = "nzcv", [Key(3, 3, 4, 2, 1)] = "daif", [Key(3, 3, 4, 2, 5)] = "dit", [Key(3, 3, 4, 2, 6)] = "ssbs",
        [Key(3, 3, 4, 2, 7)] = "tco", [Key(3, 3, 4, 4, 0)] = "fpcr", [Key(3, 3, 4, 4, 1)] = "fpsr",
        [Key(3, 3, 13, 0, 2)] = "tpidr_el0", [Key(3, 3, 13, 0, 3)] = "tpidrro_el0", [Key(3, 3, 14, 0, 0)] = "cntfrq_el0",
        [Key(3, 3, 14, 0, 1)] = "cntpct_el0", [Key(3, 3, 14, 0, 2)] = "cntvct_el0", [Key(3, 3, 14, 2, 0)] = "cntp_tval_el0",
        [Key(3, 3, 14, 2, 1)] = "cntp_ctl_el0", [Key(3, 3, 14, 2, 2)] = "cntp_cval_el0", [Key(3, 3, 14, 3, 0)] = "cntv_tval_el0",
        [Key(3, 3, 14, 3, 1)] = "cntv_ctl_el0", [Key(3, 3, 14, 3, 2)] = "cntv_cval_el0", [Key(3, 4, 0, 0, 0)] = "vpidr_el2",
        [Key(3, 4, 0, 0, 5)] = "vmpidr_el2", [Key(3, 4, 1, 0, 0)] = "sctlr_el2", [Key(3, 4, 1, 1, 0)] = "hcr_el2",
        [Key(3, 4, 1, 1, 1)] = "mdcr_el2", [Key(3, 4, 1, 1, 2)] = "cptr_el2", [Key(3, 4, 1, 1, 3)] = "hstr_el2",
        [Key(3, 4, 2, 0, 0)] = "ttbr0_el2", [Key(3, 4, 2, 0, 2)] = "tcr_el2", [Key(3, 4, 2, 1, 0)] = "vttbr_el2",
        [Key(3, 4, 2, 1, 2)] = "vtcr_el2", [Key(3, 4, 4, 0, 0)] = "spsr_el2", [Key(3, 4, 4, 0, 1)] = "elr_el2",
        [Key(3, 4, 4, 1, 0)] = "sp_el1", [Key(3, 4, 5, 2, 0)] = "esr_el2", [Key(3, 4, 6, 0, 0)] = "far_el2",
        [Key(3, 4, 6, 0, 4)] = "hpfar_el2", [Key(3, 4, 10, 2, 0)] = "mair_el2", [Key(3, 4, 12, 0, 0)] = "vbar_el2",
        [Key(3, 4, 13, 0, 2)] = "tpidr_el2", [Key(3, 4, 14, 0, 3)] = "cntvoff_el2", [Key(3, 4, 14, 1, 0)] = "cnthctl_el2",
        [Key(2, 0, 0, 2, 2)] = "mdscr_el1", [Key(2, 0, 1, 0, 4)] = "oslar_el1", [Key(2, 0, 1, 3, 4)] = "osdlr_el1",
    };

    private static readonly (uint Op1, uint M, uint Op2, string Name, bool Takes)[] Caches =
    [
        (0, 1, 0, "ic ialluis", false), (0, 5, 0, "ic iallu", false), (3, 5, 1, "ic ivau", true), (0, 6, 1, "dc ivac", true),
        (0, 6, 2, "dc isw", true), (3, 4, 1, "dc zva", true), (3, 10, 1, "dc cvac", true), (0, 10, 2, "dc csw", true),
        (3, 11, 1, "dc cvau", true), (3, 12, 1, "dc cvap", true), (3, 14, 1, "dc civac", true), (0, 14, 2, "dc cisw", true),
        (0, 8, 0, "at s1e1r", true), (0, 8, 1, "at s1e1w", true), (0, 8, 2, "at s1e0r", true), (0, 8, 3, "at s1e0w", true),
    ];

    private static readonly (uint Op1, uint M, uint Op2, string Name, bool Takes)[] Translations =
    [
        (0, 3, 0, "tlbi vmalle1is", false), (0, 3, 1, "tlbi vae1is", true), (0, 3, 2, "tlbi aside1is", true),
        (0, 3, 3, "tlbi vaae1is", true), (0, 3, 5, "tlbi vale1is", true), (0, 3, 7, "tlbi vaale1is", true),
        (0, 7, 0, "tlbi vmalle1", false), (0, 7, 1, "tlbi vae1", true), (0, 7, 2, "tlbi aside1", true), (0, 7, 3, "tlbi vaae1", true),
        (0, 7, 5, "tlbi vale1", true), (0, 7, 7, "tlbi vaale1", true), (0, 2, 1, "tlbi rvae1is", true), (0, 2, 3, "tlbi rvaae1is", true),
        (0, 2, 5, "tlbi rvale1is", true), (0, 2, 7, "tlbi rvaale1is", true), (4, 0, 1, "tlbi ipas2e1is", true),
        (4, 3, 0, "tlbi alle2is", false), (4, 3, 1, "tlbi vae2is", true), (4, 3, 4, "tlbi alle1is", false),
        (4, 3, 5, "tlbi vale2is", true), (4, 3, 6, "tlbi vmalls12e1is", false), (4, 7, 0, "tlbi alle2", false),
    ];

    /// <summary>Name of a system register: <c>esr_el1</c>, or <c>s3_0_c5_c2_0</c> for one that is not in the table.</summary>
    public static string Name(uint op0, uint op1, uint n, uint m, uint op2, bool read)
    {
        // The interrupt acknowledge register can only be read, and the end of interrupt register only be written.
        string? name = Registers.GetValueOrDefault(Key(op0, op1, n, m, op2));
        bool wrong = read ? name is "icc_eoir1_el1" or "icc_dir_el1" or "icc_sgi1r_el1" or "oslar_el1"
            : name is "icc_iar1_el1" or "midr_el1" or "mpidr_el1" or "cntvct_el0" or "ctr_el0" or "dczid_el0" or "clidr_el1" or "currentel";
        return name is null || wrong ? $"s{op0}_{op1}_c{n}_c{m}_{op2}" : name;
    }

    /// <summary>Name of an operation on caches or address translation, and whether it has a register operand; null if unknown.</summary>
    public static (string Name, bool Takes)? Operation(uint op1, uint n, uint m, uint op2)
    {
        if (n is not (7 or 8))
            return null;
        foreach ((uint Op1, uint M, uint Op2, string Name, bool Takes) one in n == 7 ? Caches : Translations)
        {
            if (one.Op1 == op1 && one.M == m && one.Op2 == op2)
                return (one.Name, one.Takes);
        }
        return null;
    }

    private static uint Key(uint op0, uint op1, uint n, uint m, uint op2) => op0 << 14 | op1 << 11 | n << 7 | m << 3 | op2;
}
