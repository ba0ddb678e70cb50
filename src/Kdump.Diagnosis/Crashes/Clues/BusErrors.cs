namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// Accesses that the bus or the memory answered with an error, or not at all: arm64 SError and synchronous external aborts
/// (arch/arm64/mm/fault.c fault_info, kernel/traps.c), arm's external aborts (mm/fsr-2level.c), mips' bus errors, riscv's access faults,
/// parisc's high-priority machine checks. The pointer is valid, but the device behind it does not answer.
/// </summary>
internal static class BusErrors
{
    private static readonly (string Sign, string What)[] Kinds =
    [
        ("SError", "an SError: the bus or the memory reported, late, that an access failed"),
        ("synchronous external abort", "a synchronous external abort: the access got no answer from the bus or the memory, or an error"),
        ("synchronous parity or ECC error", "a parity or ECC error of a cache or the memory"),
        ("synchronous parity error", "a parity error of a cache or the memory"),
        ("imprecise external abort", "an imprecise external abort: the bus reported, late, that an access failed"),
        ("external abort", "an external abort: the access got no answer from the bus or the memory, or an error"),
        ("memory parity error", "a parity error of a cache or the memory"),
        ("Data bus error", "a data bus error: nothing answered at that address"),
        ("Instruction bus error", "an instruction bus error: nothing answered at that address"),
        ("load access fault", "an access fault: the address is no memory that this kernel may read, or its bus answered with an error"),
        ("store (or AMO) access fault",
            "an access fault: the address is no memory that this kernel may write, or its bus answered with an error"),
        ("instruction access fault", "an access fault: the address is no memory to execute from, or its bus answered with an error"),
    ];

    /// <summary>Functions that only access memory which they were given, never a device's registers.</summary>
    private static readonly NamePattern Memory = new(
        ["clear_page", "clear_huge_page", "clear_user", "memset", "memcpy", "memmove", "copy_page", "copy_user", "memtest", "memblock",
            "zero_", "clear_highpage", "page_zero", "load_unaligned_zeropad"]);

    public static bool IsOne(string heading) =>
        (Kinds.Any(k => heading.Contains(k.Sign, StringComparison.Ordinal)) &&
            !heading.Contains("translation fault", StringComparison.Ordinal)) || ArmStatus.AbortIn(heading) is not null;

    private static string WhatIs(string text) => ArmStatus.AbortIn(text) ??
        Kinds.First(k => text.Contains(k.Sign, StringComparison.Ordinal)).What;

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        ReportLine line = default;
        string? what = null;
        foreach (ReportLine at in input.Lines.Take(4))
        {
            if (!IsOne(at.Text) || at.Text.Contains("Call trace", StringComparison.Ordinal))
                continue;
            what = WhatIs(at.Text);
            line = at;
            break;
        }
        if (what is null)
            yield break;
        ulong? address = RiscvAddress(input);
        if (address < AddressMeaning.FirstPage)
        {
            yield return new Clue("null-pointer",
                $"This is {what}. The address is 0x{address:x}: a pointer that was NULL, with a member's place or a small number added. " +
                "Without an MMU, or before it is on, no page table refuses such an address, but the bus does: so it is no page fault.",
                input.SourceOf(line));
            yield break;
        }
        if (address is not null)
            what += $" (the address is 0x{address:x})";
        StackFrame place = Interrupted(input.Frames);
        if (place.Name is null && line.Text.Contains("Asynchronous SError Interrupt", StringComparison.Ordinal))
            place = BeforePanic(input);
        if (place.Name is not null && Memory.Fits(place.Function))
        {
            yield return new Clue("no-answer",
                $"This is {what}. {place.Function}() only touches ordinary memory, so that memory is to blame: " +
                "firmware, a hypervisor or the secure world keeps it for itself and the memory map (device tree reserved-memory, " +
                "EFI map) does not say so, or it has an uncorrectable error (ECC). It is no bad pointer.", input.SourceOf(line))
            {
                Elsewhere = true,
                Fixes =
                [
                    new("Compare the address with what is reserved, and look for memory errors before it",
                        "cat /proc/iomem; ls /proc/device-tree/reserved-memory; dmesg | grep -iE 'ghes|edac|hardware error'"),
                ],
            };
            yield break;
        }
        string where = place.Name is null ? "" : $" The CPU was in {place.Told}: " +
            "the frames above it only report.";
        yield return new Clue("no-answer",
            $"This is {what}. It is no bad pointer in software: mostly the device behind the address has no clock or no power " +
            "(runtime-suspended, its power domain off, in reset), is not there (an unmapped PCI window), or is reserved for firmware." +
            where, input.SourceOf(line))
        {
            Fixes =
            [
                new("See whether the device that is accessed has power and clock at that moment, and what the lines before say of it; " +
                    "for a test, keep all of them on: boot with pd_ignore_unused clk_ignore_unused", Risk: "more power is used"),
            ],
        };
    }

    /// <summary><c>status: 00001880 badaddr: 00000001 cause: 00000005</c></summary>
    private static ulong? RiscvAddress(ClueInput input)
    {
        const string Mark = " badaddr: ";
        foreach (ReportLine line in input.Lines.Take(48))
        {
            int at = TraceStart.IsRiscv(line.Text) ? line.Text.IndexOf(Mark, StringComparison.Ordinal) : -1;
            if (at < 0)
                continue;
            ReadOnlySpan<char> rest = line.Text.AsSpan(at + Mark.Length);
            int end = rest.IndexOf(' ');
            return end > 0 && ulong.TryParse(rest[..end], System.Globalization.NumberStyles.AllowHexSpecifier,
                System.Globalization.CultureInfo.InvariantCulture, out ulong address) ? address : null;
        }
        return null;
    }

    /// <summary>
    /// The report begins with the panic: the registers of the SError stand before it (arch/arm64/kernel/traps.c
    /// arm64_serror_panic).
    /// </summary>
    private static StackFrame BeforePanic(ClueInput input)
    {
        foreach (ReportLine line in input.Report.Before.AsEnumerable().Reverse())
        {
            if (line.Text.StartsWith("pc : ", StringComparison.Ordinal) && FaultLine.TryParse(line.Text, out StackFrame? at) &&
                at is { } frame)
                return frame;
        }
        return default;
    }

    private static readonly NamePattern Entries = new(
        ["el1h_64_error", "el0t_64_error", "^el1_error", "^el0_error", "do_serror", "serror_panic", "is_fatal_ras_serror", "bad_mode",
            "^panic$", "nmi_panic", "dump_backtrace", "show_stack", "dump_stack", "el1h_64_sync", "el1_abort", "do_sea", "do_mem_abort",
            "^die", "arm64_notify_die", "^el1_sync", "__do_kernel_fault", "vpanic", "do_error_trap"]);

    /// <summary>The first frame below those of the exception handler's entry.</summary>
    public static StackFrame Interrupted(List<StackFrame> frames)
    {
        int entry = -1;
        for (int i = 0; i < frames.Count && i < 24; i++)
        {
            if (Entries.Fits(frames[i].Function))
                entry = i;
        }
        return frames.Skip(entry < 0 ? 0 : entry + 1).FirstOrDefault(f => f.Reliable);
    }
}
