namespace Kdump.Diagnosis.Evidence.DumpSetup;

/// <summary>
/// /etc/sysconfig/kdump of kdump-utils (RHEL, Fedora): the crash kernel, its command line and kexec's options; no target, which stands in
/// /etc/kdump.conf. Authority: kdump-utils gen-kdump-sysconfig.sh and kdumpctl.
/// </summary>
public sealed class RedHatSysconfig : ShellSettings
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "KDUMP_KERNELVER", "KDUMP_COMMANDLINE", "KDUMP_COMMANDLINE_REMOVE", "KDUMP_COMMANDLINE_APPEND", "FADUMP_COMMANDLINE_APPEND",
        "KEXEC_ARGS", "KDUMP_BOOTDIR", "KDUMP_IMG", "KDUMP_IMG_EXT", "VMCORE_CREATION_NOTIFICATION", "KDUMP_STDLOGLVL", "KDUMP_SYSLOGLVL",
        "KDUMP_KMSGLOGLVL", "MKDUMPRD_ARGS", "DRACUT_ARGS",
    };

    public override string Kind => "/etc/sysconfig/kdump";

    protected override IReadOnlyCollection<string> Names => Known;

    protected override bool Mine(string name) => name.StartsWith("KDUMP_", StringComparison.Ordinal) || Known.Contains(name);

    protected override string? Elsewhere(string name) => name switch
    {
        "KDUMP_CMDLINE" => "KDUMP_COMMANDLINE",
        "KDUMP_CMDLINE_APPEND" => "KDUMP_COMMANDLINE_APPEND",
        "KDUMP_KEXEC_ARGS" or "KEXEC_OPTIONS" => "KEXEC_ARGS",
        _ => null,
    };

    protected override void Set(KdumpSetting setting, Facts facts) => facts.Add(setting);
}
