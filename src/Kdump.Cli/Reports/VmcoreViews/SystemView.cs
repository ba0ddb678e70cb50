using System.Globalization;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Hardware;
using Kdump.Diagnosis.Model;
using Kdump.Kernel;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore sys</c>: the system at the moment of the crash.</summary>
internal static class SystemView
{
    private const string Missing = "not in the dump";

    public static void Text(Context context, Vmcore vmcore)
    {
        SystemState system = new(vmcore);
        Kernel.Views.Crash crash = vmcore.Crash;
        Line("host", system.Name.Value?.Node ?? vmcore.Dump.Info.NodeName ?? Missing);
        Line("kernel", system.Name.Value is { } name ? $"{name.Release} {name.Version} {name.Machine}" : vmcore.Release ?? Missing);
        Line("command line", system.CommandLine ?? Missing);
        Line("date", system.Time.Value is { } time ? UtcTime.Second(time.RealSeconds) : system.Time.Status);
        if (system.Time.Value is { } now)
            Line("uptime", $"{Duration(now.Boot / 1_000_000_000)} ({(now.Boot / 1e9).ToString("0.000", CultureInfo.InvariantCulture)} s)");
        Line("load average", system.LoadAverage is { } load
            ? string.Join(", ", load.Select(l => l.ToString("0.00", CultureInfo.InvariantCulture))) : Missing);
        Line("tasks", vmcore.Tasks.Value is { } tasks ? $"{tasks.All.Count} ({States(tasks)})" : vmcore.Tasks.Status);
        if (vmcore.PerCpu.Value is { } cpus)
            Line("CPUs", $"{cpus.Online.Count} online of {cpus.Possible.Count}" +
                (cpus.Ran.Count > cpus.Online.Count ? $"; {cpus.Ran.Count} ran until the panic stopped them" : ""));
        if (system.Cores is { Count: > 0 } cores)
            Line("processor", string.Join(", ", cores.Select(m => $"{ArmCore.Name(m) ?? "a core that is not known"} (MIDR 0x{m:x8})")));
        if (system.Processor is { } processor)
            Line("processor", $"{processor.Model}, microcode {string.Join(", ", processor.Microcode.Select(m => $"0x{m:x}"))}");
        Line("machine", system.Hardware ?? Missing);
        Line("memory", system.Memory is { } bytes ? $"{bytes >> 20} MiB" : Missing);
        if (system.Taints is { } taints)
        {
            string letters = TaintFlags.Letters(taints);
            Line("taints", letters.Length == 0 ? "none" : $"{letters}: {string.Join("; ", Taints.InWords(letters))}");
        }
        Line("panic", crash.Panic ?? crash.Running switch
        {
            true => "none: the kernel was running",
            _ when vmcore.Log.Value is null => "not known: its log cannot be read",
            _ => "the log gives no reason",
        });

        void Line(string label, string value) => context.Output.WriteLine($"{label,-13} {Printable.Escape(value)}");
    }

    public static void Json(TextWriter output, Vmcore vmcore)
    {
        SystemState system = new(vmcore);
        UnreadText.Json(output, vmcore, "kdt.vmcore.sys/1", json =>
        {
            json.WriteString("node", system.Name.Value?.Node ?? vmcore.Dump.Info.NodeName);
            json.WriteString("release", system.Name.Value?.Release ?? vmcore.Release);
            json.WriteString("version", system.Name.Value?.Version);
            json.WriteString("machine", system.Name.Value?.Machine);
            json.WriteString("commandLine", system.CommandLine);
            if (system.Time.Value is { } time)
            {
                json.WriteNumber("realSeconds", time.RealSeconds);
                json.WriteNumber("uptimeNanoseconds", time.Boot);
                json.WriteNumber("jiffies", time.Jiffies);
                json.WriteNumber("hz", time.TicksPerSecond);
            }
            if (system.LoadAverage is { } load)
            {
                json.WriteStartArray("loadAverage");
                foreach (double value in load)
                    json.WriteNumberValue(Math.Round(value, 2));
                json.WriteEndArray();
            }
            if (vmcore.Tasks.Value is { } tasks)
            {
                json.WriteNumber("tasks", tasks.All.Count);
                json.WriteStartObject("states");
                foreach (IGrouping<string, TaskStruct> state in tasks.All.GroupBy(t => t.State).OrderBy(g => g.Key, StringComparer.Ordinal))
                    json.WriteNumber(state.Key, state.Count());
                json.WriteEndObject();
            }
            if (system.Processor is { } processor)
            {
                json.WriteString("processor", processor.Model);
                json.WriteString("microcode", string.Join(",", processor.Microcode.Select(m => $"0x{m:x}")));
            }
            else if (system.Cores is { Count: > 0 } cores)
                json.WriteString("processor", string.Join(", ", cores.Select(m => ArmCore.Name(m) ?? $"MIDR 0x{m:x8}")));
            json.WriteString("hardware", system.Hardware);
            if (system.Memory is { } bytes)
                json.WriteNumber("memoryBytes", bytes);
            if (system.Taints is { } taints)
                json.WriteString("taints", TaintFlags.Letters(taints));
        });
    }

    /// <summary>Prints the kernel's built-in configuration, or the lines of it that contain a text.</summary>
    public static bool Config(Context context, Vmcore vmcore, string pattern)
    {
        bool any = false;
        foreach (string line in KernelConfig.Read(vmcore).Split('\n'))
            if (pattern == "all" ? line.Length > 0 : line.Contains("CONFIG_", StringComparison.Ordinal) &&
                line.Contains(pattern, StringComparison.OrdinalIgnoreCase))
            {
                any = true;
                context.Output.WriteLine(Printable.Escape(line));
            }
        return any;
    }

    public static string Duration(ulong seconds) =>
        seconds >= 86400 ? $"{Counted.Of(seconds / 86400, "day")} {seconds / 3600 % 24:00}:{seconds / 60 % 60:00}"
        : $"{seconds / 3600:00}:{seconds / 60 % 60:00}:{seconds % 60:00}";

    private static string States(Tasks tasks) => string.Join(", ", tasks.All.GroupBy(t => t.State).OrderByDescending(g => g.Count())
        .ThenBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Count()} {g.Key}{StackGroupsView.Notes([.. g])}"));
}
