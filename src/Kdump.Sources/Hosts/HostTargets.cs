using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Machines;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Hosts;

/// <summary>
/// The dump target as the machine's own configuration names it, followed on the machine: whether it is there, holds what is written, is
/// mounted, and has the folder. Authority: kdump-utils mkdumprd check_user_configured_target, which refuses to build an image otherwise.
/// </summary>
public static class HostTargets
{
    /// <param name="follow">No image named a target: the way to the machine's own is facts, too.</param>
    public static void Collect(MachineTree root, KdumpTools tools, Facts settings, bool follow, Facts facts)
    {
        DumpTarget? target = settings.Of<DumpTarget>().FirstOrDefault();
        var own = new Facts();
        var targets = new ImageTargets(root, own);
        if (target is null or { Kind: TargetKind.Root, Spec.Length: 0 })
        {
            if (tools == KdumpTools.RedHat)
                Folder(root, settings, facts);
            target = tools == KdumpTools.None ? null : SavePath.Root(root, tools, settings);
            if (target is not null && follow)
                targets.Follow(target, null);
            if (follow)
                facts.AddRange(OfMachine(own));
            return;
        }
        targets.Follow(target, null);
        if (follow)
            facts.AddRange(OfMachine(own));
        // mkdumprd hands dracut_args on as they are.
        if (tools != KdumpTools.RedHat || target.Source.Text.TrimStart().StartsWith("dracut_args", StringComparison.Ordinal) ||
            target.Kind is not (TargetKind.FileSystem or TargetKind.Raw) ||
            targets.NodeOf(target) is not { } node)
            return;
        (string Type, Source Source)? held = targets.TypeOf(node);
        if (target.Kind == TargetKind.Raw)
        {
            if (held is { } data)
                facts.Add(new RawTargetHolds(data.Source, target.Spec, data.Type));
            return;
        }
        if (held is { } there && target.FileSystem.Length > 0 && there.Type != target.FileSystem)
            Refused(facts, target.Source, $"{target.Spec} holds {there.Type}, and kdump.conf says {target.FileSystem}",
                $"Write {there.Type} {target.Spec}");
        Mounted(root, target, node, targets, facts);
    }

    private static IEnumerable<Fact> OfMachine(Facts own) =>
        own.All.Select(f => f is TargetIdAbsent absent ? absent with { OfMachine = true } : f);

    /// <summary>Without a target mkdumprd requires the folder of path on the machine (check_save_path_fs); /var of a copy may be
    /// elsewhere.</summary>
    private static void Folder(MachineTree root, Facts settings, Facts facts)
    {
        string path = SavePath.Of(KdumpTools.RedHat, settings), above = path[..Math.Max(path.IndexOf('/', 1), 1)];
        if (!root.IsWhole || root.Exists(path) || !root.IsFile(HostConf.RedHatFile) ||
            (root.IsFolder(above) && root.List(above).Count == 0))
            return;
        KdumpSetting? named = settings.Of<KdumpSetting>().LastOrDefault(s => s.Name == "path");
        Refused(facts, named?.Source ?? new Source(root.Shown(HostConf.RedHatFile), "path is not given: /var/crash"),
            $"there is no folder {path}", $"Make it: mkdir -p {path}");
    }

    private static void Mounted(MachineTree root, DumpTarget target, string node, ImageTargets targets, Facts facts)
    {
        string? mount = null;
        if (root.Text("/proc/mounts") is not { Length: > 0 } mounts)
            return;
        foreach (string line in mounts.Split('\n'))
        {
            string[] words = line.Split(' ');
            if (words.Length > 3 && words[0].StartsWith("/dev/", StringComparison.Ordinal) && NodeOf(words[0], words[2]) == node)
                mount ??= words[1];
        }
        foreach (string line in (root.Text("/etc/fstab") ?? "").Split('\n'))
        {
            string[] words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (mount is null && words.Length > 3 && words[0][0] != '#' && words[1].StartsWith('/') && NodeOf(words[0], words[2]) == node &&
                !words[3].Split(',').Contains("noauto"))
                Refused(facts, target.Source, $"{target.Spec} belongs at {words[1]} by /etc/fstab and is not mounted",
                    $"Mount it: mount {words[1]}");
        }
        string path = target.Path.Trim('/');
        if (mount is not null && root.IsWhole && root.List(mount).Count > 0 && !root.IsFolder($"{mount.TrimEnd('/')}/{path}"))
            Refused(facts, target.Source, $"there is no folder /{path} on {target.Spec} (mounted at {mount})",
                $"Make it: mkdir -p {mount.TrimEnd('/')}/{path}");

        string? NodeOf(string device, string type) =>
            targets.NodeOf(new DumpTarget(target.Source, TargetKind.FileSystem, device, type, ""));
    }

    private static void Refused(Facts facts, Source source, string problem, string correction) =>
        facts.Add(new KdumpConfProblem(source, problem)
        { Effect = ConfEffect.Refused, OfMachine = true, File = HostConf.RedHatFile, Correction = correction });
}
