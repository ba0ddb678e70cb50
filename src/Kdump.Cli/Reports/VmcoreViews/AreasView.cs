using System.Globalization;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Kernel;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore vm --pid</c>: the areas of a process's memory.</summary>
internal static class AreasView
{
    private static Table<ProcessArea> Areas(long kib) => new(
        new("start", "START", a => a.Area.Start.ToString()) { Text = a => $"{a.Area.Start.Value:x12}" },
        new("end", "END", a => a.Area.End.ToString()) { Text = a => $"{a.Area.End.Value:x12}" },
        new("permissions", "PERM", a => a.Area.Permissions),
        new("offset", "OFFSET", a => a.Area.File.Value == 0 ? 0 : (long)(a.Area.PageOffset * (ulong)kib << 10)) { Right = true,
            Text = a => a.Area.File.Value == 0 ? "-" : $"{a.Area.PageOffset * (ulong)kib << 10:x}" },
        new("inode", "INODE", a => a.Inode) { Right = true },
        new("residentKib", "RSS-KIB", a => a.Resident * kib) { Right = true },
        new("swappedKib", "SWAP-KIB", a => a.Swapped * kib) { Right = true },
        new("unknownPages", null, a => a.Unread),
        new("flags", "FLAGS", a => $"{a.Area.Flags:x}") { Right = true },
        new("name", "NAME", a => a.Name) { Text = a => a.Unread > 0
            ? $"{a.Name} <{Counted.Of(a.Unread, "page")}: their table is not in the dump>"
            : a.Name });

    public static void Text(Context context, Vmcore vmcore, int pid)
    {
        ProcessAreas memory = Read(vmcore, pid);
        ProcessMemory mm = memory.Mm;
        long kib = OomView.Kib(vmcore);
        context.Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Printable.Escape(memory.Task.Comm)} ({memory.Task.Pid}): " +
                $"{(long)mm.TotalPages * kib} kB in {Counted.Of(memory.Areas.Count, "area")}, {mm.ResidentPages * kib} kB resident " +
                $"({mm.AnonymousPages * kib} anonymous, {mm.FilePages * kib} file, " +
                $"{mm.SharedMemoryPages * kib} shared memory), {mm.SwappedPages * kib} kB swapped"));
        Areas(kib).Text(context.Output, memory.Areas);
        UnreadText.Lost(vmcore, memory.Damages);
    }

    public static void Json(TextWriter output, Vmcore vmcore, int pid)
    {
        ProcessAreas memory = Read(vmcore, pid);
        UnreadText.Json(output, vmcore, "kdt.vmcore.vm/1", json =>
        {
            json.WriteNumber("pid", memory.Task.Pid);
            json.WriteString("comm", memory.Task.Comm);
            json.WriteString("mm", memory.Mm.Address.ToString());
            json.WriteNumber("totalKib", (long)memory.Mm.TotalPages * OomView.Kib(vmcore));
            json.WriteNumber("residentKib", memory.Mm.ResidentPages * OomView.Kib(vmcore));
            json.WriteNumber("swappedKib", memory.Mm.SwappedPages * OomView.Kib(vmcore));
            Areas(OomView.Kib(vmcore)).Json(json, "areas", memory.Areas);
            UnreadText.Lost(json, vmcore, memory.Damages);
        });
    }

    private static ProcessAreas Read(Vmcore vmcore, int pid) => new(vmcore, TaskByPid.Find(vmcore, pid), vmcore.Tasks.Value!);
}
