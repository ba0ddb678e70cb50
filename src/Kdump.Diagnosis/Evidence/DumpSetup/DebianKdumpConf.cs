namespace Kdump.Diagnosis.Evidence.DumpSetup;

/// <summary>
/// /etc/default/kdump-tools of Debian and Ubuntu. The dump goes to KDUMP_COREDIR of the root file system, or to SSH, NFS or FTP when set;
/// the crash kernel boots the real root for it (kdump-config).
/// </summary>
public sealed class DebianKdumpConf : ShellSettings
{
    public override string Kind => "/etc/default/kdump-tools";

    protected override bool Mine(string name) =>
        name.StartsWith("KDUMP_", StringComparison.Ordinal) ||
            name is "USE_KDUMP" or "MAKEDUMP_ARGS" or "SSH" or "SSH_KEY" or "NFS" or "NFS_TIMEO" or "NFS_MOUNT_RETRY" or "NFS_RETRANS" or
            "HOSTTAG" or "FTPGET_ARGS" or "FTP" or "DEBUG_KERNEL";

    protected override void Set(KdumpSetting setting, Facts facts)
    {
        facts.Add(setting);
        if (setting.Name == "USE_KDUMP" && setting.Value == "0")
            facts.Add(new KdumpConfProblem(setting.Source, "USE_KDUMP=0: kdump-tools is switched off"));
        TargetKind? kind = setting.Name switch { "SSH" => TargetKind.Ssh, "NFS" => TargetKind.Nfs, "FTP" => TargetKind.Other, _ => null };
        if (kind is { } k && setting.Value.Length > 0)
            facts.Add(new DumpTarget(setting.Source, k, setting.Value, "", ""));
    }
}
