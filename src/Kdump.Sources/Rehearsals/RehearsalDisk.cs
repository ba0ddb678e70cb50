using System.Diagnostics;
using Kdump.Formats.Bytes;

namespace Kdump.Sources.Rehearsals;

/// <summary>The scratch disk of a rehearsal: the file system that the image looks for, with its id and label.</summary>
internal static class RehearsalDisk
{
    public static void Make(RehearsalPlan plan, string folder, string disk)
    {
        using (var file = new FileStream(disk, FileMode.CreateNew))
            file.SetLength((long)plan.DiskMegabytes << 20);
        if (plan.Raw is { } raw)
        {
            raw.WriteTable(disk);
            return;
        }
        string content = Path.Combine(folder, "content");
        Directory.CreateDirectory(Path.Combine(content, "var/crash"));
        if (plan.PlaysRoot)
            Root(plan, content);
        string[] ids = [.. Id(plan.FileSystem == "xfs" ? "-m" : "-U", plan.FileSystem == "xfs" && plan.Uuid.Length > 0 ? "uuid=" + plan.Uuid
            : plan.Uuid), .. Id("-L", plan.Label)];
        // xfs is made empty: mkfs.xfs of today's distributions does not fill a new file system from a folder.
        (string program, string package, string[] rest) = plan.FileSystem switch
        {
            "ext2" or "ext3" or "ext4" => ($"mkfs.{plan.FileSystem}", "e2fsprogs", new[] { "-q", "-F", "-d", content, disk }),
            "xfs" => ("mkfs.xfs", "xfsprogs", ["-q", "-f", disk]),
            "btrfs" => ("mkfs.btrfs", "btrfs-progs", ["-q", "-f", "-r", content, disk]),
            _ => throw new InputException(plan.FileSystem, "file system", -1,
                "is not supported by rehearsals: only ext2 to ext4, xfs and btrfs are"),
        };
        string[] arguments = [.. ids, .. rest];
        string path = HostProgram.Find(program) ?? throw new InputException(program, "scratch disk", -1,
            $"is not installed: install {package}");
        using Process process = Process.Start(new ProcessStartInfo(path, arguments)
        { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        string trouble = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InputException(program, "scratch disk", -1, trouble.Trim());
    }

    private static string[] Id(string option, string value) => value.Length == 0 ? [] : [option, value];

    /// <summary>A root file system with our /sbin/init, makedumpfile and what it is linked to.</summary>
    private static void Root(RehearsalPlan plan, string content)
    {
        foreach (string name in new[] { "proc", "sys", "dev", "run", "tmp", "sbin", "usr/bin", "etc" })
            Directory.CreateDirectory(Path.Combine(content, name));
        Write("sbin/init", RehearsalPrograms.Root());
        foreach ((string path, string from) in plan.RootFiles)
            Write(path.TrimStart('/'), File.ReadAllBytes(from));

        void Write(string path, byte[] bytes)
        {
            string full = Path.Combine(content, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllBytes(full, bytes);
            File.SetUnixFileMode(full, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead |
                UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }
    }
}
