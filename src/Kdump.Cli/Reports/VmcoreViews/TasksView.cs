using System.Globalization;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Kernel;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore ps</c>.</summary>
internal static class TasksView
{
    public static void Text(Context context, Vmcore vmcore)
    {
        Tasks tasks = vmcore.Tasks.Need(vmcore.Dump.Name, "tasks");
        context.Output.WriteLine($"  {"PID",7} {"TGID",7} {"PPID",7} {"CPU",3} {"TASK",-16} ST {"SINCE",10} COMMAND");
        foreach (TaskStruct task in tasks.All)
        {
            string since = task.OnCpu ? "running" : task.NanosecondsSinceRun is ulong ns ? (ns / 1e9)
                .ToString("0.000", CultureInfo.InvariantCulture) : "";
            string comm = task.KernelThread ? $"[{task.Comm}]" : task.Comm;
            context.Output.WriteLine(
                $"{(task.OnCpu ? '>' : ' ')} {task.Pid,7} {task.Tgid,7} {task.ParentPid,7} {task.Cpu,3} {task.Address} {task.State} " +
                $"{since,10} {Printable.Escape(comm)}");
        }
        LostRecords.Tell(context, tasks.Damages);
    }

    public static void Json(TextWriter output, Vmcore vmcore)
    {
        Tasks tasks = vmcore.Tasks.Need(vmcore.Dump.Name, "tasks");
        JsonText.Write(output, "kdt.vmcore.ps/1", json =>
        {
            json.WriteStartArray("tasks");
            foreach (TaskStruct task in tasks.All)
            {
                json.WriteStartObject();
                json.WriteNumber("pid", task.Pid);
                json.WriteNumber("tgid", task.Tgid);
                json.WriteNumber("ppid", task.ParentPid);
                json.WriteString("comm", task.Comm);
                json.WriteString("state", task.State);
                json.WriteNumber("cpu", task.Cpu);
                json.WriteBoolean("kernelThread", task.KernelThread);
                json.WriteBoolean("onCpu", task.OnCpu);
                json.WriteString("task", task.Address.ToString());
                if (task.NanosecondsSinceRun is ulong ns)
                    json.WriteNumber("nanosecondsSinceRun", ns);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteNumber("damaged", tasks.Damages.Count);
        });
    }
}
