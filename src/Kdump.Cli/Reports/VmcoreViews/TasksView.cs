using System.Globalization;
using System.Text.Json;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>Which tasks to list, and what to show of them.</summary>
internal sealed record TaskChoice
{
    /// <summary>Only tasks in these states, as ps shows them; empty: all tasks.</summary>
    public IReadOnlyList<string> States { get; init; } = [];

    /// <summary>Only this process with its threads.</summary>
    public int? Pid { get; init; }

    /// <summary>One line per process.</summary>
    public bool Processes { get; init; }

    public bool Tree { get; init; }

    public bool Arguments { get; init; }

    public bool Environment { get; init; }

    public bool Groups { get; init; }

    public string? Sort { get; init; }
}

/// <summary><c>kdt vmcore ps</c>.</summary>
internal sealed class TasksView
{
    /// <summary>Values of <c>--sort</c>.</summary>
    public static readonly string[] Keys = ["pid", "cpu", "comm", "state", "since", "prio", "uid", "rss", "vsz", "start", "time"];

    private readonly Vmcore vmcore;
    private readonly Tasks tasks;
    private readonly TaskFacts facts;
    private readonly TaskChoice choice;
    private readonly List<(TaskStruct Task, int Depth, int Threads)> rows;

    public TasksView(Vmcore vmcore, TaskChoice choice)
    {
        this.vmcore = vmcore;
        tasks = vmcore.Tasks.Need(vmcore.Dump.Name, "tasks");
        facts = new TaskFacts(vmcore);
        this.choice = choice;
        Dictionary<int, int> threads = tasks.All.Where(t => t.Pid != 0).GroupBy(t => t.Tgid).ToDictionary(g => g.Key, g => g.Count());
        if (choice.Pid is { } one && !tasks.All.Any(t => t.Pid == one || t.Tgid == one))
            throw new InputException(vmcore.Dump.Name, "--pid", -1, $"no task has the id {one}");
        IEnumerable<TaskStruct> wanted = tasks.All.Where(t =>
            (choice.States.Count == 0 || choice.States.Contains(t.State, StringComparer.OrdinalIgnoreCase)) &&
            (choice.Pid is not { } pid || t.Tgid == pid || t.Pid == pid) &&
            (!(choice.Processes || choice.Tree) || t.Pid == t.Tgid));
        rows = choice.Tree ? Tree([.. wanted], threads)
            : [.. Sorted(wanted).Select(t => (t, 0, threads.GetValueOrDefault(t.Tgid, 1)))];
    }

    /// <summary>Columns in which a row with the longest name of a task has room.</summary>
    private const int WholeRow = 104;

    public void Text(Context context)
    {
        TextWriter output = context.Output;
        bool narrow = context.Terminal is { Screen: true, Columns: < WholeRow };
        output.WriteLine(narrow ? $"  {"PID",7} {"TGID",7} {"PPID",7} {"CPU",3} ST {"SINCE",10} {"RSS KiB",9} COMMAND"
            : $"  {"PID",7} {"TGID",7} {"PPID",7} {"CPU",3} {"TASK",-16} ST {"SINCE",10} {"PRI",6} {"UID",6} {"RSS KiB",9} COMMAND");
        foreach ((TaskStruct task, int depth, int threads) in rows)
        {
            string comm = task.KernelThread ? $"[{task.Comm}]" : task.Comm;
            string more = choice.Processes && threads > 1 ? $" ({threads} threads)" : "";
            string inner = facts.InnerPid(task) is { } pid ? $" (pid {pid} inside)" : "";
            string rss = facts.Resident(task) is { } bytes ? $"{bytes >> 10}" : "-";
            string user = TaskFacts.Owner(task)?.User is { } uid ? $"{uid}" : "?";
            output.WriteLine(
                $"{(task.OnCpu ? '>' : ' ')} {task.Pid,7} {task.Tgid,7} {task.ParentPid,7} {task.Cpu,3} " +
                (narrow ? $"{task.State} {Since(task),10} "
                    : $"{task.Address} {task.State} {Since(task),10} {Scheduling(task),6} {user,6} ") +
                $"{rss,9} {new string(' ', 2 * depth)}{Printable.Escape(comm)}{inner}{more}{LocksView.Note(task)}");
            if (choice.Groups && facts.Cgroup(task) is { } path)
                output.WriteLine($"{Margin}cgroup: {Printable.Escape(path)}{Printable.Escape(Names(path))}");
            if (choice.Arguments && facts.Arguments(task) is { } words)
                output.WriteLine($"{Margin}args: {Printable.Escape(words)}");
            if (choice.Environment && facts.Environment(task) is { } variables)
                output.WriteLine($"{Margin}env: {Printable.Escape(variables)}");
        }
        if (narrow)
            output.WriteLine($"(with {WholeRow} columns or in a pipe: TASK, PRI and UID, too)");
        UnreadText.Lost(vmcore, tasks.Damages);
    }

    public void Json(TextWriter output) => UnreadText.Json(output, vmcore, "kdt.vmcore.ps/1", json =>
    {
        json.WriteStartArray("tasks");
        foreach ((TaskStruct task, _, int threads) in rows)
            Write(json, task, threads);
        json.WriteEndArray();
        UnreadText.Lost(json, vmcore, tasks.Damages);
    });

    /// <summary>Indentation of the lines below a task's line.</summary>
    public const string Margin = "                                   ";

    private void Write(Utf8JsonWriter json, TaskStruct task, int threads)
    {
        json.WriteStartObject();
        json.WriteNumber("pid", task.Pid);
        json.WriteNumber("tgid", task.Tgid);
        json.WriteNumber("ppid", task.ParentPid);
        json.WriteString("comm", task.Comm);
        LocksView.State(json, task);
        json.WriteNumber("cpu", task.Cpu);
        json.WriteBoolean("kernelThread", task.KernelThread);
        json.WriteBoolean("onCpu", task.OnCpu);
        json.WriteString("task", task.Address.ToString());
        if (task.NanosecondsSinceRun is ulong ns)
            json.WriteNumber("nanosecondsSinceRun", ns);
        json.WriteString("policy", TaskFacts.Policy(task));
        json.WriteNumber("priority", TaskFacts.Effective(task));
        json.WriteNumber("nice", TaskFacts.Nice(task));
        if (TaskFacts.Owner(task) is { } owner)
        {
            json.WriteNumber("uid", owner.User);
            json.WriteNumber("gid", owner.Group);
        }
        if (task.Pid == task.Tgid)
            json.WriteNumber("threads", threads);
        if (facts.InnerPid(task) is { } inner)
            json.WriteNumber("innerPid", inner);
        if (facts.Resident(task) is { } rss)
            json.WriteNumber("rssBytes", rss);
        if (facts.Size(task) is { } size)
            json.WriteNumber("vszBytes", size);
        if (facts.Swapped(task) is { } swapped)
            json.WriteNumber("swapBytes", swapped);
        if (TaskFacts.Started(task) is { } started)
            json.WriteNumber("startNanoseconds", started);
        (ulong user, ulong system) = TaskFacts.CpuTime(task);
        json.WriteNumber("userNanoseconds", user);
        json.WriteNumber("systemNanoseconds", system);
        if (facts.Cgroup(task) is { } path)
        {
            json.WriteString("cgroup", path);
            (string? container, string? pod) = ContainerName.Of(path);
            if (container is not null)
                json.WriteString("container", container);
            if (pod is not null)
                json.WriteString("pod", pod);
        }
        if (choice.Arguments)
            json.WriteString("args", facts.Arguments(task));
        if (choice.Environment)
            json.WriteString("env", facts.Environment(task));
        json.WriteEndObject();
    }

    private static string Since(TaskStruct task)
    {
        if (task.OnCpu)
            return "running";
        if (task.NanosecondsSinceRun is ulong ns)
            return (ns / 1e9).ToString("0.000", CultureInfo.InvariantCulture);
        return "";
    }

    /// <summary><c>TS+5</c>, <c>FF50</c>.</summary>
    private static string Scheduling(TaskStruct task)
    {
        if (TaskFacts.Policy(task) is "FF" or "RR")
            return $"{TaskFacts.Policy(task)}{TaskFacts.Priority(task)}";
        if (TaskFacts.Policy(task) is "DLN")
            return "DLN";
        if (TaskFacts.Nice(task) is not 0 and var nice)
            return $"{TaskFacts.Policy(task)}{(nice > 0 ? "+" : "")}{nice}";
        return TaskFacts.Policy(task);
    }

    private static string Names(string path)
    {
        (string? container, string? pod) = ContainerName.Of(path);
        return (pod is null ? "" : $"  pod {pod}") + (container is null ? ""
            : $"  container {(container.Length == 64 ? container[..12] : container)}");
    }

    /// <summary>A stable sort: equal tasks keep the kernel's order. Largest first, unknown last.</summary>
    private IEnumerable<TaskStruct> Sorted(IEnumerable<TaskStruct> wanted) => choice.Sort switch
    {
        "pid" => wanted.OrderBy(t => t.Pid),
        "cpu" => wanted.OrderBy(t => t.Cpu),
        "comm" => wanted.OrderBy(t => t.Comm, StringComparer.Ordinal),
        "state" => wanted.OrderBy(t => t.State, StringComparer.Ordinal),
        "since" => wanted.OrderByDescending(t => t.OnCpu ? 0 : t.NanosecondsSinceRun ?? 0),
        "prio" => wanted.OrderBy(TaskFacts.Effective),
        "uid" => wanted.OrderBy(t => TaskFacts.Owner(t)?.User ?? uint.MaxValue),
        "rss" => wanted.OrderByDescending(t => facts.Resident(t) ?? -1),
        "vsz" => wanted.OrderByDescending(t => facts.Size(t) ?? -1),
        "start" => wanted.OrderBy(t => TaskFacts.Started(t) ?? ulong.MaxValue),
        "time" => wanted.OrderByDescending(t => TaskFacts.CpuTime(t) is var (u, s) ? u + s : 0),
        _ => wanted,
    };

    private List<(TaskStruct, int, int)> Tree(List<TaskStruct> wanted, Dictionary<int, int> threads)
    {
        List<(TaskStruct, int, int)> all = [];
        HashSet<ulong> done = [];
        ILookup<int, TaskStruct> children = wanted.Where(t => t.Pid != 0).ToLookup(t => t.ParentPid);
        HashSet<int> there = [.. wanted.Select(t => t.Pid)];
        foreach (TaskStruct top in Sorted(wanted).Where(t => t.Pid == 0 || !there.Contains(t.ParentPid)))
            Add(top, 0);
        // Tasks whose parents form a cycle have no root; show them too.
        foreach (TaskStruct rest in wanted)
            Add(rest, 0);
        return all;

        void Add(TaskStruct task, int depth)
        {
            if (!done.Add(task.Address.Value))
                return;
            all.Add((task, depth, threads.GetValueOrDefault(task.Tgid, 1)));
            if (depth > 200 || (task.Pid == 0 && task.Cpu != 0))
                return;
            foreach (TaskStruct child in Sorted(children[task.Pid]))
                Add(child, depth + 1);
        }
    }
}
