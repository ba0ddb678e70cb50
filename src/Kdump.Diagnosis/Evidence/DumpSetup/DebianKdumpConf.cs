namespace Kdump.Diagnosis.Evidence.DumpSetup;

/// <summary>
/// /etc/default/kdump-tools of Debian and Ubuntu. The dump goes to KDUMP_COREDIR of the root file system, or to SSH, NFS or FTP when set;
/// the crash kernel boots the real root for it (kdump-config).
/// </summary>
public sealed class DebianKdumpConf : ShellSettings
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "USE_KDUMP", "KDUMP_KERNEL", "KDUMP_INITRD", "KDUMP_CONFIG", "KDUMP_COREDIR", "KDUMP_FAIL_CMD", "KDUMP_DUMP_DMESG",
        "KDUMP_NUM_DUMPS", "KDUMP_COMPRESSION", "MAKEDUMP_ARGS", "KDUMP_KEXEC_ARGS", "KDUMP_CMDLINE", "KDUMP_CMDLINE_APPEND",
            "KDUMP_SYSCTL",
        "KDUMP_SCRIPT", "HOSTTAG", "NFS", "NFS_TIMEO", "NFS_RETRANS", "NFS_MOUNT_RETRY", "SSH", "SSH_KEY", "SSH_KDUMP_RETRY", "FTP",
        "FTP_USER", "FTP_PASSWORD", "FTP_PORT", "FTPGET_ARGS", "FTPPUT_ARGS", "DEBUG_KERNEL",
    };

    private bool use;
    private Source? first;

    public override string Kind => "/etc/default/kdump-tools";

    protected override IReadOnlyCollection<string> Names => Known;

    protected override bool Plain => true;

    protected override bool Mine(string name) => name.StartsWith("KDUMP_", StringComparison.Ordinal) || Known.Contains(name);

    protected override string? Elsewhere(string name) => name switch
    {
        "KDUMP_COMMANDLINE" => "KDUMP_CMDLINE",
        "KDUMP_COMMANDLINE_APPEND" => "KDUMP_CMDLINE_APPEND",
        "KEXEC_ARGS" or "KEXEC_OPTIONS" => "KDUMP_KEXEC_ARGS",
        "KDUMP_SAVEDIR" => "KDUMP_COREDIR",
        "KDUMP_KEEP_OLD_DUMPS" => "KDUMP_NUM_DUMPS",
        _ => null,
    };

    protected override void Set(KdumpSetting setting, Facts facts)
    {
        facts.Add(setting);
        first ??= setting.Source;
        use |= setting.Name == "USE_KDUMP";
        TargetKind? kind = setting.Name switch { "SSH" => TargetKind.Ssh, "NFS" => TargetKind.Nfs, "FTP" => TargetKind.Other, _ => null };
        if (kind is { } k && setting.Value.Length > 0)
            facts.Add(new DumpTarget(setting.Source, k, setting.Value, "", ""));
        if (setting.Value.Length > 0 && Problem(setting) is { } problem)
            facts.Add(problem);
    }

    public override void End(Facts facts)
    {
        base.End(facts);
        if (!use && first is not null)
            facts.Add(new KdumpConfProblem(first, "USE_KDUMP is not set: kdump-tools does nothing then")
            { Effect = ConfEffect.Refused, Correction = "Write USE_KDUMP=1" });
        use = false;
        first = null;
    }

    private static KdumpConfProblem? Problem(KdumpSetting setting)
    {
        string value = setting.Value;
        bool wrong = setting.Name switch
        {
            "KDUMP_COMPRESSION" => value is not ("bzip2" or "gzip" or "lz4" or "xz"),
            "KDUMP_NUM_DUMPS" or "KDUMP_DUMP_DMESG" or "NFS_TIMEO" or "NFS_RETRANS" or "NFS_MOUNT_RETRY" or "SSH_KDUMP_RETRY" or "FTP_PORT"
                => !ulong.TryParse(value, out _),
            "KDUMP_COREDIR" or "KDUMP_KERNEL" or "KDUMP_INITRD" or "SSH_KEY" => value[0] is not ('/' or '$'),
            "HOSTTAG" => value is not ("ip" or "hostname"),
            _ => false,
        };
        if (setting.Name == "USE_KDUMP" && value == "0")
            return new(setting.Source, "USE_KDUMP=0: kdump-tools is switched off")
            { Effect = ConfEffect.Refused, Correction = "Write USE_KDUMP=1" };
        // /etc/init.d/kdump-tools compares it as a number, and exits where that fails.
        if (setting.Name == "USE_KDUMP" && !long.TryParse(value, out _))
            return new(setting.Source, $"USE_KDUMP={value} is no number: kdump-tools does nothing then")
            { Effect = ConfEffect.Refused, Correction = "Write USE_KDUMP=1" };
        if (wrong)
        {
            return setting.Name is "KDUMP_COREDIR" or "KDUMP_KERNEL" or "KDUMP_INITRD" or "SSH_KEY"
                ? new(setting.Source, $"{setting.Name}={value} is no absolute path") { Effect = ConfEffect.Fails,
                    Correction = "Write the path from the root on" }
                : new(setting.Source, $"{setting.Name}={value} is none of its values") { Correction = setting.Name switch
                    {
                        "KDUMP_COMPRESSION" => "Write bzip2, gzip, lz4 or xz",
                        "HOSTTAG" => "Write ip or hostname",
                        _ => "Write a number",
                    } };
        }
        int at = value.IndexOf('@');
        if (setting.Name == "SSH" && (at == 0 || at == value.Length - 1))
            return new(setting.Source, $"SSH={value} is not of the form user@host") { Effect = ConfEffect.Fails,
                Correction = "Write SSH=\"user@host\"" };
        if (setting.Name == "SSH" && at < 0)
            return new(setting.Source, $"SSH={value} has no user: root is taken, and kdump-config propagate cannot send its key")
            { Effect = ConfEffect.Doubtful, Correction = "Write SSH=\"user@host\"" };
        if (setting.Name == "NFS" && !value.Contains(":/", StringComparison.Ordinal))
            return new(setting.Source, $"NFS={value} is not of the form host:/export") { Effect = ConfEffect.Fails,
                Correction = "Write NFS=\"host:/export\"" };
        if (setting.Name == "KDUMP_CMDLINE_APPEND" && !value.Contains("systemd.unit=kdump-tools-dump.service", StringComparison.Ordinal) &&
            !value.Contains('$'))
            return new(setting.Source,
                "KDUMP_CMDLINE_APPEND lacks systemd.unit=kdump-tools-dump.service: the crash kernel starts every service of the machine")
            { Effect = ConfEffect.Doubtful, Correction = "Add systemd.unit=kdump-tools-dump.service to KDUMP_CMDLINE_APPEND" };
        return null;
    }
}
