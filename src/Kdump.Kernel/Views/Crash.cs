using Kdump.Kernel.Structs;

namespace Kdump.Kernel.Views;

/// <summary>
/// Why and where the kernel crashed. The CPU is panic_cpu (4.5 and newer, -1 for none), else x86's crashing_cpu, else what the log says;
/// the reason is the log's own line.
/// </summary>
/// <param name="Panic">
/// The line that tells the reason, as the log has it; null where the log has none, or the kernel had not stopped at all.
/// </param>
/// <param name="Cpu">Null where none is named.</param>
/// <param name="CpuSource">Where the CPU's number is from: panic_cpu, crashing_cpu or log.</param>
/// <param name="Task">What ran there.</param>
public sealed record Crash(string? Panic, PrintkRecord? Record, int? Cpu, string? CpuSource, TaskStruct? Task, ulong? Taints)
{
    /// <summary>The panic that followed, where the reason is an oops; else null.</summary>
    public string? Then { get; init; }

    /// <summary>
    /// Heading of the last oops that the kernel survived before it was dumped; null where it had none, or stopped.
    /// </summary>
    public string? Survived { get; init; }

    /// <summary>The kernel itself says that it had not stopped (panic_cpu is none); null where it does not say.</summary>
    public bool? Running { get; init; }

    public static Crash Read(CrashedKernel kernel, IReadOnlyList<PrintkRecord> records, Tasks? tasks)
    {
        (int? cpu, string? source) = FindCpu(kernel, records);
        bool? running = source is "panic_cpu" or "crashing_cpu" ? false : NamesNone(kernel);
        CrashReason found = CrashReason.Of(records, source == "log" ? null : cpu);
        PrintkRecord? reason = running == true && found.Panic is null ? null : found.Reason;
        if (running == true && reason is null)
            (cpu, source) = (null, null);
        ulong? taints = kernel.Base.Value is not null && kernel.FindSymbol("tainted_mask") is { } mask &&
            kernel.Memory.TryU64(mask, out ulong value) ? value : null;
        return new Crash(reason?.Text, reason, cpu, source, cpu is { } on ? tasks?.Current(on) : null, taints)
        {
            Then = reason is not null && reason == found.Fault ? found.Panic?.Text : null,
            Survived = reason is null ? found.Fault?.Text : null,
            Running = reason is null ? running : false,
        };
    }

    /// <summary>panic_cpu is there and names none; null where it cannot be read.</summary>
    private static bool? NamesNone(CrashedKernel kernel) =>
        kernel.Base.Value is not null && kernel.FindSymbol("panic_cpu") is { } at && kernel.Memory.TryU32(at, out uint cpu)
            ? cpu == uint.MaxValue : null;

    private static (int?, string?) FindCpu(CrashedKernel kernel, IReadOnlyList<PrintkRecord> records)
    {
        if (kernel.Base.Value is not null)
        {
            foreach (string name in (string[])["panic_cpu", "crashing_cpu"])
            {
                byte[] raw = new byte[4];
                if (kernel.FindSymbol(name) is { } at && kernel.Memory.TryRead(at, raw) && BitConverter.ToInt32(raw) is >= 0 and
                    < PerCpu.MaxCpus and var cpu)
                    return (cpu, name);
            }
        }
        // "CPU: 1 PID: 4711 Comm: …" (with " UID: 0" since 6.12) of the last trace.
        for (int i = records.Count - 1; i >= 0; i--)
        {
            string text = records[i].Text;
            if (text.StartsWith("CPU: ", StringComparison.Ordinal) && text.Contains(" Comm: ", StringComparison.Ordinal)
                && text.IndexOf(' ', 5) is > 5 and var end && int.TryParse(text.AsSpan(5, end - 5), out int cpu))
                return (cpu, "log");
        }
        return (null, null);
    }
}
