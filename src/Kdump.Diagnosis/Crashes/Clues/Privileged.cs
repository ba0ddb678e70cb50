using System.Globalization;

namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// x86 faults whose instruction is a privileged one: no pointer is bad, the processor or its hypervisor refuses the operation. Decoded
/// from the bytes at <c>&lt;..&gt;</c> of <c>Code:</c> (Intel SDM volume 2, opcode map); MSR numbers as in asm/msr-index.h.
/// </summary>
internal static class Privileged
{
    private static readonly (uint Number, string Name)[] Msrs =
    [
        (0x10, "IA32_TIME_STAMP_COUNTER"), (0x1b, "IA32_APIC_BASE"), (0x3a, "IA32_FEATURE_CONTROL"),
        (0x48, "IA32_SPEC_CTRL, speculation control"), (0x49, "IA32_PRED_CMD, the branch predictor barrier IBPB"),
        (0x8b, "the microcode revision"), (0x79, "the microcode update trigger"), (0x10a, "IA32_ARCH_CAPABILITIES"),
        (0x10b, "IA32_FLUSH_CMD, the L1D flush"), (0x122, "IA32_TSX_CTRL"), (0x123, "IA32_MCU_OPT_CTRL"), (0x140, "MISC_FEATURES_ENABLES"),
        (0x1a0, "IA32_MISC_ENABLE"), (0x1a4, "MISC_FEATURE_CONTROL, the prefetchers"), (0x1b0, "IA32_ENERGY_PERF_BIAS"),
        (0x1d9, "DEBUGCTL"), (0x38d, "a performance counter's control"), (0x38f, "the performance counters' global control"),
        (0x606, "a RAPL energy counter"), (0x610, "the RAPL package limit"), (0x6e0, "TSC_DEADLINE"), (0x770, "PM_ENABLE, HWP"),
        (0x774, "HWP_REQUEST"), (0xda0, "IA32_XSS"), (0xc0000080, "EFER"), (0xc0000103, "TSC_AUX"), (0xc0000104, "AMD's TSC ratio"),
        (0xc0010015, "AMD's HWCR"), (0xc001001f, "AMD's NB_CFG"), (0xc0010140, "AMD's OSVW"), (0xc001011f, "AMD's VIRT_SPEC_CTRL"),
        (0xc0011020, "AMD's LS_CFG"), (0xc0011029, "AMD's DE_CFG"), (0xc00110a2, "AMD's branch configuration"),
    ];

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (input.Kind is not ("general-protection" or "invalid-opcode" or "oops"))
            yield break;
        foreach (ReportLine line in input.Lines)
        {
            if (!line.Text.StartsWith("Code: ", StringComparison.Ordinal))
                continue;
            if (Instruction(Bytes(line.Text), input) is { } what && !(input.Kind == "invalid-opcode" && what.Only == "gp"))
            {
                yield return new Clue("privileged-instruction",
                    $"The instruction at that place is {what.Words}: no pointer is bad. The processor, or the hypervisor that plays it, " +
                    "refuses the operation: a feature is announced to this kernel (CPUID) and not given, or the value is not allowed.",
                    input.SourceOf(line))
                {
                    Fixes = Fixes,
                };
            }
            yield break;
        }
    }

    private static readonly Fix[] Fixes =
    [
        new("On a virtual machine: update the host, or choose another CPU model that does not announce the feature; " +
            "on a physical machine: update firmware and microcode"),
    ];

    private static (string Words, string? Only)? Instruction(byte[] code, ClueInput input)
    {
        int at = 0;
        // Operand size, segment and REX prefixes.
        while (at < code.Length && (code[at] is 0x66 or 0x2e or 0x3e or 0x64 or 0x65 or 0xf2 or 0xf3 || code[at] is >= 0x40 and <= 0x4f))
            at++;
        ReadOnlySpan<byte> b = code.AsSpan(at);
        if (b.Length < 2 || b[0] != 0x0f)
            return null;
        byte modrm = b.Length > 2 ? b[2] : (byte)0;
        int extension = (modrm >> 3) & 7;
        bool memory = modrm >> 6 != 3;
        return b[1] switch
        {
            0x30 => ("wrmsr, a write to " + Msr(input), "gp"),
            0x32 => ("rdmsr, a read of " + Msr(input), "gp"),
            0x33 => ("rdpmc, a read of a performance counter", "gp"),
            0x01 when modrm == 0xd1 => ("xsetbv, which chooses the register sets that are saved", null),
            0x01 when modrm is 0xc1 or 0xd9 => ("a call of the hypervisor", null),
            0x01 when modrm is 0xd8 or 0xda or 0xdb => ("an instruction of SVM (virtualisation)", null),
            0x01 when modrm is 0xc8 or 0xc9 or 0xfa or 0xfb => ("monitor/mwait", null),
            0x22 => ($"a write to the control register CR{extension}", "gp"),
            0x23 => ($"a write to the debug register DR{extension}", "gp"),
            0xae when memory && extension == 5 => ("xrstor, which loads saved registers", "gp"),
            0xae when memory && extension is 4 or 6 => ("xsave, which saves registers", "gp"),
            0xc7 when memory && extension is 3 or 4 or 5 => ("xsaves/xrstors, which save and load registers", null),
            0xc7 when memory && extension is 6 or 7 => ("an instruction of VMX (virtualisation)", null),
            0x78 or 0x79 => ("vmread/vmwrite, of VMX (virtualisation)", null),
            0x08 or 0x09 => ("invd/wbinvd, which empties the caches", "gp"),
            _ => null,
        };
    }

    private static string Msr(ClueInput input)
    {
        if (input.Register("RCX") is not { } held ||
            !ulong.TryParse(held, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value))
            return "a model-specific register (MSR)";
        uint number = unchecked((uint)value);
        string? name = Msrs.FirstOrDefault(m => m.Number == number).Name;
        return $"the model-specific register (MSR) 0x{number:x}{(name is null ? "" : $" ({name})")}";
    }

    /// <summary>The bytes from the marked one on; a pager may have cut the line.</summary>
    private static byte[] Bytes(string text)
    {
        int mark = text.IndexOf('<');
        if (mark < 0)
            return [];
        var bytes = new List<byte>();
        foreach (string word in text[(mark + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(12))
        {
            string hex = word.TrimEnd('>');
            if (hex.Length != 2 || !byte.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
                break;
            bytes.Add(value);
        }
        return [.. bytes];
    }
}
