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
        Started(root, SavePath.Started(root, tools, settings), facts);
        DumpTarget? target = settings.Of<DumpTarget>().FirstOrDefault();
        var own = new Facts();
        var targets = new ImageTargets(root, own);
        if (target is null or { Kind: TargetKind.Root, Spec.Length: 0 })
        {
            if (tools == KdumpTools.RedHat)
                Folder(root, settings, facts);
            Below(root, tools, settings, facts);
            target = tools == KdumpTools.None ? null : SavePath.Root(root, tools, settings);
            if (target is not null && follow)
                targets.Follow(target, null);
            if (follow)
                OfMachine();
            return;
        }
        targets.Follow(target, null);
        OfMachine();
        if (tools == KdumpTools.RedHat && target.Kind == TargetKind.Nfs)
            Share(root, target, facts);
        // mkdumprd hands dracut_args on as they are.
        if (tools != KdumpTools.RedHat || target.Source.Text.TrimStart().StartsWith("dracut_args", StringComparison.Ordinal) ||
            target.Kind is not (TargetKind.FileSystem or TargetKind.Raw) ||
            targets.NodeOf(target) is not { } node)
            return;
        Held(root, target, node, targets, facts);

        // An image that was built from the same settings waits for the same id: it is told of the settings.
        void OfMachine() => facts.AddRange(own.All.Where(f => follow || f is TargetIdAbsent)
            .Select(f => f is TargetIdAbsent absent ? absent with { OfMachine = true } : f));
    }

    /// <summary>Devices that the start of the root waits for and that no disk of the machine is.</summary>
    private static void Started(MachineTree root, IReadOnlyList<DumpTarget> awaited, Facts facts)
    {
        foreach (DumpTarget target in awaited)
        {
            var own = new Facts();
            new ImageTargets(root, own).Follow(target, null);
            facts.AddRange(own.Of<TargetIdAbsent>().Select(absent => absent with { OfMachine = true, Mount = target.Path }));
        }
    }

    /// <summary>What a partition of the machine holds, against what kdump.conf says of it, and whether it is mounted.</summary>
    private static void Held(MachineTree root, DumpTarget target, string node, ImageTargets targets, Facts facts)
    {
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

    /// <summary>A share that /etc/fstab mounts and that is not mounted now: mkdumprd refuses it, unless it is noauto.</summary>
    private static void Share(MachineTree root, DumpTarget target, Facts facts)
    {
        if (root.Text("/proc/mounts") is not { Length: > 0 } mounts || Lines(mounts).Any(w => w[0] == target.Spec))
            return;
        if (Lines(root.Text("/etc/fstab") ?? "").FirstOrDefault(w => w[0] == target.Spec && IsAutomatic(w)) is { } words)
            Refused(facts, target.Source, $"{target.Spec} belongs at {words[1]} by /etc/fstab and is not mounted",
                $"Mount it: mount {words[1]}");
    }

    /// <summary>
    /// The folder of path is on a file system of its own by /etc/fstab that is not mounted now: mkdumprd and SUSE's dracut module ask what
    /// is mounted, and take the file system below.
    /// </summary>
    private static void Below(MachineTree root, KdumpTools tools, Facts settings, Facts facts)
    {
        string path = SavePath.Of(tools, settings), file = tools == KdumpTools.Suse ? HostConf.RedHatOptions : HostConf.RedHatFile;
        if (tools is not (KdumpTools.RedHat or KdumpTools.Suse) || root.Text("/proc/mounts") is not { Length: > 0 } mounts)
            return;
        string[]? words = Lines(root.Text("/etc/fstab") ?? "").Where(w => w[1].Length > 1 &&
            Fstab.Holds(w[1], path) && IsAutomatic(w)).MaxBy(w => w[1].Length);
        if (words is null || Lines(mounts).Any(w => w[1] == words[1]))
            return;
        KdumpSetting? named = settings.Of<KdumpSetting>().LastOrDefault(s => s.Name is "path" or "KDUMP_SAVEDIR" && s.Value.Length > 0);
        facts.Add(new KdumpConfProblem(named?.Source ?? new Source(root.Shown(file), $"the folder for dumps is not given: {path}"),
            $"dumps go to {path}, whose file system ({words[0]} at {words[1]} by /etc/fstab) is not mounted")
        {
            Effect = ConfEffect.Doubtful, OfMachine = true, File = file,
            Correction = $"Mount it before the image is built: mount {words[1]}",
        });
    }

    /// <summary>Lines of fstab(5) and of /proc/mounts, as words.</summary>
    private static IEnumerable<string[]> Lines(string text) => text.Split('\n')
        .Select(l => l.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)).Where(w => w.Length > 3 && w[0][0] != '#');

    private static bool IsAutomatic(string[] words) =>
        words[1].StartsWith('/') && !words[3].Split(',').Any(o => o is "noauto" or "x-systemd.automount");

    /// <summary>Without a target mkdumprd wants the folder of path on the machine (check_save_path_fs); /var of a copy may be
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
        foreach (string[] words in Lines(mounts))
        {
            if (words[0].StartsWith("/dev/", StringComparison.Ordinal) && NodeOf(words[0], words[2]) == node)
                mount ??= words[1];
        }
        foreach (string[] words in Lines(root.Text("/etc/fstab") ?? ""))
        {
            if (mount is null && IsAutomatic(words) && NodeOf(words[0], words[2]) == node)
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
