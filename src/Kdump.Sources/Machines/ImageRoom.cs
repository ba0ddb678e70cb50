using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Machines;

/// <summary>Room on the dump target and memory in use: live by statvfs, in a saved folder by what df printed.</summary>
public static class ImageRoom
{
    /// <param name="settings">Settings of the tools, as the crash kernel will read them.</param>
    public static void Collect(MachineTree root, KdumpTools tools, Facts settings, Facts facts)
    {
        root.Parse("/proc/meminfo", new DumpForecastLines(DumpCommand.Of(tools, settings)), facts);
        if (Place(root, tools, settings, facts) is not { } target)
            return;
        string node = target.Node;
        long kept;
        if (tools != KdumpTools.Suse)
            kept = 0;
        else if (long.TryParse(settings.Of<KdumpSetting>().LastOrDefault(s => s.Name == "KDUMP_FREE_DISK_SIZE")?.Value,
            out long megabytes) && megabytes is >= 0 and < 1L << 30)
            kept = megabytes << 20;
        else
            kept = 64L << 20;
        if (root.Name == "/")
        {
            Live(root, target.Spec, node, kept, facts);
            return;
        }
        foreach (string path in new[] { "/commands/df", "/df", "/df.txt", "/sos_commands/filesys/df_-al_-x_autofs",
            "/sos_commands/filesys/df_-al" })
        {
            int number = 0;
            foreach (string line in (root.Text(path) ?? "").Split('\n'))
            {
                number++;
                // Filesystem 1K-blocks Used Available Use% Mounted
                string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (words.Length >= 6 && words[0].StartsWith("/dev/", StringComparison.Ordinal) && NodeOf(root, words[0]) == node &&
                    long.TryParse(words[3], out long free) && free is >= 0 and < 1L << 50)
                {
                    facts.Add(new TargetRoom(Source.Of(root.Shown(path), line, number), target.Spec, free * 1024) { Kept = kept });
                    return;
                }
            }
        }
    }

    /// <summary>
    /// The path to the target ends at a disk; kdump-tools' path ends at the root, and the dump goes into a folder, or over the
    /// network.
    /// </summary>
    private static TargetNode? Place(MachineTree root, KdumpTools tools, Facts settings, Facts facts)
    {
        if (tools == KdumpTools.Debian)
        {
            if (settings.Of<DumpTarget>().Any(t => t.Kind is TargetKind.Nfs or TargetKind.Ssh or TargetKind.Other))
                return null;
            if (SavePath.Target(root, SavePath.Of(tools, settings)) is { Kind: not TargetKind.Root } own)
                return new ImageTargets(root, new Facts()).NodeOf(own) is { } node ? new(own.Source, own.Spec, node) : null;
        }
        return facts.Of<TargetNode>().FirstOrDefault();
    }

    private static void Live(MachineTree root, string spec, string node, long kept, Facts facts)
    {
        foreach (string line in (root.Text("/proc/self/mounts") ?? "").Split('\n'))
        {
            string[] words = line.Split(' ');
            if (words.Length < 4 || !words[0].StartsWith("/dev/", StringComparison.Ordinal) || NodeOf(root, words[0]) != node)
                continue;
            try
            {
                facts.Add(new TargetRoom(new Source(words[1],
                    $"{line}: {Counted.Of(new DriveInfo(words[1]).AvailableFreeSpace, "byte")} free"),
                    spec, new DriveInfo(words[1]).AvailableFreeSpace) { Kept = kept });
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                continue;
            }
            return;
        }
    }

    private static string NodeOf(MachineTree root, string device)
    {
        string path = root.Link(device) ?? device;
        return path[(path.LastIndexOf('/') + 1)..];
    }
}
