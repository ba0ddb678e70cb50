namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>What stops a start before any unit is started: systemd's own first steps, and a policy that forbids them.</summary>
internal static class FirstStepFamilies
{
    private static readonly Fix[] Selinux =
    [
        new("Start once with enforcing=0 on the command line (selinux=0 if that is not enough), " +
            "then install the policy and relabel " +
            "everything", "grep -v '^#' /etc/selinux/config; ls /etc/selinux/*/policy; touch /.autorelabel; reboot",
            "relabelling takes minutes; until then nothing is enforced"),
        new("For an image that has no policy: SELINUX=disabled in its /etc/selinux/config, or selinux=0"),
    ];

    private static readonly Fix[] Kernel =
    [
        new("Compare the kernel's configuration with what this systemd needs (its README lists it)",
            "grep -E 'CONFIG_(DEVTMPFS|CGROUPS|INOTIFY_USER|SIGNALFD|TIMERFD|EPOLL|UNIX|SYSFS|PROC_FS|FHANDLE)=' /boot/config-*; " +
            "cat /proc/cmdline"),
        new("Start an older kernel of the boot menu, or with init=/bin/sh, and see what is mounted", "cat /proc/mounts /proc/filesystems"),
    ];

    private static readonly Fix[] Cgroup =
    [
        new("Remove systemd.unified_cgroup_hierarchy=0 and SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE from the command line; " +
            "a container needs a host with cgroup v2", "cat /proc/cmdline; stat -fc %T /sys/fs/cgroup"),
    ];

    private const string NoPolicy = "SELINUX=enforcing is configured, but the policy is missing, damaged, " +
        "or of a version that this kernel does not read. systemd then stops, because it must not start without the policy.";

    private const string Api = "It could not mount a file system that it requires (/proc, /sys, /dev, /run, cgroups): " +
        "the kernel does not support it, it is already mounted wrongly, or a security policy forbids it.";

    public static readonly Family Froze = new("init-froze", "systemd stopped during its own first steps")
    {
        Area = Area.Crashing,
        In = Life.First,
        Severity = Severity.Critical,
        Confidence = 0.9,
        CausedBy = ["filesystem-damaged", "filesystem-io-error", "root-not-found", "selinux-blocks-start"],
        Explains = ["emergency-mode", "kernel-panic", "systemd-crashed"],
        Cause = "Process 1 stopped before it started any unit; it neither continues nor exits.",
        Fixes = Kernel,
        Tellings =
        [
            new("ailed to load SELinux policy", "systemd stopped the start: it could not load the SELinux policy", NoPolicy)
                { Subject = 0, Fixes = Selinux },
            new("Unable to load SELinux Policy. Machine is in enforcing mode. Halting now",
                "init stopped the start: it could not load the SELinux policy", NoPolicy) { Subject = 0, Fixes = Selinux },
            new("Unable to fix SELinux security context of {e}: {t}", "systemd may not label {1} ({2}): SELinux forbids it",
                "Files have no labels or wrong ones, or the policy does not match this system (a root on a file system without labels, " +
                    "a copy made without them). Even process 1 is then not allowed to do its first " +
                    "steps.") { Subject = 0, Fixes = Selinux },
            new("ailed to load IMA policy", "systemd stopped the start: it could not load the IMA policy") { Subject = 0 },
            new("ailed to load SMACK policy", "systemd stopped the start: it could not load the SMACK policy") { Subject = 0 },
            new("efusing to run under cgroup v1", "systemd stopped the start: it no longer runs on the old cgroup hierarchy (v1)",
                "From version 256 on, systemd requires cgroup v2. The command line (or the container's host) selected v1.")
                { Subject = 0, Fixes = Cgroup },
            new("Detected unsupported legacy cgroup hierarchy, refusing execution",
                "systemd stopped the start: it no longer runs on the old cgroup hierarchy " +
                    "(v1)", "Version 258 no longer has code for it.") { Subject = 0, Fixes = Cgroup },
            new("Failed to mount cgroup at {e}: Operation not permitted",
                "systemd in a container could not mount the cgroup hierarchy {1}, and stopped", "As process 1 of a container it may not " +
                    "mount a hierarchy that the host has not mounted. The host mounts another version of cgroups than this systemd needs " +
                    "(old systemd on a host with version 2 alone, or a host without the hierarchy named systemd).") { Subject = 0, Fixes =
                [new("On the host: see which cgroups are mounted, and mount what the container needs",
                    "findmnt -t cgroup,cgroup2; stat -fc %T /sys/fs/cgroup"),
                    new("Update the container's system (systemd 232 and later know version 2), or start the host with " +
                        "systemd.unified_cgroup_hierarchy=0 (no longer with systemd 258)")] },
            new("ailed to mount early API filesystems", "systemd stopped the start: it could not mount the first API file systems", Api)
                { Subject = 0 },
            new("ailed to mount early api filesystems", "systemd stopped the start: it could not mount the first API file systems", Api)
                { Subject = 0 },
            new("ailed to mount API filesystems", "systemd stopped the start: it could not mount the API file systems", Api)
                { Subject = 0 },
            new("ailed to mount api filesystems", "systemd stopped the start: it could not mount the API file systems", Api)
                { Subject = 0 },
            new("Failed to mount cgroup at {e}: {t}", "systemd could not mount {1}: {2}", Api) { Subject = 0 },
            new("Failed to mount tmpfs (type tmpfs) on /run {t}", "systemd could not mount /run {1}", Api) { Subject = 0 },
            new("Failed to create root cgroup hierarchy: {t}", "systemd stopped the start: it could not set up cgroups ({1})", Api)
                { Subject = 0 },
            new("Failed to allocate manager object: {t}", "systemd stopped the start: it could not initialise itself ({1})", Api)
                { Subject = 0 },
            new("Failed to start up manager", "systemd stopped the start: it could not initialise itself") { Subject = 0 },
            new("Failed to isolate default target: {t}", "systemd stopped the start: the default target cannot be started ({1})",
                "The link default.target is broken, or its units contradict each other.") { Subject = 0, Fixes =
                [new("Set a target that exists", "systemctl get-default; systemctl set-default multi-user.target")] },
            new("Failed to load default target: {t}", "systemd stopped the start: the default target is not there ({1})") { Subject = 0,
                Fixes = [new("Set a target that exists", "systemctl get-default; systemctl set-default multi-user.target")] },
            new("systemd freezing execution", "systemd froze during its first steps") { Subject = 0 },
        ],
        Origin = "systemd src/core/main.c, src/shared/mount-setup.c, src/core/selinux-setup.c; sysvinit",
    };

    /// <summary>In permissive mode (of the system or of one domain) a denial is only logged.</summary>
    private static bool Enforced(IReadOnlyList<string> taken) => !taken[^1].Contains("permissive=1", StringComparison.Ordinal);

    private static bool Unlabelled(IReadOnlyList<string> taken) => Enforced(taken) &&
        taken[^1].Contains(":unlabeled_t:", StringComparison.Ordinal);

    /// <summary>The object that was refused: <c>path="/dev/console"</c> or <c>name="x"</c>, and the class.</summary>
    private static string? Object(IReadOnlyList<string> taken)
    {
        string path = After(taken[^1], "path=\""), name = path.Length > 0 ? path : After(taken[^1], "name=\"");
        string kind = After(taken[^1], "tclass=").Split(' ')[0];
        return name.Length + kind.Length == 0 ? null : $"It is about {(name.Length > 0 ? name : "an object")}" +
            (kind.Length > 0 ? $" (class {kind})." : ".");
    }

    private static string After(string text, string mark)
    {
        int at = text.IndexOf(mark, StringComparison.Ordinal);
        if (at < 0)
            return "";
        string rest = text[(at + mark.Length)..];
        int quote = rest.IndexOf('"');
        return quote >= 0 && mark.EndsWith('"') ? rest[..quote] : rest;
    }

    private const string NoLabel = "The file system (or a part of it) was written without labels: relabel it.";

    private static readonly Fix[] Label = [new("Relabel everything at the next start", "touch /.autorelabel; reboot")];

    public static readonly Family Denied = new("selinux-blocks-start", "SELinux refused what the start needs")
    {
        Area = Area.Crashing,
        In = Life.First,
        Severity = Severity.Warning,
        Confidence = 0.8,
        Explains = ["emergency-mode", "init-froze", "unit-mount-failed", "unit-listed-failed"],
        Cause = "The policy does not allow this to process 1 (or to its child, shown in brackets, before it runs the unit's program). " +
            "The lines around it show whether the start fails because of it.",
        Fixes =
        [
            new("Start once with enforcing=0; check all denials, and whether the labels are right", "ausearch -m avc -ts boot; " +
                "restorecon -nRv /etc /usr /var | head"),
        ],
        Tellings =
        [
            new("avc:  denied *} for *comm=\"systemd\" {t}", "SELinux refused systemd a file without a label", NoLabel)
                { Subject = 0, Holds = Unlabelled, Fixes = Label, Reads = Object },
            new("avc:  denied *} for *comm=\"({e})\" {t}", "SELinux refused {1}, a unit that systemd starts, a file without a label",
                NoLabel)
                { Holds = Unlabelled, Fixes = Label, Reads = Object },
            new("avc:  denied *} for *comm=\"systemd\" {t}", "SELinux refused something that systemd itself wanted to do")
                { Subject = 0, Holds = Enforced, Reads = Object },
            new("avc:  denied *} for *comm=\"({e})\" {t}", "SELinux refused something that {1}, a unit that systemd starts, needs")
                { Holds = Enforced, Reads = Object },
        ],
        Origin = "security/selinux/avc.c",
    };

    private static readonly Fix[] Config =
    [
        new("Read all its messages, in the emergency shell or on the console", "journalctl -b -t ignition | grep -iE 'error|fail|crit'; " +
            "cat /run/initramfs/rdsosreport.txt | tail -60"),
        new("Check the configuration before it is used", "butane --strict config.bu > config.ign; ignition-validate config.ign"),
    ];

    private static readonly Fix[] Fetch =
    [
        new("Check whether the machine has an address at that time, and whether it reaches the " +
            "URL", "ip addr; cat /proc/cmdline; curl -v URL"),
    ];

    private static readonly Fix[] Cloud =
    [
        new("Find the step that failed, and validate the user data", "cloud-init status --long; cloud-init schema --system; " +
            "tail -60 /var/log/cloud-init.log"),
    ];

    public static readonly Family Offline = new("network-not-online", "the start waited for the network in vain")
    {
        Area = Area.Crashing,
        Severity = Severity.Warning,
        Confidence = 0.85,
        Cause = "This unit only waits until the network is reported as up, and gave up: what is started after network-online.target " +
            "(mounts by NFS, directory services) starts late or without it. Usual reasons: an interface without cable that is configured " +
            "and awaited, no answer of DHCP in time, a link that comes up slowly, or two network managers of which one does nothing.",
        Fixes =
        [
            new("See which interface is awaited, and its state", "networkctl list; networkctl status --all; nmcli device; ip -br link"),
            new("Wait only for what is needed (--any, or --interface=), or give up the wait of a manager that is not used",
                "systemctl edit systemd-networkd-wait-online.service"),
        ],
        Tellings =
        [
            new("systemd-networkd-wait-online*: Timeout occurred while waiting for network connectivity",
                "the start waited for the network in vain (systemd-networkd): time ran out") { Subject = 0 },
            new("systemd-networkd-wait-online*: Event loop failed: {t}",
                "the start waited for the network in vain (systemd-networkd): {1}") { Subject = 0 },
            new("ailed to start*Wait for Network to be Configured",
                "the start waited for the network in vain (systemd-networkd)") { Subject = 0 },
            new("ailed to start*Network Manager Wait Online",
                "the start waited for the network in vain (NetworkManager)") { Subject = 0 },
        ],
        Origin = "systemd src/network/wait-online/wait-online.c; NetworkManager src/nm-online",
    };

    public static readonly Family FirstBoot = new("first-boot-setup-failed",
        "the configuration of a first start (Ignition, cloud-init) was not carried out")
    {
        Area = Area.Crashing,
        In = Life.First,
        Confidence = 0.9,
        CausedBy = ["network-not-ready"],
        Explains = ["emergency-mode", "unit-listed-failed", "root-not-found", "start-hangs"],
        Cause = "Ignition applies its whole configuration in the initramfs, or stops the start. It does not continue with a part of it.",
        Fixes = Config,
        Tellings =
        [
            new("Error fetching file \"{e}\": {t}", "Ignition could not create {1}: {2}", "The content, source, compression or checksum " +
                "that the configuration gives for that file is wrong, or the file could not be fetched.") { Subject = 0 },
            new("Ignition failed: {t}", "Ignition stopped the start: {1}") { Subject = 0 },
            new("unsupported config version", "Ignition stopped the start: it does not support the version of the configuration",
                "The version (ignition.version) must be one that this Ignition reads: 2.x and 3.x are different formats.") { Subject = 0 },
            new("failed to fetch config: {t}", "Ignition got no configuration: {1}") { Subject = 0, Fixes = Fetch },
            new("failed to acquire config: {t}", "Ignition got no configuration: {1}") { Subject = 0, Fixes = Fetch },
            new("Ignition has failed. Please ensure your config is valid", "Ignition stopped the start") { Subject = 0 },
            new("ignition*: op({w}): [failed] {t}", "a step of Ignition failed: {2}") { Subject = 0 },
            new("ignition*GET error: Get {t}", "Ignition cannot fetch what its configuration names: {1}", "It retries without end, " +
                "and the start waits for it.") { Subject = 0, Fixes = Fetch },
            new("ailed to start Ignition ({e})", "Ignition's stage {1} failed") { Subject = 0 },
            new("ailed to start ignition-{w}.service", "Ignition's stage {1} failed") { Subject = 0 },
            new("No instance datasource found! Likely bad things to come", "cloud-init found no data source",
                "No metadata service answered, and there is no configuration drive. The user, " +
                    "keys and network that cloud-init should set up are missing.")
                { Subject = 0, Fixes = Cloud },
            new("failed run of stage {w}", "cloud-init's stage {1} failed") { Subject = 0, Fixes = Cloud },
            new("Failed loading yaml blob", "cloud-init could not read its user data (YAML)") { Subject = 0, Fixes = Cloud },
        ],
        Origin = "coreos/ignition internal/exec, internal/resource; cloud-init cmd/main.py, util.py",
    };

    public static readonly Family[] All = [Froze, Denied, Offline, FirstBoot];
}
