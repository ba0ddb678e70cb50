using System.Text.Json;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Formats.Dwarf;
using Kdump.Kernel;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Unwind;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore bt</c>: stacks with the tasks that have them.</summary>
internal sealed class StacksView
{
    private readonly Vmcore vmcore;
    private readonly List<(Stack Stack, IReadOnlyList<TaskStruct> Tasks, int? Cpu)> stacks = [];

    private StacksView(Vmcore vmcore) => this.vmcore = vmcore;

    /// <param name="states">Only tasks in these states, as ps shows them; empty: all tasks.</param>
    public static StacksView OfAll(Vmcore vmcore, IReadOnlyList<string> states)
    {
        var view = new StacksView(vmcore);
        foreach (StackGroup group in vmcore.Stacks().All(StackGroupsView.InStates(vmcore, states)))
            view.stacks.Add((group.Stack, group.Tasks, null));
        return view;
    }

    public static StacksView OfTask(Vmcore vmcore, int pid)
    {
        var view = new StacksView(vmcore);
        TaskStruct[] tasks = [.. vmcore.Tasks.Need(vmcore.Dump.Name, "tasks").All.Where(t => t.Pid == pid)];
        if (tasks.Length == 0)
            throw new InputException(vmcore.Dump.Name, "--pid", -1, $"no task has the id {pid}");
        foreach (TaskStruct task in tasks)
            view.stacks.Add((vmcore.Stacks().Of(task), [task], null));
        return view;
    }

    /// <summary>The task that ran on a CPU (null: on the CPU that crashed). If tasks cannot be read, uses only the registers.</summary>
    public static StacksView OfCpu(Vmcore vmcore, int? asked)
    {
        int cpu = asked ?? vmcore.Crash.Cpu ?? vmcore.Registers.Keys.Order().Cast<int?>().FirstOrDefault()
            ?? throw new InputException(vmcore.Dump.Name, "crashing CPU", -1, "the dump does not name it and has no CPU registers");
        var view = new StacksView(vmcore);
        TaskStruct? task = vmcore.Tasks.Value?.Current(cpu);
        if (vmcore.Registers.TryGetValue(cpu, out Registers? registers))
            view.stacks.Add((vmcore.Stacks().Of(cpu, registers), task is null ? [] : [task], cpu));
        else if (task is not null)
            view.stacks.Add((vmcore.Stacks().Of(task), [task], cpu));
        else
            throw new InputException(vmcore.Dump.Name, "--cpu", -1, $"the dump has no registers of CPU {cpu}, and its task cannot be read");
        return view;
    }

    /// <param name="words">With the words of each frame's part of the stack.</param>
    public void Text(Context context, bool words = false)
    {
        TextWriter output = context.Output;
        MemoryText? memory = words ? new MemoryText(vmcore.Memory, output, new AddressBrief(vmcore)) : null;
        foreach ((Stack stack, IReadOnlyList<TaskStruct> tasks, int? cpu) in stacks)
        {
            foreach (TaskStruct task in tasks.Take(tasks.Count > 12 ? 8 : 12))
                output.WriteLine(
                    $"PID: {task.Pid,-7} TASK: {task.Address}  CPU: {task.Cpu,-3} {task.State}  COMMAND: " +
                    $"\"{Printable.Escape(task.Comm)}\"{(IsCrashed(task) ? "  <- crashed" : "")}");
            if (tasks.Count > 12)
                output.WriteLine(
                    $"… and {tasks.Count - 8} more with the same stack: " +
                    $"{Printable.Escape(string.Join(' ', tasks.Skip(8).Take(40).Select(t => t.Pid)))}{(tasks.Count > 48 ? " …" : "")}");
            if (tasks.Count == 0)
                output.WriteLine($"CPU: {cpu}  (its task cannot be read)");
            for (int i = 0; i < stack.Frames.Count; i++)
            {
                WriteFrame(output, i, stack.Frames[i]);
                memory?.Told(stack.Frames[i].Sp, WordsOf(stack, i));
            }
            if (stack.UserRegisters is { } user)
                output.WriteLine($"    user mode  {user.Brief}");
            if (stack.Stopped is not null)
                output.WriteLine($"    (stopped: {Printable.Escape(stack.Stopped)})");
            output.WriteLine();
        }
    }

    public void Json(TextWriter output) => UnreadText.Json(output, vmcore, "kdt.vmcore.bt/1", json =>
    {
        json.WriteStartArray("threads");
        foreach ((Stack stack, IReadOnlyList<TaskStruct> tasks, int? cpu) in stacks)
        {
            if (tasks.Count == 0)
                WriteThread(json, stack, null, cpu);
            foreach (TaskStruct task in tasks)
                WriteThread(json, stack, task, cpu);
        }
        json.WriteEndArray();
    });

    private void WriteThread(Utf8JsonWriter json, Stack stack, TaskStruct? task, int? cpu)
    {
        json.WriteStartObject();
        json.WriteNumber("pid", task?.Pid ?? -1);
        json.WriteNumber("tgid", task?.Tgid ?? -1);
        json.WriteString("comm", task?.Comm);
        json.WriteNumber("cpu", task?.Cpu ?? cpu ?? -1);
        if (task is not null)
            LocksView.State(json, task);
        else
            json.WriteNull("state");
        if (task is not null)
            json.WriteString("task", task.Address.ToString());
        if (vmcore.Crash is { Cpu: null, Running: not true })
            json.WriteNull("crashed");
        else
            json.WriteBoolean("crashed", task is null ? cpu == vmcore.Crash.Cpu : IsCrashed(task));
        json.WriteStartArray("frames");
        foreach (Frame frame in stack.Frames)
        {
            json.WriteStartObject();
            json.WriteString("ip", $"0x{frame.Ip}");
            json.WriteString("symbol", frame.Location?.Symbol);
            if (frame.Location is { } at)
                json.WriteNumber("offset", at.Offset);
            else
                json.WriteNull("offset");
            json.WriteString("module", frame.Location?.Module);
            json.WriteString("kind", NameOf(frame.Kind));
            WriteSource(json, frame);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (stack.Stopped is not null)
            json.WriteString("stopped", stack.Stopped);
        json.WriteEndObject();
    }

    private bool IsCrashed(TaskStruct task) => vmcore.Crash.Task?.Address == task.Address;

    /// <summary>Where the frame is in the source, for who gave a vmlinux: innermost inlined function first.</summary>
    private void WriteSource(Utf8JsonWriter json, Frame frame)
    {
        if (vmcore.Debug is null)
            return;
        json.WriteStartArray("source");
        foreach (SourcePlace place in Source(frame))
            SourceText.Json(json, place);
        json.WriteEndArray();
    }

    private IReadOnlyList<SourcePlace> Source(Frame frame) =>
        frame.Location is null ? [] : vmcore.Debug?.At(frame.Ip, frame.Exact) ?? [];

    private void WriteFrame(TextWriter output, int number, Frame frame)
    {
        string where = frame.Location is { } at ? Printable.Escape(at.ToString()) : "(no symbol)";
        string mark = frame.Kind switch { FrameKind.Guess => "  ? guess", FrameKind.Call => "", _ => $"  <{NameOf(frame.Kind)}>" };
        output.WriteLine($"{"#" + number,4} [{frame.Sp}] {frame.Ip} {where}{mark}");
        foreach (SourcePlace place in Source(frame))
            output.WriteLine($"       {SourceText.Of(place)}");
        foreach (string line in frame.Registers?.Lines() ?? [])
            output.WriteLine($"       {line}");
    }

    /// <summary>
    /// Words between a frame's stack pointer and that of its caller; 0 if the caller is on another stack (interrupt, exception), or the
    /// frame is the last one.
    /// </summary>
    private long WordsOf(Stack stack, int i)
    {
        if (i + 1 >= stack.Frames.Count)
            return 0;
        ulong from = stack.Frames[i].Sp.Value, to = stack.Frames[i + 1].Sp.Value;
        return to > from && to - from < (ulong)vmcore.StackSize ? (long)(to - from) / 8 : 0;
    }

    private static string NameOf(FrameKind kind) => kind switch
    {
        FrameKind.Call => "call",
        FrameKind.Exception => "exception",
        FrameKind.Interrupt => "interrupt",
        FrameKind.Syscall => "syscall",
        _ => "guess",
    };
}
