using System.Diagnostics;
using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;

namespace Kdump.Sources.Rehearsals;

/// <summary>The dump that a rehearsal left on its scratch disk, taken out without mounting it and opened.</summary>
/// <param name="Path">On the scratch disk.</param>
/// <param name="Release">The kernel it is of; empty where it does not open.</param>
/// <param name="Trouble">Why it does not open; empty when it does.</param>
public sealed record RehearsedDump(string Path, long Bytes, string Release, string Trouble)
{
    private const int MaxDepth = 3;

    /// <summary>Null if the file system is not one of ext, debugfs is not installed, or there is no dump and none was announced.</summary>
    /// <param name="announced">The crash kernel said that it saved one: it may have deleted it again, or its disk did not keep it.</param>
    public static RehearsedDump? Find(RehearsalPlan plan, string disk, string folder, bool announced)
    {
        if (plan.Raw is { } raw)
            return OfPartition(plan, raw, disk, folder);
        if (plan.FileSystem is not ("ext2" or "ext3" or "ext4"))
            return null;
        string start = plan.Target?.Path is ['/', ..] path && !plan.PlaysRoot ? path.TrimEnd('/') : "/var/crash";
        // The path in dracut's --mount is the mount point of the target, not a folder on it.
        string? file = Search(disk, start, 0) ?? Search(disk, "/var/crash", 0) ?? Search(disk, "/", 0);
        if (file is null)
            return announced && HostProgram.Find("debugfs") is not null ? new("", 0, "", "none lies on the scratch disk") : null;
        string copy = System.IO.Path.Combine(folder, "vmcore");
        Debugfs(disk, $"dump {file} {copy}");
        if (!File.Exists(copy))
            return null;
        return Open(copy, file, new FileInfo(copy).Length);
    }

    /// <summary>A dump that begins at the start of a partition; null where nothing was written there.</summary>
    private static RehearsedDump? OfPartition(RehearsalPlan plan, RehearsalPartition raw, string disk, string folder)
    {
        string copy = System.IO.Path.Combine(folder, "vmcore");
        using (var from = new FileStream(disk, FileMode.Open, FileAccess.Read))
        {
            (long offset, long length) = raw.Range(from.Length);
            from.Position = offset;
            var head = new byte[4096];
            if (from.Read(head) < head.Length || head.AsSpan().IndexOfAnyExcept((byte)0) < 0)
                return null;
            from.Position = offset;
            using var to = new FileStream(copy, FileMode.Create);
            from.CopyTo(to);
        }
        return Open(copy, plan.Target?.Spec ?? "", new FileInfo(copy).Length);
    }

    internal static RehearsedDump Open(string copy, string file, long bytes)
    {
        try
        {
            using Dump dump = DumpFormats.Open([copy]);
            return new(file, bytes, dump.Info.Release ?? "", dump.Info.Release is null ? "it does not name its kernel" : "");
        }
        catch (InputException e)
        {
            return new(file, bytes, "", e.Reason);
        }
        finally
        {
            File.Delete(copy);
        }
    }

    private static string? Search(string disk, string folder, int depth)
    {
        var folders = new List<string>();
        // /inode/mode/uid/gid/name/size/
        foreach (string line in Debugfs(disk, $"ls -p {folder}").Split('\n'))
        {
            string[] words = line.Split('/');
            if (words.Length < 7 || words[5] is "." or ".." or "lost+found")
                continue;
            if (words[2].StartsWith("04", StringComparison.Ordinal))
                folders.Add($"{folder.TrimEnd('/')}/{words[5]}");
            else if (words[5] is "vmcore" || words[5].StartsWith("dump.", StringComparison.Ordinal))
                return $"{folder.TrimEnd('/')}/{words[5]}";
        }
        return depth >= MaxDepth ? null : folders.Select(f => Search(disk, f, depth + 1)).FirstOrDefault(f => f is not null);
    }

    private static string Debugfs(string disk, string request)
    {
        if (HostProgram.Find("debugfs") is not { } path)
            return "";
        using Process process = Process.Start(new ProcessStartInfo(path, ["-R", request, disk])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return text;
    }
}
