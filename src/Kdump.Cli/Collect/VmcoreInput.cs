using System.Text;
using Kdump.Diagnosis;
using Kdump.Diagnosis.Evidence;
using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Kernel;
using Kdump.Kernel.Unwind;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Collect;

/// <summary>A dump as evidence: its state, its kernel's log, and where that kernel stopped. It is always the crashed kernel's.</summary>
internal static class VmcoreInput
{
    /// <summary>Functions that a crash itself calls (kernel/panic.c, kernel/crash_core.c, arch/x86/kernel/dumpstack.c): none of them is why.</summary>
    private static readonly string[] OfTheCrash =
        ["__crash_kexec", "crash_kexec", "machine_kexec", "panic", "vpanic", "oops_end", "die", "die_addr", "__die", "nmi_panic", "native_machine_crash_shutdown", "crash_setup_regs"];

    public static CaseInput Read(string path, Facts facts, Func<string, Stream, CaseInput> readLog)
    {
        try
        {
            using Vmcore vmcore = Vmcore.Open(DumpFormats.Open([path]));
            Dump dump = vmcore.Dump;
            string name = $"{path} (log)";
            string? note = null;
            if (vmcore.Log.Value is { } log)
            {
                using var text = new MemoryStream(Encoding.UTF8.GetBytes(log.Text()));
                readLog(name, text);
                var evidence = new Source(path, $"dump of {vmcore.Release ?? "a kernel"}");
                foreach (Fact fact in facts.All.Where(f => f.Boot?.Input == name))
                    fact.Boot!.Decide(capture: false, evidence);
            }
            else
                note = $"its log cannot be read: {vmcore.Log.Status}";
            facts.Boot = new Boot(path, 0) { Release = vmcore.Release, Capture = false };
            facts.Add(new DumpFile(new Source(path, $"{dump.Format}{(dump.Incomplete ? ", incomplete" : "")}"), dump.Format, dump.Incomplete, dump.Count().Damaged, dump.Info.DumpLevel));
            if (CrashOf(vmcore) is { } crash)
                facts.Add(crash);
            return new(path, $"vmcore ({dump.Format})", note);
        }
        catch (InputException e)
        {
            return new(path, "vmcore", e.Reason, Unknown: true);
        }
    }

    private static DumpCrash? CrashOf(Vmcore vmcore)
    {
        if (vmcore.Crash is not { Cpu: int cpu } crash)
            return null;
        Frame? frame = vmcore.Registers.TryGetValue(cpu, out PtRegs? registers)
            ? new Stacks(vmcore).Of(registers).Frames.FirstOrDefault(f => f.Kind != FrameKind.Guess && f.Location is { } at && !OfTheCrash.Contains(at.Symbol)) : null;
        string at = frame?.Location?.ToString() ?? "no stack";
        return new DumpCrash(new Source(vmcore.Dump.Name, $"CPU {cpu}: {crash.Task?.Comm ?? "unknown task"}, {at}"),
            cpu, crash.Task?.Pid ?? -1, crash.Task?.Comm ?? "", frame?.Location?.Symbol, frame?.Location?.Module);
    }
}
