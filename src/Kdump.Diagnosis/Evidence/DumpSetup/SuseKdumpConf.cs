using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.DumpSetup;

/// <summary>
/// /etc/sysconfig/kdump of SUSE: KDUMP_SAVEDIR is a directory or a URL (kdump(5)). RHEL has a file of the same name with other settings.
/// </summary>
public sealed class SuseKdumpConf : ShellSettings
{
    public override string Kind => "/etc/sysconfig/kdump";

    protected override bool Mine(string name) =>
        name.StartsWith("KDUMP_", StringComparison.Ordinal) || name is "KEXEC_ARGS" or "MKDUMPRD_ARGS" or "DRACUT_ARGS";

    protected override void Set(KdumpSetting setting, Facts facts)
    {
        facts.Add(setting);
        if (setting.Name == "KDUMP_DUMPLEVEL" && setting.Value.Length > 0 &&
            (!int.TryParse(setting.Value, out int level) || level is < 0 or > 31))
            facts.Add(new KdumpConfProblem(setting.Source, $"KDUMP_DUMPLEVEL={setting.Value}: a dump level is 0 to 31"));
        if (setting.Name != "KDUMP_SAVEDIR" || setting.Value.Length == 0)
            return;
        var c = new TextCursor(setting.Value);
        string scheme = c.Before("://", out ReadOnlySpan<char> s) ? s.ToString() : "file";
        string rest = c.Rest.ToString();
        facts.Add(scheme switch
        {
            "file" => new DumpTarget(setting.Source, TargetKind.Root, "", "", rest),
            "nfs" => new DumpTarget(setting.Source, TargetKind.Nfs, HostAndPath(rest), "", ""),
            "ssh" or "sftp" => new DumpTarget(setting.Source, TargetKind.Ssh, rest, "", ""),
            _ => new DumpTarget(setting.Source, TargetKind.Other, setting.Value, scheme, ""),
        });
    }

    private static string HostAndPath(string rest)
    {
        int slash = rest.IndexOf('/');
        return slash < 0 ? rest : $"{rest[..slash]}:{rest[slash..]}";
    }
}
