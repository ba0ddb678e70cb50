namespace Kdump.Sources.Gather;

/// <summary>A program whose output is taken where it is installed.</summary>
/// <param name="Name">The file below <c>commands/</c>.</param>
/// <param name="Seconds">Timeout.</param>
public sealed record GatherProgram(string Name, string[] Command, int Seconds = 10);

/// <summary>Programs that only read. None writes, loads a module, or waits for a network.</summary>
public static class GatherPrograms
{
    /// <summary>Bytes that are kept of one output.</summary>
    public const int MaxOutput = 16 << 20;

    public static readonly GatherProgram[] All =
    [
        new("dmesg", ["dmesg"]),
        new("journalctl_-k", ["journalctl", "-k", "-b", "-o", "short-monotonic", "--no-pager", "-n", "100000"], 20),
        new("journalctl_-k_-b_-1", ["journalctl", "-k", "-b", "-1", "-o", "short-monotonic", "--no-pager", "-n", "20000"], 20),
        new("lspci_-nn_-vvv", ["lspci", "-D", "-nn", "-vvv"], 20),
        new("lspci_-xxxx", ["lspci", "-D", "-xxxx"], 20),
        new("lspci_-tv", ["lspci", "-D", "-tv"]),
        new("dmidecode", ["dmidecode"]),
        new("lscpu", ["lscpu"]),
        new("lsblk", ["lsblk", "-o", "NAME,KNAME,MAJ:MIN,TYPE,SIZE,FSTYPE,LABEL,UUID,PARTUUID,MOUNTPOINT,PKNAME"]),
        new("blkid", ["blkid", "-c", "/dev/null"]),
        new("df", ["df", "-l", "-P", "-k"]),
        new("kdump-config_show", ["kdump-config", "show"]),
        new("kdump-config_status", ["kdump-config", "status"]),
        new("kdumpctl_status", ["kdumpctl", "status"]),
        new("kdumpctl_estimate", ["kdumpctl", "estimate"], 20),
        new("kdumptool_dump_config", ["kdumptool", "dump_config"]),
        new("systemctl_show", ["systemctl", "show", "--no-pager", "kdump.service", "kdump-tools.service", "kdump-early.service", "-p",
            "Id,LoadState,ActiveState,SubState,Result,UnitFileState,ExecMainStatus,StateChangeTimestamp,ConditionResult"]),
        new("packages_deb", ["dpkg-query", "-W", "kdump-tools", "kexec-tools", "makedumpfile", "dracut*", "initramfs-tools*",
            "linux-image-*", "systemd", "udev", "*firmware*", "intel-microcode", "amd64-microcode"]),
        new("packages_rpm", ["rpm", "-q", "kexec-tools", "kdump-utils", "makedumpfile", "kdump", "dracut", "kernel", "kernel-core",
            "kernel-default", "systemd", "linux-firmware", "kernel-firmware", "microcode_ctl"], 20),
        new("dmsetup_table", ["dmsetup", "table"]),
        new("mokutil_--sb-state", ["mokutil", "--sb-state"]),
        new("ras-mc-ctl_--error-count", ["ras-mc-ctl", "--error-count"]),
        new("ipmitool_sel", ["ipmitool", "sel", "elist", "last", "500"], 20),
        new("sysctl_-a", ["sysctl", "-a", "--pattern",
            "^(kernel\\.(panic|kexec|sysrq|nmi|soft|hard|hung|unknown|watchdog)|vm\\.(panic|nr_huge|min_free|overcommit))"]),
    ];
}
