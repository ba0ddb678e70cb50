using System.Text.Json;
using Kdump.Cli.Terminals;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore signals --pid</c>: the signals that are pending for a thread, and their handlers.</summary>
internal sealed class SignalsView
{
    private readonly Vmcore vmcore;
    private readonly List<(TaskStruct Task, SignalState State)> all = [];

    public SignalsView(Vmcore vmcore, int pid)
    {
        this.vmcore = vmcore;
        foreach (TaskStruct task in vmcore.Tasks.Need(vmcore.Dump.Name, "tasks").All.Where(t => t.Pid == pid || t.Tgid == pid))
            all.Add((task, Signals.Of(vmcore, task)));
        if (all.Count == 0)
            throw new InputException(vmcore.Dump.Name, "--pid", -1, $"no task has the id {pid}");
    }

    public void Text(Context context)
    {
        TextWriter output = context.Output;
        foreach ((TaskStruct task, SignalState state) in all)
        {
            output.WriteLine($"{LocksView.Who(task)} {task.State}");
            output.WriteLine($"  blocked: {Set(state.Blocked)}");
            output.WriteLine($"  pending, for the thread: {Set(state.Pending)}");
            foreach (QueuedSignal signal in state.Queued)
                output.WriteLine($"    {Signals.Name(signal.Number)}{From(signal)}");
            output.WriteLine($"  pending, for the process: {Set(state.SharedPending)}");
            foreach (QueuedSignal signal in state.SharedQueued)
                output.WriteLine($"    {Signals.Name(signal.Number)}{From(signal)}");
            if (task.Pid == task.Tgid || all.Count == 1)
                foreach (SignalAction action in state.Actions.Where(a => a.Handler != 0))
                    output.WriteLine($"  {Signals.Name(action.Number)}: " +
                        $"{(action.Handler == 1 ? "ignored" : $"handler at {action.Handler:x16}, flags 0x{action.Flags:x}")}");
            UnreadText.Lost(vmcore, state.Damages);
        }
    }

    public void Json(TextWriter output) => UnreadText.Json(output, vmcore, "kdt.vmcore.signals/1", json =>
    {
        json.WriteStartArray("threads");
        foreach ((TaskStruct task, SignalState state) in all)
        {
            UnreadText.Lost(vmcore, state.Damages);
            json.WriteStartObject();
            json.WriteNumber("pid", task.Pid);
            json.WriteString("comm", task.Comm);
            Write(json, "blocked", state.Blocked);
            Write(json, "pending", state.Pending);
            Write(json, "sharedPending", state.SharedPending);
            Write(json, "queued", state.Queued);
            Write(json, "sharedQueued", state.SharedQueued);
            json.WriteStartArray("actions");
            foreach (SignalAction action in state.Actions.Where(a => a.Handler != 0))
            {
                json.WriteStartObject();
                json.WriteNumber("signal", action.Number);
                json.WriteString("handler", action.Handler == 1 ? "ignore" : $"{action.Handler:x16}");
                json.WriteNumber("flags", action.Flags);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    private static void Write(Utf8JsonWriter json, string name, ulong set)
    {
        json.WriteStartArray(name);
        foreach (int number in Signals.Numbers(set))
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<QueuedSignal> signals)
    {
        json.WriteStartArray(name);
        foreach (QueuedSignal signal in signals)
        {
            json.WriteStartObject();
            json.WriteNumber("signal", signal.Number);
            json.WriteNumber("code", signal.Code);
            if (signal.Sender is { } sender)
                json.WriteNumber("sender", sender);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static string Set(ulong set) => set == 0 ? "none" : string.Join(' ', Signals.Numbers(set).Select(Signals.Name));

    private static string From(QueuedSignal signal) => signal.Code switch
    {
        0 => $", kill() by {signal.Sender}",
        -1 => $", sigqueue() by {signal.Sender}",
        -2 => ", a timer",
        -6 => $", tgkill() by {signal.Sender}",
        0x80 => ", the kernel",
        _ => $", code {signal.Code}",
    };
}
