using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>Programs of user space crashed: usually their own bug, unless many different programs crash at unrelated places.</summary>
public sealed class ProgramCrashed : Rule
{
    /// <summary>From this number of different programs on, separate bugs are an unlikely reason.</summary>
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
        Cause = "A bug of the program or one of its libraries, not of the kernel and usually not of the hardware. " +
            "Crashes at the same offset are one bug of the program; " +
            "crashes of different programs at unrelated places point to memory, CPU or damaged files.",
        Fixes = [new("See where it crashed", "coredumpctl info PROGRAM")],
        Origin = "arch/x86/mm/fault.c show_signal_msg, arch/x86/kernel/traps.c; systemd-coredump",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (ProgramStack stack in facts.Of<ProgramStack>().Where(s => s.Signal.Length > 0).Take(4))
            yield return Of(stack);
        // One program that crashes in every boot of a log is one matter.
        var single = new List<ProgramFault>();
        foreach (IGrouping<Boot?, ProgramFault> life in facts.Of<ProgramFault>().Where(f => f.Boot?.Capture != true).GroupBy(f => f.Boot))
        {
            // Two consoles of one log print each line twice.
            ProgramFault[] faults = [.. life.Where(f => f.Kind != "core dump").DistinctBy(f => f.Source.Time is null
                ? (object)f.Source.Line : (f.Pid, f.Source.Time, f.Source.Text))];
            string[] programs = [.. faults.Select(f => f.Program).Distinct(StringComparer.Ordinal)];
            int places = faults.Select(f => (f.Object, f.Offset)).Distinct().Count();
            if (programs.Length >= Many && places >= Many)
            {
                yield return Everywhere(faults, programs);
                continue;
            }
            // A core dump of a crash that the kernel reported is the same event.
            single.AddRange(life.Where(f => f.Kind == "core dump" && !programs.Contains(f.Program)).Concat(faults));
        }
        foreach (IGrouping<(string, string), ProgramFault> group in single.OrderBy(f => f.Source.Order).GroupBy(f => (f.Program, f.Object)))
            yield return Of([.. group], facts);
    }

    /// <summary>Where a program ends that found a fault itself, and functions of the C library that others hand a bad pointer.</summary>
    private static readonly NamePattern Library = new(["^raise$", "^abort$", "^__GI_", "^pthread_kill", "^__pthread_kill", "^__assert",
        "^__libc_", "^_int_", "^malloc", "^free$", "^realloc$", "^calloc$", "^__str", "^__mem", "^str", "^mem", "^__fortify", "^_IO_",
        "^vfprintf", "^printf", "^__vf", "^fgets", "^fread", "^fwrite"]);

    /// <summary>Tools without which no crash kernel is loaded or no dump is written or read.</summary>
    private static readonly string[] Trade = ["kexec", "makedumpfile", "crash", "vmcore-dmesg", "dracut-install", "kdumpctl", "drgn"];

    /// <summary>A stack that gdb printed of a program, with the signal that ended it.</summary>
    private Finding Of(ProgramStack stack)
    {
        int at = stack.Functions.ToList().FindIndex(f => !Library.Fits(f));
        string function = stack.Functions[Math.Max(0, at)];
        string place = stack.Places[Math.Max(0, at)] is { Length: > 0 } known ? $" ({known})" : "";
        string name = stack.Program.Length > 0 ? $"the program {stack.Program}" : "a program";
        bool own = stack.Signal == "SIGABRT" || stack.Functions.Any(f => f is "abort" or "__GI_abort");
        string library = stack.Libraries[Math.Max(0, at)] is { } of ? $", of {of}" : "";
        string inner = at > 0 ? $" It was in {stack.Functions[0]}(), which got there what {function}() had handed it." : "";
        string why = (own ? "The program ended itself: a check of its own or of the C library (assert, damaged heap) failed." :
            "The program crashed by a bug in it or in a library that it uses.") + $" The stack points to {function}(){library}{place}." +
            (own ? "" : inner) + " It is no crash of the kernel." + (Array.IndexOf(Trade, stack.Program) < 0 ? ""
            : " While it crashes, its part of loading the crash kernel, or of writing or reading the dump, is not done.");
        return new Finding(Id, $"{name} {(own ? "gave up" : "crashed")} in {function}() ({stack.Signal})", Severity.Warning, 0.9, why)
        {
            Subject = stack.Program.Length > 0 ? stack.Program : null,
            Evidence = [.. stack.Heads, stack.Source],
            Fixes = [new("Update it and the library named; report the stack to its developers, with debug symbols installed",
                PlainWord.Is(stack.Program) ? $"coredumpctl info {stack.Program}" : "coredumpctl info")],
        };
    }

    private const string Own = "The program itself crashed because of a bug in it or in a library that it uses; " +
        "the kernel only reports it.";

    private const string Victim = "At that moment the kernel also found its own record of a process's memory wrong: " +
        "what took pages or page tables from a process makes it crash, and the program is a victim then.";

    private const string OfInit = "It is the first program (PID 1), without which the kernel does not run on. " +
        "If it ran well before, its file, its memory or the disk below it was taken away or damaged.";

    /// <summary>
    /// A report of the kernel, at the same moment, that the pages or page tables of a process are not what they must be
    /// (kernel/fork.c check_mm(), mm/memory.c print_bad_pte()).
    /// </summary>
    private static Crash? Damage(ProgramFault[] faults, Facts facts) =>
        facts.Of<Crash>().FirstOrDefault(c => c.Kind == "bad-page" && faults.Any(f => c.Boot == f.Boot && AreClose(c, f)));

    private static bool AreClose(Crash crash, ProgramFault fault)
    {
        const double Soon = 2;
        const long Near = 40;
        return KernelLine.Parse(fault.Source.Text).Time is { } at && crash.Time is { } then ? Math.Abs(at - then) <= Soon
            : Math.Abs(fault.Source.Line - crash.FirstLine) <= Near && fault.Source.Input == crash.Source.Input;
    }

    private Finding Of(ProgramFault[] all, Facts facts)
    {
        ProgramFault first = all[0];
        Crash? damage = Damage(all, facts);
        IGrouping<ulong?, ProgramFault>? place = all.Where(f => f.Offset is not null).GroupBy(f => f.Offset).MaxBy(g => g.Count());
        int same = place?.Count() ?? 0;
        string where;
        if (first.Object.Length == 0)
            where = "";
        else
            where = first.Object == first.Program ? " in its own code" : $" in {first.Object}";
        // The kernel does not do without its first program: it panics with "Attempted to kill init".
        bool init = all.Any(f => f.Pid == 1 && facts.Of<Crash>().Any(c => c.Boot == f.Boot &&
            c.Source.Plain.Contains("Attempted to kill init", StringComparison.Ordinal)));
        var why = new List<string> { damage is null ? Own : Victim };
        if (init)
            why.Add(OfInit);
        if (same > 1)
            why.Add($"{same} of {all.Length} crashed at the same place (offset 0x{place!.Key:x} of the mapping): one bug in that code.");
        if (first.Error is { } error && first.Kind == "segfault")
            why.Add(AccessOf(error, first));
        if (first.Kind.Contains("not aligned", StringComparison.Ordinal))
            why.Add("It accesses memory at an address that its instruction does not allow; " +
                "the kernel mends the access or sends SIGBUS (/proc/cpu/alignment tells which). " +
                "Its source has a cast to a type of greater alignment, or it was built for another processor.");
        if (first.Kind == "invalid opcode")
            why.Add("An instruction that this CPU does not support (a program built for a newer CPU), or a deliberate abort (ud2).");
        return new Finding(Id, $"program {first.Program} crashed{(all.Length > 1 ? $" {all.Length} times" : "")}{where} ({first.Kind})",
            init ? Severity.Error : Severity.Warning, 0.9, string.Join(' ', why))
        {
            Subject = first.Object.Length == 0 ? first.Program : $"{first.Program}-{first.Object}",
            CausedBy = damage is null ? [] : [CrashFindings.KeyOf(damage)],
            Explains = init ? ["kernel-panic"] : [],
            Evidence = [.. all.Take(4).Select(f => f.Source), .. new[] { damage?.Source }.Known()],
            Fixes = damage is not null ? [] :
            [
                new("See the stack in the core dump and report it to the developers of that program or library",
                    PlainWord.Is(first.Program) ? $"coredumpctl info {first.Program}" : "coredumpctl list"),
            ],
        };
    }

    /// <summary>Bits of a page fault's error code: present, write, user, reserved, instruction.</summary>
    private static string AccessOf(int error, ProgramFault fault) =>
        $"{(fault.InWords ? "It" : $"Error {error:x}: it")} " +
        $"{(error & 16) switch { not 0 => "jumped to", _ when (error & 2) != 0 => "wrote to", _ => "read from" }} " +
        fault.Address switch
        {
            < 4096 => "a null pointer.",
            _ when (error & 1) != 0 => "a page without that permission.",
            _ => "an unmapped address.",
        };

    private Finding Everywhere(ProgramFault[] faults, string[] programs)
    {
        int[] cpus = [.. faults.Select(f => f.Cpu).OfType<int>().Distinct()];
        bool one = cpus.Length == 1 && faults.Count(f => f.Cpu is not null) >= Many;
        return new Finding(Id,
            $"{Counted.Of(programs.Length, "different program")} crashed at different places{(one ? $", all on CPU {cpus[0]}" : "")}",
            Severity.Warning, one ? 0.8 : 0.6, "It is unlikely that so many programs each have a bug of their own" +
                (one ? $": they have CPU {cpus[0]} in common."
                    : ": a library that all use, damaged files, memory or CPU may be the cause of it."))
        {
            Evidence = [.. faults.DistinctBy(f => f.Program).Take(5).Select(f => f.Source)],
            Fixes =
            [
                new("Compare the installed files with their packages", "rpm -Va || debsums -s"),
                new("Test memory and CPU for some hours, overclocking and XMP profiles off (memtest86+, stress-ng --verify)"),
                .. one ? [new Fix("Take that CPU offline and check whether the crashes stop",
                    $"echo 0 > /sys/devices/system/cpu/cpu{cpus[0]}/online")]
                    : Array.Empty<Fix>(),
            ],
        };
    }
}
