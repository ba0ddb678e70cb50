using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.DumpSetup;

/// <summary>
/// /etc/kdump.conf of kdump-utils (RHEL, Fedora and kin), as its shell reads it: a line is a word and the rest; lines that begin with
/// <c>#</c> are left out; a value ends at its first <c>#</c>; one pair of double quotes around a value goes; what is given twice stops
/// kdumpctl in the first kernel, while in the crash kernel the last one wins. Authority: kdump-utils kdump-lib.sh, kdumpctl parse_config.
/// </summary>
public sealed class KdumpConf : LineParser
{
    private static readonly string[] Directives =
    [
        "auto_reset_crashkernel", "raw", "nfs", "ssh", "sshkey", "path", "core_collector", "kdump_emergency", "kdump_post", "kdump_pre",
        "extra_bins", "extra_modules", "failure_action", "default", "final_action", "force_rebuild", "force_no_rebuild", "dracut_args",
        "fence_kdump_args", "fence_kdump_nodes",
    ];

    private static readonly string[] FileSystems = ["ext2", "ext3", "ext4", "xfs", "btrfs", "minix", "virtiofs", "vfat", "f2fs"];

    private static readonly string[] Gone = ["net", "options", "link_delay", "disk_timeout", "debug_mem_level", "blacklist"];

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
            facts.Add(new KdumpConfProblem(source, $"'{name}' is no longer accepted"));
        else if (!fileSystem && Array.IndexOf(Directives, name) < 0)
        {
            facts.Add(new KdumpConfProblem(source, $"'{name}' is no directive of kdump.conf"));
            return false;
        }
        if (value.Length == 0)
            facts.Add(new KdumpConfProblem(source, $"'{name}' has no value"));
        if (settings.Exists(s => s.Name == name) && name is not ("extra_bins" or "extra_modules"))
            facts.Add(new KdumpConfProblem(source, $"'{name}' is given twice: kdumpctl refuses that, the crash kernel takes the last"));
        settings.Add(new(source, name, value));
        TargetKind? kind = name switch { "raw" => TargetKind.Raw, "nfs" => TargetKind.Nfs, "ssh" => TargetKind.Ssh,
            "virtiofs" => TargetKind.Other, _ => fileSystem ? TargetKind.FileSystem : null };
        if (kind is { } k && value.Length > 0)
            targets.Add(new(source, k, value, fileSystem ? name : "", ""));
        return true;
    }

    public override void End(Facts facts)
    {
        string path = settings.FindLast(s => s.Name == "path")?.Value ?? "/var/crash";
        if (targets.Count > 1)
            facts.Add(new KdumpConfProblem(targets[1].Source, "more than one dump target is given"));
        foreach (KdumpSetting setting in settings)
        {
            facts.Add(setting);
            Choice(setting, facts, "failure_action", "reboot halt poweroff shell dump_to_rootfs");
            Choice(setting, facts, "default", "reboot halt poweroff shell dump_to_rootfs");
            Choice(setting, facts, "final_action", "reboot halt poweroff");
        }
        foreach (DumpTarget target in targets)
            facts.Add(target with { Path = target.Kind == TargetKind.Raw ? "" : path });
        settings.Clear();
        targets.Clear();
    }

    private static void Choice(KdumpSetting setting, Facts facts, string name, string allowed)
    {
        if (setting.Name == name && !$" {allowed} ".Contains($" {setting.Value} ", StringComparison.Ordinal))
            facts.Add(new KdumpConfProblem(setting.Source, $"'{name}' must be one of: {allowed.Replace(" ", ", ")}"));
    }

    private static string Value(ReadOnlySpan<char> rest)
    {
        int comment = rest.IndexOf('#');
        ReadOnlySpan<char> value = (comment < 0 ? rest : rest[..comment]).Trim();
        if (value.Length > 1 && value[0] == '"' && value[^1] == '"')
            value = value[1..^1];
        return value.ToString();
    }
}
