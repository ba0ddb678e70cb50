using Kdump.Kernel.Structs;

namespace Kdump.Kernel.Views;

/// <summary>
/// Why and where the machine died. The CPU is panic_cpu (4.5 and newer, -1 for none), else x86's crashing_cpu, else what the log says;
/// the reason is the log's own line.
/// </summary>
/// <param name="Panic">The line that tells the reason, as the log has it; null where the log has none.</param>
/// <param name="CpuSource">Where the CPU's number is from: panic_cpu, crashing_cpu or log.</param>
/// <param name="Task">What ran there.</param>
public sealed record Crash(string? Panic, PrintkRecord? Record, int? Cpu, string? CpuSource, TaskStruct? Task, ulong? Taints)
{
    /// <summary>What oopses and panics begin with, best first: a later line of the first kind wins over any of the second.</summary>
    private static readonly string[] Reasons =
    [
        "Kernel panic - not syncing", "BUG: ", "Oops: ", "Unable to handle kernel", "kernel BUG at ", "general protection fault",
            "stack segment: ",
        "divide error: ", "invalid opcode: ", "double fault: ", "sysrq: Trigger a crash", "sysrq: SysRq : Trigger a crash",
    ];

    public static Crash Read(CrashedKernel kernel, IReadOnlyList<PrintkRecord> records, Tasks? tasks)
    {
        PrintkRecord? record = null;
        foreach (string reason in Reasons)
        {
            record = records.LastOrDefault(r => r.Bytes.Length < 1024 && r.Text.Contains(reason, StringComparison.Ordinal));
            if (record is not null)
                break;
        }
        (int? cpu, string? source) = FindCpu(kernel, records);
        ulong? taints = kernel.Base.Value is not null && kernel.FindSymbol("tainted_mask") is { } mask &&
            kernel.Memory.TryU64(mask, out ulong value) ? value : null;
        return new Crash(record?.Text, record, cpu, source, cpu is { } on ? tasks?.Current(on) : null, taints);
    }

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
