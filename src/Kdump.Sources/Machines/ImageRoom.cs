using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Machines;

/// <summary>Room on the dump target and memory in use: live by statvfs, in a saved folder by what df printed.</summary>
public static class ImageRoom
{
    /// <param name="collector">The command that writes the dump: <see cref="DumpCommand"/>.</param>
    public static void Collect(MachineTree root, string? collector, Facts facts)
    {
        root.Parse("/proc/meminfo", new DumpForecastLines(collector), facts);
        if (facts.Of<TargetNode>() is not [var target, ..])
            return;
        string node = target.Node;
        if (root.Name == "/")
        {
            Live(root, target.Spec, node, facts);
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
                    facts.Add(new TargetRoom(Source.Of(root.Shown(path), line, number), target.Spec, free * 1024));
                    return;
                }
            }
        }
    }

    private static void Live(MachineTree root, string spec, string node, Facts facts)
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
                    spec, new DriveInfo(words[1]).AvailableFreeSpace));
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
