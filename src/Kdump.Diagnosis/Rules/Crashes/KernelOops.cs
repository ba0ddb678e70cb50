using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Dumps;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>The kernel met a fault of its own: a bad access, a failed BUG_ON, corrupted memory.</summary>
public sealed class KernelOops : Rule
{
    public override string Id => "kernel-oops";

    public override Entry Entry => new("kernel-oops", "the kernel met a fault of its own")
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
        Cause = "A bad pointer, a failed check, corrupted memory. kdt log names the function to blame, which is rarely the one where the " +
            "CPU stopped.",
        Fixes = [new("Find the line", "scripts/faddr2line vmlinux FUNCTION+0xOFF/0xSIZE")],
        Origin = "arch/*/mm/fault.c, arch/*/kernel/traps.c, lib/bug.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts) => CrashFindings.Of(Id, facts, crash => crash.Requested
        ? new Finding(Id, $"somebody made {CrashFindings.Kernel(crash)} crash: {crash.Title}", Severity.Info, 0.95,
            "The log shows the request just before.")
        : new Finding(Id, $"{CrashFindings.Kernel(crash)} crashed: {CrashFindings.TitleOf(crash)}", crash.Panicked ? Severity.Critical
            : Severity.Error, crash.Confidence, CrashFindings.Where(crash) + Freed(crash, facts))
        {
            // A capture kernel without memory or with a torn initramfs falls in many places.
            CausedBy = crash.Boot?.Capture == true ? ["capture-kernel-oom", "crashkernel-too-small"] : ["mce-fatal"],
            Fixes = CrashFindings.Look(crash).ToArray(),
        });

    /// <summary>What the dump's memory adds: registers that point into freed objects, where it is the last fault of its kernel.</summary>
    private static string Freed(Crash crash, Facts facts)
    {
        DumpObject[] freed = [.. facts.Of<DumpObject>().Where(o => o.Boot == crash.Boot)];
        return freed.Length == 0 || facts.Of<Crash>()
            .LastOrDefault(c => c.Boot == crash.Boot && CrashFindings.IdOf(c) == "kernel-oops") != crash
            ? "" : $" In the dump " +
                $"{string.Join(" and ", freed.Take(3).Select(o => $"{o.Register} points into a free object of {o.Cache}"))}: " +
                "that may be what was used after it was freed.";
    }
}
