using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Kernel;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore cgroups</c>: the tree of control groups with what each has used.</summary>
internal static class CgroupsView
{
    public static void Text(Context context, Vmcore vmcore)
    {
        Cgroups groups = Of(vmcore);
        context.Output.WriteLine($"{"TASKS",5} {"MEMORY KiB",11} {"MAX KiB",11} {"PIDS",6} {"MAX",6} {"THROTTLED",9} PATH");
        foreach (Cgroup g in groups.All)
        {
            (string? container, string? pod) = ContainerName.Of(g.Path);
            context.Output.WriteLine(
                $"{g.Tasks,5} {Kib(g.Memory),11} {Limit(g.Memory, g.MemoryMax, Kib(g.MemoryMax)),11} " +
                $"{g.Processes,6} {Limit(g.Processes, g.ProcessesMax, $"{g.ProcessesMax}"),6} {g.Throttled,9} " +
                $"{(g.Hierarchy.Length > 0 ? g.Hierarchy + ":" : "")}{Printable.Escape(g.Path)}{(g.UnderOom ? "  OUT OF MEMORY" : "")}" +
                (pod is null ? "" : $"  pod {pod}") +
                    (container is null ? "" : $"  container {container[..Math.Min(12, container.Length)]}"));
        }
        UnreadText.Lost(vmcore, groups.Damages);
    }

    public static void Json(TextWriter output, Vmcore vmcore)
    {
        Cgroups groups = Of(vmcore);
        UnreadText.Json(output, vmcore, "kdt.vmcore.cgroups/1", json =>
        {
            json.WriteStartArray("cgroups");
            foreach (Cgroup g in groups.All)
            {
                json.WriteStartObject();
                json.WriteString("hierarchy", g.Hierarchy);
                json.WriteString("path", g.Path);
                json.WriteNumber("tasks", g.Tasks);
                Number("memoryBytes", g.Memory);
                Number("memoryMaxBytes", g.MemoryMax);
                Number("processes", g.Processes);
                Number("processesMax", g.ProcessesMax);
                Number("throttled", g.Throttled);
                json.WriteBoolean("underOom", g.UnderOom);
                json.WriteString("address", g.Address.ToString());
                json.WriteEndObject();

                void Number(string name, long? value)
                {
                    if (value is { } v)
                        json.WriteNumber(name, v);
                }
            }
            json.WriteEndArray();
            UnreadText.Lost(json, vmcore, groups.Damages);
        });
    }

    private static Cgroups Of(Vmcore vmcore) => new(vmcore, vmcore.Tasks.Need(vmcore.Dump.Name, "tasks").All);

    /// <summary>Nothing where the controller is off, "max" where it has no limit.</summary>
    private static string Limit(long? used, long? limit, string text)
    {
        if (used is null)
            return "";
        return limit is null ? "max" : text;
    }

    private static string Kib(long? bytes) => bytes is { } b ? $"{b >> 10}" : "";
}
