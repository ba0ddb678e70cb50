using Kdump.Cli.Terminals;
using Kdump.Kernel;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore mounts</c>: mounts of a namespace, and file systems that are not mounted in it.</summary>
internal static class MountsView
{
    private static readonly Table<MountPoint> Points = new(
        new("id", "ID", m => m.Id) { Right = true },
        new("parent", "PARENT", m => m.ParentId) { Right = true },
        new("device", "DEV", m => m.FileSystem.Device) { Right = true },
        new("type", "TYPE", m => m.FileSystem.Type),
        new("source", "SOURCE", m => m.Source),
        new("flags", "FLAGS", m => m.Flags),
        new("superOptions", "FS-FLAGS", m => m.FileSystem.Options),
        new("frozen", "FROZEN", m => m.FileSystem.Frozen),
        new("dirtyInodes", "DIRTY", m => m.FileSystem.DirtyInodes) { Right = true },
        new("superBlock", "SUPER-BLOCK", m => m.FileSystem.Address.ToString()),
        new("mount", null, m => m.Address.ToString()),
        new("root", null, m => m.Root),
        new("path", "PATH", m => m.Path) { Text = m => (m.Path ?? "<missing>") +
            (m.Root is null or "/" ? "" : $" (subdirectory {m.Root})") });

    private static readonly Table<SuperBlock> Systems = new(
        new("device", "DEV", s => s.Device) { Right = true },
        new("type", "TYPE", s => s.Type),
        new("id", "ID", s => s.Id),
        new("options", "FS-FLAGS", s => s.Options),
        new("frozen", "FROZEN", s => s.Frozen),
        new("dirtyInodes", "DIRTY", s => s.DirtyInodes) { Right = true },
        new("superBlock", "SUPER-BLOCK", s => s.Address.ToString()));

    public static void Text(Context context, Vmcore vmcore, int? pid)
    {
        Mounts mounts = Read(vmcore, pid);
        Points.Text(context.Output, mounts.All);
        HashSet<ulong> here = [.. mounts.All.Select(m => m.FileSystem.Address.Value)];
        SuperBlock[] others = [.. mounts.FileSystems.Where(s => !here.Contains(s.Address.Value))];
        if (others.Length > 0)
        {
            context.Output.WriteLine();
            context.Output.WriteLine("File systems that are not mounted in this namespace:");
            Systems.Text(context.Output, others);
        }
        UnreadText.Lost(vmcore, mounts.Damages);
    }

    public static void Json(TextWriter output, Vmcore vmcore, int? pid)
    {
        Mounts mounts = Read(vmcore, pid);
        UnreadText.Json(output, vmcore, "kdt.vmcore.mounts/1", json =>
        {
            Points.Json(json, "mounts", mounts.All);
            Systems.Json(json, "fileSystems", mounts.FileSystems);
            UnreadText.Lost(json, vmcore, mounts.Damages);
        });
    }

    private static Mounts Read(Vmcore vmcore, int? pid) => new(vmcore, pid is int p ? TaskByPid.Find(vmcore, p)
        : vmcore.Tasks.Value?.All.FirstOrDefault(t => t.Pid == 1));
}
