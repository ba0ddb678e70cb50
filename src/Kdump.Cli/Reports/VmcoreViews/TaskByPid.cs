using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Structs;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>Finds a thread by its number.</summary>
internal static class TaskByPid
{
    /// <exception cref="InputException">There is no such thread.</exception>
    public static TaskStruct Find(Vmcore vmcore, int pid) =>
        vmcore.Tasks.Need(vmcore.Dump.Name, "tasks").All.FirstOrDefault(t => t.Pid == pid)
            ?? throw new InputException(vmcore.Dump.Name, "--pid", -1, $"there is no thread {pid}; kdt vmcore ps lists all threads");
}
