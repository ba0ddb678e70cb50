using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Machines;

/// <summary>
/// Finds the file system of a folder for dumps, where no target is named: the mount point above it, now or by /etc/fstab. /var
/// often has a file system of its own. Authority: kdump-utils mkdumprd handle_default_dump_target, openSUSE/kdump mkdumprd
/// get_mount (both ask for the mount of the folder), kdump-tools kdump-config (it writes into the folder).
/// </summary>
internal static class SavePath
{
    public const string Default = Fstab.DefaultFolder;

    /// <summary>The folder that the settings of the tools name.</summary>
    public static string Of(KdumpTools tools, Facts settings) => tools switch
    {
        KdumpTools.Debian => Fstab.FolderOf(settings, "KDUMP_COREDIR"),
        KdumpTools.Suse => settings.Of<DumpTarget>().FirstOrDefault(t => t is { Kind: TargetKind.Root, Path: ['/', ..] })?.Path ?? Default,
        _ => Fstab.FolderOf(settings, "path"),
    };

    /// <summary>
    /// The target of a dump without a named one: the file system of the folder; the root's for kdump-tools, whose crash kernel
    /// boots it.
    /// </summary>
    public static DumpTarget? Root(MachineTree root, KdumpTools tools, Facts settings)
    {
        if (tools is KdumpTools.RedHat or KdumpTools.Suse && Target(root, Of(tools, settings)) is { Kind: not TargetKind.Root } own)
            return own;
        var fstab = new Facts();
        root.Parse("/etc/fstab", new Fstab(FstabScope.Root), fstab);
        return fstab.Of<DumpTarget>().FirstOrDefault();
    }

    /// <summary>
    /// The other devices that must be there where the crash kernel starts the machine's own root and writes the dump after that: those
    /// of /etc/fstab without which local-fs.target fails, and with it the start.
    /// </summary>
    public static IReadOnlyList<DumpTarget> Started(MachineTree root, KdumpTools tools, Facts settings)
    {
        var fstab = new Facts();
        if (tools == KdumpTools.Debian)
            root.Parse("/etc/fstab", new Fstab(FstabScope.Start, Of(tools, settings)), fstab);
        return [.. fstab.Of<DumpTarget>().Where(t => t.Kind != TargetKind.Root)];
    }

    /// <summary>The target of the path; null if nothing tells it, or if what is mounted there cannot hold a dump.</summary>
    public static DumpTarget? Target(MachineTree root, string path)
    {
        string real = root.Resolve(path) ?? path, point = "";
        DumpTarget? found = null;
        foreach (string file in new[] { "/proc/mounts", "/etc/fstab" })
        {
            int number = 0;
            foreach (string line in (root.Text(file) ?? "").Split('\n'))
            {
                number++;
                string[] words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
                if (words.Length < 3 || words[0][0] == '#' || !Fstab.Holds(words[1], real) || words[1].Length < point.Length ||
                    words[2] is "autofs" or "rootfs" or "overlay")
                    continue;
                // The name in fstab (an id) is stable, the kernel's name is not.
                point = words[1];
                found = Fstab.TargetOf(Source.Of(root.Shown(file), line, number), words[0], words[1], words[2]);
            }
        }
        return found is null ? null : found with { Path = real[(point == "/" ? 0 : point.Length)..] };
    }
}
