using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Kernel;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore ipc</c>: shared memory, semaphores and message queues by namespace.</summary>
internal static class IpcView
{
    private const int Shown = 16;

    public static void Text(Context context, Vmcore vmcore)
    {
        Ipc ipc = Of(vmcore);
        TextWriter output = context.Output;
        foreach (IGrouping<uint, IpcObject> space in ipc.All.GroupBy(o => o.Namespace).OrderByDescending(g => g.Key))
        {
            output.WriteLine($"ipc namespace {space.Key}");
            foreach (IpcMemory o in Sorted<IpcMemory>(space))
                output.WriteLine($"  shm {Head(o)} {o.Bytes,12} {Counted.Named((long)o.Bytes, "byte")}, " +
                    $"mapped {Counted.Of(o.Attached, "time")}, created by {o.Creator}" +
                    (o.Removed ? ", to be removed" : ""));
            foreach (IpcSemaphores o in Sorted<IpcSemaphores>(space))
                output.WriteLine($"  sem {Head(o)} {o.Values.Count} semaphores: {string.Join(' ', o.Values.Take(Shown))}" +
                    (o.Values.Count > Shown ? " …" : "") + Waiting(o.Waiting));
            foreach (IpcQueue o in Sorted<IpcQueue>(space))
                output.WriteLine(
                    $"  msg {Head(o)} {Counted.Of(o.Messages, "message")}, {o.Bytes} of {o.MaxBytes} bytes{Waiting(o.Waiting)}");
        }
        UnreadText.Lost(vmcore, ipc.Damages);
        if (ipc.All.Count == 0)
            output.WriteLine(UnreadText.None(vmcore, "no System V IPC objects"));
    }

    public static void Json(TextWriter output, Vmcore vmcore)
    {
        Ipc ipc = Of(vmcore);
        UnreadText.Json(output, vmcore, "kdt.vmcore.ipc/1", json =>
        {
            json.WriteStartArray("objects");
            foreach (IpcObject o in ipc.All.OrderByDescending(o => o.Namespace).ThenBy(o => o.GetType().Name, StringComparer.Ordinal)
                .ThenBy(o => o.Id))
            {
                json.WriteStartObject();
                json.WriteString("kind", o switch { IpcMemory => "shm", IpcSemaphores => "sem", _ => "msg" });
                json.WriteNumber("namespace", o.Namespace);
                json.WriteNumber("id", o.Id);
                json.WriteString("key", $"0x{o.Key:x8}");
                json.WriteNumber("uid", o.User);
                json.WriteString("mode", Convert.ToString(o.Mode & 0x1ff, 8));
                json.WriteString("address", o.Address.ToString());
                switch (o)
                {
                    case IpcMemory memory:
                        json.WriteNumber("bytes", memory.Bytes);
                        json.WriteNumber("attached", memory.Attached);
                        json.WriteNumber("creator", memory.Creator);
                        json.WriteBoolean("removed", memory.Removed);
                        break;
                    case IpcSemaphores set:
                        Write("values", set.Values);
                        Write("waiting", set.Waiting);
                        break;
                    case IpcQueue queue:
                        json.WriteNumber("messages", queue.Messages);
                        json.WriteNumber("bytes", queue.Bytes);
                        json.WriteNumber("maxBytes", queue.MaxBytes);
                        Write("waiting", queue.Waiting);
                        break;
                }
                json.WriteEndObject();
            }
            json.WriteEndArray();
            UnreadText.Lost(json, vmcore, ipc.Damages);

            void Write(string name, IReadOnlyList<int> numbers)
            {
                json.WriteStartArray(name);
                foreach (int number in numbers)
                    json.WriteNumberValue(number);
                json.WriteEndArray();
            }
        });
    }

    private static Ipc Of(Vmcore vmcore) => new(vmcore, vmcore.Tasks.Need(vmcore.Dump.Name, "tasks").All);

    private static IEnumerable<T> Sorted<T>(IEnumerable<IpcObject> all) where T : IpcObject => all.OfType<T>().OrderBy(o => o.Id);

    private static string Head(IpcObject o) =>
        $"id {o.Id,8} key 0x{o.Key:x8} uid {o.User,5} mode {Convert.ToString(o.Mode & 0x1ff, 8),3} {o.Address}";

    private static string Waiting(IReadOnlyList<int> pids) =>
        pids.Count == 0 ? "" : $", waiters: {string.Join(", ", pids.Take(Shown))}{(pids.Count > Shown ? " …" : "")}";
}
