using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Dumps;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>The kernel detected an error in itself: a bad access, a failed BUG_ON, corrupted memory.</summary>
public sealed class KernelOops : Rule
{
    public override string Id => "kernel-oops";

    public override Entry Entry => new("kernel-oops", "the kernel hit a bug or a bad memory access")
    {
        Area = Area.Crashing,
        Signature =
        [
            "BUG: kernel NULL pointer dereference, address: …",
            "BUG: unable to handle page fault for address: …",
            "Oops: general protection fault, probably for non-canonical address …",
            "kernel BUG at …!",
            "BUG: KASAN: …",
            "Unable to handle kernel … at virtual address …",
        ],
        Cause = "A bad pointer, a failed check, corrupted memory. " +
            "kdt log names the function most likely at fault, which is often not the one at the instruction pointer.",
        Fixes = [new("Find the line", "scripts/faddr2line vmlinux FUNCTION+0xOFF/0xSIZE")],
        Origin = "arch/*/mm/fault.c, arch/*/kernel/traps.c, lib/bug.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts) =>
        CrashFindings.Of(Id, facts, crash => crash.Requested ? OnRequest(crash) : Of(crash, facts));

    private Finding OnRequest(Crash crash) => new(Id,
        $"{CrashFindings.Kernel(crash)} was crashed on request: {CrashFindings.TitleOf(crash)}", Severity.Info, 0.95,
        crash.Clues.FirstOrDefault(c => c.Meaning == "asked-for")?.Says ??
            "The log shows the request just before the crash (sysrq c, by a user or a test): it is no fault of the kernel.");

    private Finding Of(Crash crash, Facts facts)
    {
        bool stopped = !crash.Panicked && EndsLog(crash, facts);
        return new Finding(Id, $"{CrashFindings.Kernel(crash)} {Happened(crash)}: {CrashFindings.TitleOf(crash)}",
            crash.Panicked || stopped ? Severity.Critical : Severity.Error, crash.Confidence,
            CrashFindings.Where(crash) + Freed(crash, facts) + (stopped ? StoppedThere : ""))
        {
            // A capture kernel without memory or with a damaged initramfs crashes in many different places.
            CausedBy = crash.Boot?.Capture == true ? ["capture-kernel-oom", "crashkernel-too-small"] : ["mce-fatal"],
            Fixes = CrashFindings.Look(crash).ToArray(),
        };
    }

    private const string StoppedThere = " The log ends in this report, before its end mark (---[ end trace): here the kernel handed over " +
        "to the crash kernel, or stood still; or nothing more was saved.";

    /// <summary>
    /// A log of some length ends inside the report: arch/x86/kernel/dumpstack.c oops_end() and its like start the crash kernel before
    /// they print the end mark. A shorter text ends where a person stopped to copy.
    /// </summary>
    private static bool EndsLog(Crash crash, Facts facts)
    {
        // A line or two of the report may be torn.
        const int Piece = 150, Behind = 2;
        return crash is { Requested: false, Marked: false, Mentioned: false } && Checked(crash) is null && HasMarks(crash) &&
            facts.Of<LinesRead>().FirstOrDefault(l => l.Source.Input == crash.Source.Input) is { Lines: > Piece } read &&
            crash.LastLine >= read.LastFilled - Behind &&
            facts.Of<Crash>().All(c => c.Source.Input != crash.Source.Input || c.LastLine <= crash.LastLine);
    }

    /// <summary>x86, arm64, arm and powerpc print end marks (print_oops_end_marker() in kernel/panic.c), since 2.6.25.</summary>
    private static bool HasMarks(Crash crash) => (crash.Context.Release is not { } release || !VersionOrder.IsBelow(release, "2.6.25")) &&
        crash.Registers.Any(r => r.Key is "RAX" or "EAX" or "x0" or "x29" or "GPR00" or "r0");

    private static string Happened(Crash crash) => crash.Panicked ? "crashed" : Checked(crash) ?? "crashed";

    /// <summary>The checkers of memory report a fault, and the kernel goes on: the task that met it continues.</summary>
    private static string? Checked(Crash crash) => crash.Kind switch
    {
        "kasan" or "kfence" or "kmsan" => "reports a misuse of its memory",
        "bad-page" or "slab-corruption" => "reports damage in its memory",
        _ => null,
    };

    /// <summary>What the dump's memory adds for the last fault of its kernel: registers that point into freed objects.</summary>
    private static string Freed(Crash crash, Facts facts)
    {
        DumpObject[] freed = [.. facts.Of<DumpObject>().Where(o => o.Boot == crash.Boot)];
        return freed.Length == 0 || facts.Of<Crash>()
            .LastOrDefault(c => c.Boot == crash.Boot && CrashFindings.IdOf(c) == "kernel-oops") != crash
            ? "" : " " +
                $"In the dump {string.Join(" and ", freed.Take(3).Select(o => $"{o.Register} points into a free object of {o.Cache}"))}: " +
                "possibly a use after free of that object.";
    }
}
