namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// What a CPU did when an NMI or a machine check came: the upper frames are the handler's, and the interrupted code below is not to
/// blame either (arch/x86/kernel/nmi.c, arch/x86/kernel/cpu/mce/core.c).
/// </summary>
internal static class Interruptions
{
    private static readonly NamePattern Entries = new(
        ["^panic$", "nmi_panic", "vpanic", "dump_stack", "show_stack", "unknown_nmi_error", "default_do_nmi", "do_nmi", "exc_nmi",
            "end_repeat_nmi",
            "asm_exc_nmi", "^nmi$", "mce_panic", "do_machine_check", "machine_check", "exc_machine_check", "ghes", "pci_serr_error",
            "io_check_error", "nmi_handle", "hpwdt", "ipmi", "mce_", "mc_", "nmi_"]);

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (input.Kind is not ("nmi" or "machine-check" or "hardware-error"))
            yield break;
        int entry = -1;
        for (int i = 0; i < input.Frames.Count && i < 24; i++)
        {
            if (input.Frames[i].Reliable && Entries.Fits(input.Frames[i].Function))
                entry = i;
        }
        StackFrame at = input.Frames.Skip(entry + 1).FirstOrDefault(f => f.Reliable);
        if (at.Name is null || input.Find(at.Name + "+0x") is not { } line)
            yield break;
        yield return new Clue("interrupted",
            $"When it came, the CPU was in {at.Function}(): that code was interrupted, and is not to blame for what the hardware reported.",
            input.SourceOf(line)) { Elsewhere = true };
    }
}
