using Kdump.Diagnosis.Evidence.Dumps;
using Kdump.Diagnosis.Model;
using Kdump.Kernel;
using Kdump.Kernel.Symbols;
using Kdump.Kernel.Unwind;
using Kdump.Kernel.Views;

namespace Kdump.Sources.Cases;

/// <summary>Where the CPU that crashed stood, out of its proven stack: past what a crash itself does, and who called panic().</summary>
internal static class DumpStop
{
    /// <summary>Functions with which an oops ends (arch/x86/kernel/dumpstack.c, arch/arm64/kernel/traps.c): the fault is below.</summary>
    private static readonly string[] OfAnOops =
        ["oops_end", "die", "die_addr", "__die", "__die_body", "die_kernel_fault", "arm64_force_sig_fault"];

    /// <summary>
    /// Functions that a crash itself calls (kernel/panic.c, kernel/crash_core.c, kernel/kexec_core.c): none of them is why.
    /// </summary>
    private static readonly string[] OfTheCrash =
        ["__crash_kexec", "crash_kexec", "machine_kexec", "machine_crash_shutdown", "native_machine_crash_shutdown", "crash_setup_regs",
            "crash_save_cpu", "panic", "vpanic", "nmi_panic", "nmi_panic_self_stop", "check_panic_on_warn", "delay_tsc", "__const_udelay",
            "__delay", "panic_smp_self_stop", "panic_other_cpus_shutdown", "emergency_restart", "machine_emergency_restart",
            "native_machine_emergency_restart"];

    private const int MaxFrames = 32;

    public static DumpCrash? Of(Vmcore vmcore, string path)
    {
        if (vmcore.Crash is not { Cpu: int cpu } crash)
            return null;
        List<Frame> stack = vmcore.Registers.TryGetValue(cpu, out Registers? registers)
            ? [.. vmcore.Stacks().Of(registers).Frames.TakeWhile(f => f.Kind != FrameKind.Guess)] : [];
        int at = Start(stack, out bool panic, out bool wild);
        List<DumpFrame> frames = [.. from frame in stack.Skip(at)
                                     where frame.Location is not null
                                     let l = frame.Location!.Value
                                     select new DumpFrame(l.Symbol, l.Module, l.Offset, l.Size)];
        Location? first = stack.Skip(at).FirstOrDefault(f => f.Location is not null)?.Location;
        return new DumpCrash(new Source(path, $"CPU {cpu}: {crash.Task?.Comm ?? "unknown task"}, {first?.ToString() ?? "no stack"}"),
            cpu, crash.Task?.Pid ?? -1, crash.Task?.Comm ?? "", first?.Symbol, first?.Module)
        {
            Frames = [.. frames.Take(MaxFrames)], CalledPanic = panic, WildJump = wild,
        };
    }

    /// <summary>The first frame that is not of the crash's own handling: behind an oops's, the one that faulted.</summary>
    private static int Start(List<Frame> stack, out bool panic, out bool wild)
    {
        (panic, wild) = (false, false);
        int at = 0, exception = stack.FindIndex(f => f.Kind == FrameKind.Exception);
        for (int i = 0; i < stack.Count && (exception < 0 || i <= exception); i++)
        {
            string? name = stack[i].Location is { } place ? Bare(place.Symbol) : null;
            if (name is null)
                continue;
            if (OfAnOops.Contains(name) && exception >= 0)
            {
                // Everything above the exception only reports it.
                (at, panic) = (exception + 1, false);
                break;
            }
            if (!OfTheCrash.Contains(name))
                continue;
            at = i + 1;
            panic = panic || name is "panic" or "vpanic" or "nmi_panic";
        }
        wild = at < stack.Count && stack[at].Location is null;
        return at;
    }

    /// <summary>Without what the compiler appends: <c>nmi_panic.cold</c>.</summary>
    private static string Bare(string symbol) => symbol.IndexOf('.') is > 0 and var dot ? symbol[..dot] : symbol;
}
