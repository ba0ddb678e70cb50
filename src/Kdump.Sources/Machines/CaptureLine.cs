using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Machines;

/// <summary>
/// The crash kernel's command line as the machine's tools build it: the running kernel's, without the parameters that they remove,
/// plus those that they add.
/// Authority: kdump-utils kdump-lib.sh prepare_cmdline, kdump-tools kdump-config kdump_load, openSUSE/kdump load.sh
/// build_kdump_commandline.
/// </summary>
public static class CaptureLine
{
    /// <summary>What kdump-config appends if the file sets nothing.</summary>
    public const string DebianDefault = "reset_devices systemd.unit=kdump-tools-dump.service nr_cpus=1 irqpoll usbcore.nousb";

    private static readonly string[] DebianGone = ["crashkernel", "hugepages", "hugepagesz", "abm"];

    private static readonly string[] RedHatGone =
        ["crashkernel", "panic_on_warn", "root", "rd.lvm.lv", "rd.luks.uuid", "rd.dm.uuid", "rd.md.uuid", "fcoe", "netroot",
        "rd.iscsi.initiator", "iscsi_initiator"];

    private static readonly string[] SuseGone =
        ["root", "resume", "crashkernel", "splash", "mem", "BOOT_IMAGE", "showopts", "zfcp.allow_lun_scan", "hugepages",
        "acpi_no_memhotplug", "cgroup_disable", "unknown_nmi_panic", "rd.udev.children-max", "notsc"];

    /// <summary>root=kdump names no disk; with it the image is unpacked into a ramfs.</summary>
    private const string SuseAdded = "sysrq=yes reset_devices acpi_no_memhotplug cgroup_disable=memory nokaslr numa=off irqpoll " +
        "root=kdump rootflags=bind rd.udev.children-max=8";

    public static void Collect(MachineTree root, Facts facts)
    {
        var settings = new Facts();
        string? own = root.Text("/proc/cmdline") is { Length: > 0 } line ? line : null;
        if (root.Parse("/etc/default/kdump-tools", new DebianKdumpConf(), settings))
        {
            KdumpSetting? append = Last(settings, "KDUMP_CMDLINE_APPEND"), whole = Last(settings, "KDUMP_CMDLINE");
            Base(root, facts, whole, own, DebianGone);
            Add(facts, append?.Source ?? new Source(root.Shown("/etc/default/kdump-tools"), "KDUMP_CMDLINE_APPEND is not set"),
                append?.Value ?? DebianDefault, []);
            return;
        }
        bool suse = (root.Text("/etc/sysconfig/kdump") ?? "").Contains("KDUMP_SAVEDIR", StringComparison.Ordinal);
        if (!root.Parse("/etc/sysconfig/kdump", suse ? new SuseKdumpConf() : new RedHatSysconfig(), settings))
            return;
        KdumpSetting? appended = Last(settings, "KDUMP_COMMANDLINE_APPEND"), given = Last(settings, "KDUMP_COMMANDLINE"),
            remove = Last(settings, "KDUMP_COMMANDLINE_REMOVE");
        string[] gone = [.. (remove?.Value ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(r => r.Split('=')[0])];
        // Without the list it is not certain that this is the file's complete content.
        if (suse || remove is not null || given is not null)
            Base(root, facts, given, own, suse ? SuseGone : [.. gone, .. RedHatGone]);
        if (suse && given is null)
        {
            KdumpSetting? cpus = Last(settings, "KDUMP_CPUS");
            var source = cpus?.Source ?? new Source(root.Shown("/etc/sysconfig/kdump"), "KDUMP_CPUS is not set");
            Add(facts, source, SuseAdded + (cpus?.Value == "0" ? "" : $" nr_cpus={cpus?.Value ?? "32"}"), []);
        }
        if (appended is not null)
            Add(facts, appended.Source, appended.Value, []);
    }

    /// <summary>
    /// The part before the appended parameters; from a command line given in the configuration only RHEL's tools remove parameters.
    /// </summary>
    private static void Base(MachineTree root, Facts facts, KdumpSetting? given, string? own, string[] gone)
    {
        if (given is { Value.Length: > 0 })
            Add(facts, given.Source, given.Value, []);
        else if (own is not null)
            Add(facts, Source.Of(root.Shown("/proc/cmdline"), own, 1), own, gone);
    }

    private static KdumpSetting? Last(Facts facts, string name) =>
        facts.Of<KdumpSetting>().LastOrDefault(s => s.Name == name && s.Value.Length > 0);

    private static void Add(Facts facts, Source source, string line, string[] gone)
    {
        foreach (KernelParameter p in CommandLine.Parse(line).Parameters)
        {
            if (!gone.Contains(p.Name))
                facts.Add(new CaptureParameter(source, p.Name, p.Value));
        }
    }
}
