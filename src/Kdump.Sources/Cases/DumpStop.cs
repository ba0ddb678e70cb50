using Kdump.Diagnosis.Evidence.Dumps;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Symbols;
using Kdump.Kernel.Unwind;
using Kdump.Kernel.Views;

namespace Kdump.Sources.Cases;

/// <summary>
/// Where the crashed CPU was, from its proven stack: the frame below the crash's own functions, or the caller of panic().
/// </summary>
internal static class DumpStop
{
    /// <summary>Functions with which an oops ends (arch/x86/kernel/dumpstack.c, arch/arm64/kernel/traps.c): the fault is below.</summary>
    private static readonly string[] OfAnOops =
        ["oops_end", "die", "die_addr", "__die", "__die_body", "die_kernel_fault", "arm64_force_sig_fault"];

    /// <summary>
    /// Functions that a crash itself calls (kernel/panic.c, kernel/crash_core.c, kernel/kexec_core.c): none of them is the cause.
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

    /// <summary>
    /// Registers that the faulting instruction uses for its address, or from which that address was loaded, and that point into an
    /// object which was free when the dump was taken. What else a register happens to hold is no evidence.
    /// </summary>
    public static IEnumerable<DumpObject> FreedObjects(Vmcore vmcore, string path)
    {
        if (CrashKinds.Of(vmcore.Crash) != CrashKind.Fault || vmcore.Crash.Cpu is not int cpu ||
            !vmcore.Registers.TryGetValue(cpu, out Registers? saved))
            yield break;
        Registers at = vmcore.Stacks().Of(saved).Frames.FirstOrDefault(f => f.Kind == FrameKind.Exception)?.Registers ?? saved;
        IReadOnlyList<string> reasons = vmcore.Locate(at.Ip) is { } function
            ? vmcore.Code()?.Explain(at, at.Ip + -(long)function.Offset) ?? [] : [];
        AddressUse use = new(vmcore, vmcore.Tasks.Value);
        foreach ((string name, ulong value) in at.All.Where(r => r.Value >= 1UL << 63 && IsNamed(reasons, r.Name)))
        {
            SlabObject? slab;
            try
            {
                slab = use.Of(new VirtualAddress(value)).Slab;
            }
            catch (InputException)
            {
                continue;
            }
            if (slab is { State: var state } && state.StartsWith("free", StringComparison.Ordinal))
                yield return new DumpObject(
                    new Source(path, $"{name.ToUpperInvariant()} = {value:x16}: {slab.Cache}+0x{slab.Offset:x} ({state})"),
                    name.ToUpperInvariant(), slab.Cache, slab.Offset);
        }
    }

    /// <summary>One of the lines has the register as a word.</summary>
    internal static bool IsNamed(IReadOnlyList<string> lines, string register)
    {
        foreach (string line in lines)
        {
            for (int i = line.IndexOf(register, StringComparison.OrdinalIgnoreCase); i >= 0;
                i = line.IndexOf(register, i + 1, StringComparison.OrdinalIgnoreCase))
            {
                int end = i + register.Length;
                if ((i == 0 || !char.IsLetterOrDigit(line[i - 1])) && (end == line.Length || !char.IsLetterOrDigit(line[end])))
                    return true;
            }
        }
        return false;
    }

    /// <summary>The first frame that is not part of crash handling: for an oops, the frame that faulted.</summary>
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

    /// <summary>The name without suffixes of the compiler: <c>nmi_panic.cold</c>.</summary>
    private static string Bare(string symbol) => symbol.IndexOf('.') is > 0 and var dot ? symbol[..dot] : symbol;
}
