using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.DumpSetup;

/// <summary>
/// /etc/kdump.conf of kdump-utils (RHEL, Fedora and related distributions), as its shell reads it: a line is a word and the rest;
/// lines that begin with <c>#</c> are left out; a value ends at its first <c>#</c>; one pair of double quotes around a value goes;
/// what is given twice stops kdumpctl in the first kernel, while in the crash kernel the last one wins. Authority: kdump-utils
/// kdump-lib.sh, kdumpctl parse_config, need_initrd_rebuild and check_ssh_config.
/// </summary>
public sealed class KdumpConf : LineParser
{
    private static readonly string[] Directives =
    [
        "auto_reset_crashkernel", "raw", "nfs", "ssh", "sshkey", "path", "core_collector", "kdump_emergency", "kdump_post", "kdump_pre",
        "extra_bins", "extra_modules", "failure_action", "default", "final_action", "force_rebuild", "force_no_rebuild", "dracut_args",
        "fence_kdump_args", "fence_kdump_nodes",
    ];

    private static readonly string[] FileSystems = ["ext2", "ext3", "ext4", "xfs", "btrfs", "minix", "virtiofs"];

    private static readonly string[] Gone = ["net", "options", "link_delay", "disk_timeout", "debug_mem_level", "blacklist"];

    /// <summary>Maximum number of names to compare with known ones, so that a huge file takes no long time.</summary>
    private const int MaxUnknown = 64;

    private int unknown;
    private readonly List<KdumpSetting> settings = [];
    private readonly List<DumpTarget> targets = [];

    public override string Kind => "kdump.conf";

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Text.Trim();
        if (text.IsEmpty || text[0] == '#')
            return false;
        int blank = text.IndexOfAny(' ', '\t');
        string name = (blank < 0 ? text : text[..blank]).ToString();
        string value = blank < 0 ? "" : Value(text[(blank + 1)..]);
        Source source = line.ToSource();
        bool fileSystem = Array.IndexOf(FileSystems, name) >= 0;
        if (Array.IndexOf(Gone, name) >= 0)
            Refuse(facts, source, $"'{name}' is no longer accepted", name == "blacklist"
                ? "Leave the module out by dracut_args --omit-drivers" : "Take the line out: man kdump.conf names what took its place");
        else if (!fileSystem && Array.IndexOf(Directives, name) < 0)
        {
            string? meant = unknown++ < MaxUnknown ? MeantWord.Of(name, Directives.Concat(FileSystems)) : null;
            Refuse(facts, source, $"'{name}' is no directive of kdump.conf", meant is null ? "" : $"Write {meant}");
            return false;
        }
        if (value.Length == 0)
            Refuse(facts, source, $"'{name}' has no value", $"Give {name} a value, or take the line out");
        if (settings.Exists(s => s.Name == name))
            Refuse(facts, source, $"'{name}' is given twice: kdumpctl refuses that, the crash kernel takes the last",
                $"Keep one line with {name}");
        settings.Add(new(source, name, value));
        TargetKind? kind = name switch { "raw" => TargetKind.Raw, "nfs" => TargetKind.Nfs, "ssh" => TargetKind.Ssh,
            "virtiofs" => TargetKind.Other, _ => fileSystem ? TargetKind.FileSystem : null };
        if (kind is { } k && value.Length > 0)
            targets.Add(new(source, k, value, fileSystem ? name : "", ""));
        return true;
    }

    public override void End(Facts facts)
    {
        KdumpSetting? path = settings.FindLast(s => s.Name == "path");
        KdumpSetting? mounts = settings.FindLast(s => s.Name == "dracut_args" && s.Value.Contains("--mount", StringComparison.Ordinal));
        if (mounts is not null && mounts.Value.Split("--mount").Length == 2 && targets.Count == 0)
            Mount(mounts, facts);
        else if (targets.Count > 1)
            Refuse(facts, targets[1].Source, "more than one dump target is given", "Keep one of raw, nfs, ssh and the file systems");
        else if (targets.Count == 1 && mounts is not null)
            Refuse(facts, mounts.Source, "more than one dump target is given: dracut_args --mount is one too",
                $"Keep one of {targets[0].Source.Text.Trim().Split(' ')[0]} and --mount");
        if (mounts is not null && mounts.Value.Split("--mount").Length > 2)
            Refuse(facts, mounts.Source, "dracut_args has more than one --mount", "Keep one --mount");
        foreach (KdumpSetting setting in settings)
        {
            facts.Add(setting);
            Judge(setting, facts);
        }
        Together(facts);
        if (path is { Value: [not '/', ..] })
            facts.Add(new KdumpConfProblem(path.Source, $"path '{path.Value}' does not begin with a slash")
            {
                Effect = targets.Count > 0 ? ConfEffect.Ignored : ConfEffect.Doubtful, Correction = $"Write path /{path.Value}",
            });
        foreach (DumpTarget target in targets)
            facts.Add(target with { Path = target.Kind == TargetKind.Raw ? "" : path?.Value ?? "/var/crash" });
        settings.Clear();
        targets.Clear();
        unknown = 0;
    }

    /// <summary>
    /// The target in dracut_args. kdumpctl cuts it out by hand (kdump-lib-initramfs.sh get_dracut_args_target, get_dracut_args_fstype): one
    /// blank and one quote behind --mount, then words between single blanks, of which the first and the third must be there.
    /// </summary>
    private void Mount(KdumpSetting setting, Facts facts)
    {
        int at = setting.Value.IndexOf("--mount", StringComparison.Ordinal) + "--mount".Length;
        string rest = setting.Value[at..];
        string[] words = rest.Length > 2 && rest[0] == ' ' ? rest[2..].Split(' ') : [];
        if (words.Length < 3 || words[0].Length == 0 || words[2].Length == 0)
        {
            Refuse(facts, setting.Source, "kdumpctl finds no device and no file system behind --mount of dracut_args",
                "Write --mount \"DEVICE FOLDER TYPE OPTIONS\", with a blank and no equals sign before the quote");
            return;
        }
        // dracut itself splits them at any blanks.
        string[] given = [.. rest.Trim().TrimStart('"', '\'').Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)
            .Select(w => w.TrimEnd('"', '\''))];
        if (targets.Count == 0 && given.Length > 2 && Fstab.TargetOf(setting.Source, given[0], given[1], given[2]) is { } target)
            targets.Add(target.Kind == TargetKind.Root ? target with { Kind = TargetKind.FileSystem } : target);
    }

    private static void Judge(KdumpSetting setting, Facts facts)
    {
        Choice(setting, facts, "failure_action", "reboot halt poweroff shell dump_to_rootfs");
        Choice(setting, facts, "default", "reboot halt poweroff shell dump_to_rootfs");
        Choice(setting, facts, "final_action", "reboot halt poweroff");
        Choice(setting, facts, "force_rebuild", "0 1");
        Choice(setting, facts, "force_no_rebuild", "0 1");
        if (setting.Name == "ssh" && setting.Value.Length > 0)
        {
            int at = setting.Value.IndexOf('@');
            if (at < 0 || at == 0 || at == setting.Value.Length - 1)
                Refuse(facts, setting.Source, $"ssh '{setting.Value}' is not of the form user@host", "Write ssh user@host");
        }
        else if (setting.Name == "nfs" && setting.Value.Length > 0 && !setting.Value.Contains(":/", StringComparison.Ordinal))
            Refuse(facts, setting.Source, $"nfs '{setting.Value}' is not of the form host:/export", "Write nfs host:/export");
    }

    /// <summary>Settings that exclude each other.</summary>
    private void Together(Facts facts)
    {
        if (settings.Find(s => s is { Name: "force_rebuild", Value: "1" }) is not null &&
            settings.Find(s => s is { Name: "force_no_rebuild", Value: "1" }) is { } never)
            Refuse(facts, never.Source, "force_rebuild and force_no_rebuild are both 1", "Take one of them out");
        if (settings.Find(s => s.Name == "failure_action") is not null && settings.Find(s => s.Name == "default") is { } old)
            Refuse(facts, old.Source, "'default' and 'failure_action' are both given, and both mean the same",
                "Take out the line with default");
    }

    private static void Choice(KdumpSetting setting, Facts facts, string name, string allowed)
    {
        if (setting.Name == name && setting.Value.Length > 0 && !$" {allowed} ".Contains($" {setting.Value} ", StringComparison.Ordinal))
        {
            string list = allowed.Replace(" ", ", ");
            Refuse(facts, setting.Source, $"'{name}' must be one of: {list}", $"Write one of {list}");
        }
    }

    private static void Refuse(Facts facts, Source source, string problem, string correction) =>
        facts.Add(new KdumpConfProblem(source, problem) { Effect = ConfEffect.Refused, Correction = correction });

    private static string Value(ReadOnlySpan<char> rest)
    {
        int comment = rest.IndexOf('#');
        ReadOnlySpan<char> value = (comment < 0 ? rest : rest[..comment]).Trim();
        if (value.Length > 1 && value[0] == '"' && value[^1] == '"')
            value = value[1..^1];
        return value.ToString();
    }
}
