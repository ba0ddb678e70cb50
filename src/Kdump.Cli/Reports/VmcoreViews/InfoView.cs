using System.Text.Json;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Dumps;
using Kdump.Kernel;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore info</c>: format and header of the dump, and how far each layer can be read.</summary>
internal static class InfoView
{
    /// <param name="loss">What the dump has lost; null for a whole one.</param>
    public static void Text(Context context, Vmcore vmcore, DumpLoss? loss)
    {
        Dump dump = vmcore.Dump;
        DumpInfo info = dump.Info;
        PageCounts pages = dump.Count();
        Crash crash = vmcore.Crash;
        Line("file", dump.Name);
        Line("format", dump.Format + (info.Compression.Count > 0 ? $", {string.Join(", ", info.Compression)}" : ""));
        // The header's name is the hypervisor's: ppc64 for a guest that runs as ppc64le.
        string machine = vmcore.Machine.Length > 0 ? vmcore.Machine : info.Machine;
        Line("kernel", $"{vmcore.Release ?? info.Release ?? "unknown"} {Version(vmcore) ?? info.Version} {machine}".Trim());
        if (info.NodeName is { Length: > 0 } node)
            Line("host", node);
        if (vmcore.CrashTime is long time)
            Line("crashed", UtcTime.Second(time));
        Line("panic", crash.Panic ?? crash.Running switch
        {
            true => "none: the kernel was running (panic_cpu names no CPU)",
            _ when vmcore.Log.Value is null => "not known: its log cannot be read",
            _ => "the log gives no reason",
        });
        if (crash.Then is { } then)
            Line("then", then);
        if (crash.Survived is { } survived)
            Line("before", $"{survived} (an earlier oops that the kernel survived)");
        if (crash.Cpu is int cpu)
            Line("on CPU", $"{cpu}{(crash.Task is { } task ? $", pid {task.Pid} {task.Comm}" : "")}");
        if (crash.Taints is > 0 and var taints)
            Line("taints", TaintFlags.Letters(taints));
        if (vmcore.PerCpu.Value is { } cpus)
            Line("CPUs", $"{cpus.Online.Count} online of {cpus.Possible.Count}");
        Line("pages",
            $"{pages.Present} in the dump, {pages.Excluded} left out{(pages.Damaged > 0 ? $", {pages.Damaged} lost" : "")} " +
            $"of {pages.Present + pages.Excluded + pages.Damaged} ({Mebibytes(dump, pages)} MiB of memory)");
        if (info.DumpLevel is int level)
            Line("level", $"{level} ({LevelWords(level)})");
        if (loss is not null)
            Line("LOST", loss.Text(dump));
        if (dump.Incomplete)
            Line("INCOMPLETE", "the program that wrote the dump marked it as incomplete");
        foreach ((string name, string status, _) in vmcore.Layers)
            Line(name, status);
        foreach (Formats.Bytes.Damage damage in dump.Damages.Take(10))
            Line("damage", damage.ToString());

        void Line(string label, string value) => context.Output.WriteLine($"{label,-11} {Printable.Escape(value)}");
    }

    public static void Json(TextWriter output, Vmcore vmcore, DumpLoss? loss)
    {
        Dump dump = vmcore.Dump;
        DumpInfo info = dump.Info;
        PageCounts pages = dump.Count();
        UnreadText.Json(output, vmcore, "kdt.vmcore.info/1", json =>
        {
            json.WriteString("format", dump.Format);
            json.WriteString("compression", string.Join(",", info.Compression));
            json.WriteString("release", vmcore.Release ?? info.Release);
            json.WriteString("version", Version(vmcore) ?? info.Version);
            json.WriteString("machine", info.Machine);
            if (vmcore.PerCpu.Value is { } cpus)
                json.WriteNumber("cpus", cpus.Online.Count);
            else
                json.WriteNull("cpus");
            json.WriteNumber("memoryBytes", (pages.Present + pages.Excluded + pages.Damaged) * dump.PageSize);
            json.WriteStartObject("pages");
            json.WriteNumber("present", pages.Present + pages.Excluded + pages.Damaged);
            json.WriteNumber("dumped", pages.Present);
            json.WriteNumber("excluded", pages.Excluded);
            json.WriteNumber("damaged", pages.Damaged);
            json.WriteEndObject();
            if (info.DumpLevel is int level)
                json.WriteNumber("dumpLevel", level);
            else
                json.WriteNull("dumpLevel");
            json.WriteBoolean("incomplete", dump.Incomplete);
            loss?.Json(json, dump);
            if (vmcore.CrashTime is long time)
                json.WriteNumber("crashTime", time);
            else
                json.WriteNull("crashTime");
            json.WriteString("panic", vmcore.Crash.Panic);
            if (vmcore.Crash.Then is { } then)
                json.WriteString("then", then);
            if (vmcore.Crash.Survived is { } survived)
                json.WriteString("survived", survived);
            if (vmcore.Crash.Running is { } running)
                json.WriteBoolean("running", running);
            if (vmcore.Crash.Cpu is int cpu)
                json.WriteNumber("crashedCpu", cpu);
            else
                json.WriteNull("crashedCpu");
            Layers(json, vmcore);
        });
    }

    /// <summary>Which data can be read: "ok", or the reason why not.</summary>
    internal static void Layers(Utf8JsonWriter json, Vmcore vmcore)
    {
        json.WriteStartObject("layers");
        foreach ((string name, string status, _) in vmcore.Layers)
            json.WriteString(name, status);
        json.WriteEndObject();
    }

    private static string? Version(Vmcore vmcore)
    {
        try
        {
            return SystemName.Read(vmcore).Version;
        }
        catch (Formats.Bytes.InputException)
        {
            return null;
        }
    }

    private static long Mebibytes(Dump dump, PageCounts pages) => (pages.Present + pages.Excluded + pages.Damaged) * dump.PageSize >> 20;

    private static string LevelWords(int level)
    {
        string[] names = ["zero", "cache", "private cache", "user", "free"];
        string[] left = [.. names.Where((_, bit) => (level & (1 << bit)) != 0)];
        return left.Length == 0 ? "nothing was left out" : $"left out: {string.Join(", ", left)} pages";
    }
}
