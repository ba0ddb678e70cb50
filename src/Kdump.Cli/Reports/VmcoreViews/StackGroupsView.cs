using System.Globalization;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Kernel;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Unwind;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore bt --group</c>: equal stacks, counted.</summary>
internal sealed class StackGroupsView
{
    private const int Names = 6;
    private const int Callers = 4;

    private readonly Vmcore vmcore;
    private readonly IReadOnlyList<StackGroup> groups;

    public StackGroupsView(Vmcore vmcore, IReadOnlyList<string> states)
    {
        this.vmcore = vmcore;
        groups = vmcore.Stacks().All(InStates(vmcore, states));
    }

    public static IEnumerable<TaskStruct> InStates(Vmcore vmcore, IReadOnlyList<string> states) =>
        vmcore.Tasks.Need(vmcore.Dump.Name, "tasks").All
            .Where(t => states.Count == 0 || states.Contains(t.State, StringComparer.OrdinalIgnoreCase));

    public void Text(Context context)
    {
        TextWriter output = context.Output;
        output.WriteLine($"{"TASKS",5} ST {"LONGEST",10} WHERE");
        foreach (StackGroup group in groups)
        {
            TaskStruct longest = group.Tasks.MaxBy(t => t.NanosecondsSinceRun ?? 0)!;
            string since;
            if (longest.OnCpu)
                since = "running";
            else if (longest.NanosecondsSinceRun is { } ns)
                since = (ns / 1e9).ToString("0.000", CultureInfo.InvariantCulture);
            else
                since = "";
            string states = string.Join('/', group.Tasks.Select(t => t.State).Distinct().Order(StringComparer.Ordinal));
            output.WriteLine($"{group.Tasks.Count,5} {states} {since,10} {Printable.Escape(Where(group.Stack))}{Notes(group.Tasks)}");
            string who = string.Join(", ", group.Tasks.GroupBy(t => t.Comm, StringComparer.Ordinal).OrderByDescending(g => g.Count())
                .ThenBy(g => g.Key, StringComparer.Ordinal).Take(Names).Select(g => g.Count() == 1 ? $"{g.Key} ({g.First().Pid})"
                    : $"{g.Count()} × {g.Key}"));
            int more = group.Tasks.Select(t => t.Comm).Distinct(StringComparer.Ordinal).Count() - Names;
            output.WriteLine($"{"",19} {Printable.Escape(who)}{(more > 0 ? $" and {Counted.Of(more, "more name")}" : "")}");
        }
    }

    public void Json(TextWriter output) => UnreadText.Json(output, vmcore, "kdt.vmcore.groups/1", json =>
    {
        json.WriteStartArray("groups");
        foreach (StackGroup group in groups)
        {
            json.WriteStartObject();
            json.WriteNumber("count", group.Tasks.Count);
            json.WriteString("within", BlockedTasks.Within(group.Stack)?.Symbol);
            json.WriteStartArray("functions");
            foreach (Frame frame in group.Stack.Frames)
                json.WriteStringValue((frame.Location?.Symbol ?? $"0x{frame.Ip}") + (frame.Kind == FrameKind.Guess ? "?" : ""));
            json.WriteEndArray();
            json.WriteStartArray("tasks");
            foreach (TaskStruct task in group.Tasks)
            {
                json.WriteStartObject();
                json.WriteNumber("pid", task.Pid);
                json.WriteString("comm", task.Comm);
                LocksView.State(json, task);
                if (task.NanosecondsSinceRun is { } ns && !task.OnCpu)
                    json.WriteNumber("nanosecondsSinceRun", ns);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    /// <summary>How many of the tasks a fatal signal or a thaw would wake: those are not hung, however long they wait.</summary>
    public static string Notes(IReadOnlyList<TaskStruct> tasks)
    {
        string[] notes = [.. tasks.Where(t => t.SleepNote.Length > 0).GroupBy(t => t.SleepNote)
            .Select(g => g.Count() == tasks.Count ? g.Key : $"{g.Count()} {g.Key}")];
        return notes.Length == 0 ? "" : $" ({string.Join(", ", notes)})";
    }

    /// <summary>The callers from the innermost function outside of the scheduler.</summary>
    private static string Where(Stack stack)
    {
        if (stack.Frames.Count == 0)
            return stack.UserRegisters is not null ? "user mode" : stack.Stopped ?? "no stack";
        string[] names = [.. stack.Frames.Select(f => (f.Location is { } at ? at.Symbol + (at.Module is null ? "" : $" [{at.Module}]")
            : $"{f.Ip}") + (f.Kind == FrameKind.Guess ? "?" : ""))];
        int from = BlockedTasks.Within(stack) is { } within ? Math.Max(0, stack.Frames.ToList().FindIndex(f => f.Location == within)) : 0;
        return string.Join(" ← ", names.Skip(from).Take(Callers)) + (names.Length - from > Callers ? " ← …" : "");
    }
}
