using Kdump.Kernel.Structs;

namespace Kdump.Kernel.Views;

/// <summary>
/// Why and where the kernel crashed. The CPU is panic_cpu (4.5 and newer, -1 for none), otherwise x86's crashing_cpu, otherwise the CPU
/// in the log; the reason is a line of the log.
/// </summary>
/// <param name="Panic">The line of the log with the reason; null if the log has none, or if the kernel had not stopped.</param>
/// <param name="Cpu">The CPU that crashed; null if not known.</param>
/// <param name="CpuSource">Source of the CPU's number: panic_cpu, crashing_cpu or log.</param>
/// <param name="Task">The task that ran on that CPU.</param>
public sealed record Crash(string? Panic, PrintkRecord? Record, int? Cpu, string? CpuSource, TaskStruct? Task, ulong? Taints)
{
    /// <summary>The panic that followed, if the reason is an oops; otherwise null.</summary>
    public string? Then { get; init; }

    /// <summary>
    /// First line of the last oops that the kernel survived before it was dumped; null if it had none, or if it stopped.
    /// </summary>
    public string? Survived { get; init; }

    /// <summary>True if panic_cpu shows that the kernel had not stopped; null if that is not known.</summary>
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

    /// <summary>True if panic_cpu exists and names no CPU; null if it cannot be read.</summary>
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
