using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Speakers;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>The log is of a container, not of a machine.</summary>
/// <param name="Source">The line that shows it.</param>
/// <param name="Manager">lxc, docker, systemd-nspawn …; empty where only its refusals show it.</param>
public sealed record ContainerLog(Source Source, string Manager) : Fact(Source)
{
    /// <summary>Failures of what only a machine can do, which mean nothing in a container.</summary>
    public IReadOnlyList<Source> Expected { get; init; } = [];
}

/// <summary>
/// Recognises the log of a container (systemd src/basic/virt.c prints what it detected), and takes away what other readers saw in it of
/// units that set up a machine: they need the kernel, which a container shares and may not change. The last of all readers.
/// </summary>
public sealed class ContainerLines : LineParser
{
    private const string Detected = "Detected virtualization ", Environment = "container=", Spawned = "Press ^] three times within",
        Sysctl = "Couldn't write '";

    private const int MaxLines = 512, MaxKept = 4;

    private static readonly string[] Managers = ["lxc", "lxc-libvirt", "systemd-nspawn", "docker", "podman", "rkt", "openvz", "proot",
        "pouch", "container-other"];

    /// <summary>Units that set up a machine's kernel, devices and clock; a name may end in an instance.</summary>
    private static readonly string[] OfMachine =
    [
        "sys-kernel-debug.mount", "sys-kernel-tracing.mount", "sys-kernel-config.mount", "sys-fs-fuse-connections.mount",
        "dev-hugepages.mount", "dev-mqueue.mount", "proc-sys-fs-binfmt_misc.mount", "proc-sys-fs-binfmt_misc.automount",
        "proc-fs-nfsd.mount", "var-lib-nfs-rpc_pipefs.mount", "run-rpc_pipefs.mount", "systemd-remount-fs.service",
        "systemd-modules-load.service", "modprobe@", "kmod-static-nodes.service", "systemd-udevd.service", "systemd-udevd-control.socket",
        "systemd-udevd-kernel.socket", "systemd-udev-trigger.service", "systemd-udev-settle.service", "systemd-sysctl.service",
        "systemd-binfmt.service", "systemd-tmpfiles-setup-dev.service", "systemd-tmpfiles-setup-dev-early.service",
        "systemd-vconsole-setup.service", "systemd-journald-audit.socket", "systemd-random-seed.service", "auditd.service",
        "lvm2-monitor.service", "lvm2-lvmpolld.socket", "dm-event.socket", "multipathd.service", "multipathd.socket",
        "mdmonitor.service", "smartd.service", "smartmontools.service", "irqbalance.service", "thermald.service", "mcelog.service",
        "rasdaemon.service", "hwclock.service", "hwclock-save.service", "systemd-timesyncd.service", "chronyd.service",
        "chrony.service", "ntp.service", "kdump.service", "kdump-tools.service", "systemd-pstore.service", "systemd-rfkill.service",
    ];

    /// <summary>The descriptions of these units, as consoles and older versions print them instead.</summary>
    private static readonly string[] Descriptions =
    [
        "Kernel Debug File System", "Kernel Trace File System", "Kernel Configuration File System", "FUSE Control File System",
        "Huge Pages File System", "POSIX Message Queue File System", "Arbitrary Executable File Formats File System", "Debug File System",
        "Configuration File System", "Remount Root and Kernel File Systems", "Load Kernel Modules", "Load Kernel Module ",
        "Coldplug All udev Devices", "udev Coldplug all Devices", "udev Kernel Device Manager", "Rule-based Manager for Device Events",
        "udev Kernel Socket", "udev Control Socket", "Apply Kernel Variables", "Create Static Device Nodes", "Setup Virtual Console",
        "Journal Audit Socket", "Security Auditing Service", "Create list of static device nodes", "Create List of Static Device Nodes",
        "Set Up Additional Binary Formats", "RPC Pipe File System", "NFSD configuration filesystem", "Crash recovery kernel arming",
    ];

    private static readonly TextSigns Texts = new([.. OfMachine, .. Descriptions, "systemd-sysctl[", "systemd-udevd[",
        "modprobe: FATAL: Module", " /sys/kernel/"]);

    private readonly HashSet<long> lines = [];
    private readonly List<Source> kept = [];
    private Source? mark;
    private string manager = "";

    public override string Kind => "console log";

    public override IReadOnlyList<string> Signs { get; } =
    [
        Detected, Environment, Spawned, Sysctl, "ailed to ", "Failed with result", "rocess exited, code=", "ermission denied",
        "peration not permitted", "modprobe: FATAL: Module", "entered failed state",
    ];

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Text;
        if (mark is null && ManagerOf(text) is { } found)
        {
            mark = line.ToSource();
            manager = found;
        }
        if (lines.Count < MaxLines && IsOfMachine(text))
        {
            lines.Add(line.Number);
            if (kept.Count < MaxKept)
                kept.Add(line.ToSource());
        }
        return false;
    }

    public override void End(Facts facts)
    {
        // A container has no kernel of its own: where one starts, the log is a machine's.
        if (mark is { } shown && !facts.Of<KernelBanner>().Any(b => b.Source.Input == shown.Input))
        {
            string input = shown.Input;
            facts.Add(new ContainerLog(shown, manager) { Expected = [.. kept] });
            facts.Remove<FamilySeen>(f => f.Source.Input == input && lines.Contains(f.Source.Line));
            facts.Remove<ToolSaid>(t => t.Source.Input == input && lines.Contains(t.Source.Line));
            facts.Remove<UnitEnd>(u => u.Source.Input == input && (Names(u.Unit) || u.Lines.IsSubsetOf(lines)));
            facts.Remove<UnitFailed>(u => u.Source.Input == input && Names(u.Unit));
            facts.Remove<TroubleLines>(t => t.Source.Input == input && t.Numbers.Count == t.Count && t.Numbers.All(lines.Contains));
        }
        lines.Clear();
        kept.Clear();
        mark = null;
        manager = "";
    }

    /// <summary>Null: the line does not show a container.</summary>
    private static string? ManagerOf(ReadOnlySpan<char> text)
    {
        var c = new TextCursor(text);
        // systemd says in what it runs; other programs speak of containers that they start.
        if (ProgramLine.TryParse(text, out ProgramLine by) && by.Program is not ("systemd" or "systemd-sysctl"))
            return null;
        if (c.SkipPast(Detected) || c.SkipPast(Environment))
        {
            string word = c.Word().TrimEnd(".,;'\"").ToString();
            return Array.IndexOf(Managers, word) >= 0 ? word : null;
        }
        if (text.Contains(Spawned, StringComparison.Ordinal))
            return "systemd-nspawn";
        // Root may write the kernel's settings, except in a container.
        return text.Contains("systemd-sysctl[", StringComparison.Ordinal) && text.Contains(Sysctl, StringComparison.Ordinal) &&
            text.Contains("kernel/", StringComparison.Ordinal) && (text.Contains("ermission denied", StringComparison.Ordinal) ||
                text.Contains("Read-only file system", StringComparison.Ordinal)) ? "" : null;
    }

    private static bool IsOfMachine(ReadOnlySpan<char> text) => Texts.First(text) >= 0;

    private static bool Names(string unit) => Array.Exists(OfMachine, u => u[^1] == '@' ? unit.StartsWith(u, StringComparison.Ordinal)
        : unit == u) || Array.Exists(Descriptions, d => unit.StartsWith(d, StringComparison.Ordinal));
}
