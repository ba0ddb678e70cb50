using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Kernel;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore files --pid</c>: the open files of a process.</summary>
internal static class FilesView
{
    /// <summary>O_* of x86-64 and most others, include/uapi/asm-generic/fcntl.h.</summary>
    private static readonly (uint Bit, string Name)[] Names =
    [
        (0x400, "append"), (0x800, "nonblock"), (0x1000, "dsync"), (0x2000, "async"), (0x4000, "direct"), (0x1_0000, "directory"),
        (0x2_0000, "nofollow"), (0x4_0000, "noatime"), (0x10_0000, "sync"), (0x20_0000, "path"), (0x40_0000, "tmpfile"),
    ];

    private static readonly Table<OpenFile> Files = new(
        new("fd", "FD", f => f.Number) { Right = true },
        new("kind", "TYPE", f => f.Kind),
        new("flags", "FLAGS", Flags),
        new("position", "POS", f => f.Position) { Right = true },
        new("file", "FILE", f => f.File.ToString()),
        new("inode", null, f => f.Inode.ToString()),
        new("path", "PATH", f => f.Path),
        new("socket", "", f => f.Socket?.Words) { Text = f => f.Socket?.Words ?? "" });

    public static void Text(Context context, Vmcore vmcore, int pid)
    {
        OpenFiles files = Read(vmcore, pid);
        context.Output.WriteLine($"{Printable.Escape(files.Task.Comm)} ({files.Task.Pid}): {Counted.Of(files.All.Count, "open file")}, " +
            $"in {Printable.Escape(files.Cwd ?? "<missing>")}, root {Printable.Escape(files.Root ?? "<missing>")}");
        Files.Text(context.Output, files.All);
        UnreadText.Lost(vmcore, files.Damages);
    }

    public static void Json(TextWriter output, Vmcore vmcore, int pid)
    {
        OpenFiles files = Read(vmcore, pid);
        UnreadText.Json(output, vmcore, "kdt.vmcore.files/1", json =>
        {
            json.WriteNumber("pid", files.Task.Pid);
            json.WriteString("comm", files.Task.Comm);
            json.WriteString("cwd", files.Cwd);
            json.WriteString("root", files.Root);
            Files.Json(json, "files", files.All);
            UnreadText.Lost(json, vmcore, files.Damages);
        });
    }

    private static List<string> Flags(OpenFile file)
    {
        List<string> words = [(file.Flags & 3) switch { 0 => "r", 1 => "w", 2 => "rw", _ => "-" }];
        foreach ((uint bit, string name) in Names)
            if ((file.Flags & bit) != 0)
                words.Add(name);
        if (file.CloseOnExec)
            words.Add("cloexec");
        return words;
    }

    private static OpenFiles Read(Vmcore vmcore, int pid) => new(vmcore, TaskByPid.Find(vmcore, pid));
}
