using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>Programs of user space crashed: their own affair, unless many of them do at places that have nothing in common.</summary>
public sealed class ProgramCrashed : Rule
{
    /// <summary>Different programs that crash at different places before their own faults are an unlikely reason.</summary>
    private const int Many = 5;

    public override string Id => "program-crashed";

    public override Entry Entry => new("program-crashed", "a program of user space crashed")
    {
        Area = Area.Crashing,
        Signature =
        [
            "…[…]: segfault at … ip … sp … error … in …[…]",
            "traps: …[…] general protection fault ip:…",
            "Process … (…) of user … dumped core.",
            "Alignment trap: … (…) PC=…",
            "potentially unexpected fatal signal …",
        ],
        Cause = "A fault of the program or a library of it: neither of the kernel nor, by itself, of the hardware. The same offset " +
            "again and " +
            "again is one fault of the program; different programs at places all over point to memory, CPU or damaged files.",
        Fixes = [new("See where it crashed", "coredumpctl info PROGRAM")],
        Origin = "arch/x86/mm/fault.c show_signal_msg, arch/x86/kernel/traps.c; systemd-coredump",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (IGrouping<Boot?, ProgramFault> life in facts.Of<ProgramFault>().Where(f => f.Boot?.Capture != true).GroupBy(f => f.Boot))
        {
            ProgramFault[] faults = [.. life.Where(f => f.Kind != "core dump")];
            string[] programs = [.. faults.Select(f => f.Program).Distinct(StringComparer.Ordinal)];
            int places = faults.Select(f => (f.Object, f.Offset)).Distinct().Count();
            if (programs.Length >= Many && places >= Many)
            {
                yield return Everywhere(faults, programs);
                continue;
            }
            foreach (IGrouping<(string, string), ProgramFault> group in life.GroupBy(f => (f.Program, f.Object)))
            {
                // The core dump of a crash that the kernel told of is the same one.
                if (group.First().Kind == "core dump" && programs.Any(p => p == group.Key.Item1))
                    continue;
                yield return Of([.. group]);
            }
        }
    }

    private Finding Of(ProgramFault[] all)
    {
        ProgramFault first = all[0];
        IGrouping<ulong?, ProgramFault>? place = all.Where(f => f.Offset is not null).GroupBy(f => f.Offset).MaxBy(g => g.Count());
        int same = place?.Count() ?? 0;
        string where = first.Object.Length == 0 ? "" : first.Object == first.Program ? " in its own code" : $" in {first.Object}";
        var why = new List<string> { "It is the program's own crash: a fault of the program or of a library that it uses; the kernel " +
            "only reports it." };
        if (same > 1)
            why.Add($"{same} of {all.Length} crashed at the same place (offset 0x{place!.Key:x} of the mapping): one fault of that code.");
        if (first.Error is { } error && first.Kind == "segfault")
            why.Add(AccessOf(error, first));
        if (first.Kind.Contains("not aligned", StringComparison.Ordinal))
            why.Add("It accesses memory at an address that its instruction does not allow; the kernel mends the access or sends SIGBUS " +
                "(/proc/cpu/alignment tells which). Its source has a cast to a type of greater alignment, or it was built for another " +
                    "processor.");
        if (first.Kind == "invalid opcode")
            why.Add("An instruction that this CPU does not know (a program built for a newer one), or an abort on purpose (ud2).");
        return new Finding(Id, $"program {first.Program} crashed{(all.Length > 1 ? $" {all.Length} times" : "")}{where} ({first.Kind})",
            Severity.Warning, 0.9, string.Join(' ', why))
        {
            Subject = first.Object.Length == 0 ? first.Program : $"{first.Program}-{first.Object}",
            Evidence = [.. all.Take(4).Select(f => f.Source)],
            Fixes =
            [
                new("See the stack of the core dump, and report it to the makers of that program or library",
                    PlainWord.Is(first.Program) ? $"coredumpctl info {first.Program}" : "coredumpctl list"),
            ],
        };
    }

    /// <summary>Bits of a page fault's error code: present, write, user, reserved, instruction.</summary>
    private static string AccessOf(int error, ProgramFault fault) =>
        $"{(fault.InWords ? "It" : $"Error {error}: it")} " +
        $"{((error & 16) != 0 ? "jumped to" : (error & 2) != 0 ? "wrote to" : "read from")} " +
        (fault.Address < 4096 ? "a null pointer." : (error & 1) != 0 ? "a page that it may not use so." :
            "an address where nothing is mapped.");

    private Finding Everywhere(ProgramFault[] faults, string[] programs)
    {
        int[] cpus = [.. faults.Select(f => f.Cpu).OfType<int>().Distinct()];
        bool one = cpus.Length == 1 && faults.Count(f => f.Cpu is not null) >= Many;
        return new Finding(Id, $"{programs.Length} different programs crashed at different places{(one ? $", all on CPU {cpus[0]}" : "")}",
            Severity.Warning, one ? 0.8 : 0.6, "So many programs do not fail each for a fault of its own" +
                (one ? $": they have CPU {cpus[0]} in common." : ": a library that all use, damaged files, memory or CPU can be behind " +
                    "it."))
        {
            Evidence = [.. faults.DistinctBy(f => f.Program).Take(5).Select(f => f.Source)],
            Fixes =
            [
                new("Compare the installed files with their packages", "rpm -Va || debsums -s"),
                new("Test memory and CPU for some hours, overclocking and XMP profiles off (memtest86+, stress-ng --verify)"),
                .. one ? [new Fix("Take that CPU out of use and see whether the crashes stop", $"echo 0 > " +
                    $"/sys/devices/system/cpu/cpu{cpus[0]}/online")]
                    : Array.Empty<Fix>(),
            ],
        };
    }
}
