namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>What stops a start before any unit is started: systemd's own first steps, and a policy that forbids them.</summary>
internal static class FirstStepFamilies
{
    private static readonly Fix[] Selinux =
    [
        new("Start once with enforcing=0 on the command line (selinux=0 if that is not enough), then install the policy " +
            "and label everything anew", "grep -v '^#' /etc/selinux/config; ls /etc/selinux/*/policy; touch /.autorelabel; reboot",
            "labelling takes minutes; until then nothing is enforced"),
        new("An image that has no policy: SELINUX=disabled in its /etc/selinux/config, or selinux=0"),
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
        new("Take systemd.unified_cgroup_hierarchy=0 and SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE off the command line; " +
            "a container needs a host with cgroup v2", "cat /proc/cmdline; stat -fc %T /sys/fs/cgroup"),
    ];

    private const string NoPolicy = "SELINUX=enforcing is configured, and the policy is not there, " +
        "damaged, or of a version that this kernel does not read. systemd then stops rather than start without it.";

    private const string Api = "It could not mount what it lives by (/proc, /sys, /dev, /run, cgroups): " +
        "the kernel lacks it, it is mounted wrongly already, or a security policy forbids it.";

    public static readonly Family Froze = new("init-froze", "systemd stopped the start at its own first steps")
    {
        Area = Area.Crashing,
        In = Life.First,
        Severity = Severity.Critical,
        Confidence = 0.9,
        CausedBy = ["filesystem-damaged", "filesystem-io-error", "root-not-found", "selinux-blocks-start"],
        Explains = ["emergency-mode", "kernel-panic", "systemd-crashed"],
        Cause = "Process 1 gave up before it started any unit; it neither goes on nor ends.",
        Fixes = Kernel,
        Tellings =
        [
            new("ailed to load SELinux policy", "systemd stopped the start: it could not load the SELinux policy", NoPolicy)
                { Subject = 0, Fixes = Selinux },
            new("Unable to load SELinux Policy. Machine is in enforcing mode. Halting now",
                "init stopped the start: it could not load the SELinux policy", NoPolicy) { Subject = 0, Fixes = Selinux },
            new("Unable to fix SELinux security context of {e}: {t}", "systemd may not label {1} ({2}): SELinux forbids it",
                "Files have no or wrong labels, or the policy does not fit this system (a root on a file system without labels, " +
                "a copy made without them), so that even process 1 may not do its first steps.") { Subject = 0, Fixes = Selinux },
            new("ailed to load IMA policy", "systemd stopped the start: it could not load the IMA policy") { Subject = 0 },
            new("ailed to load SMACK policy", "systemd stopped the start: it could not load the SMACK policy") { Subject = 0 },
            new("efusing to run under cgroup v1", "systemd stopped the start: it does not run on the old cgroup hierarchy (v1) any more",
                "From version 256 on systemd asks for cgroup v2. The command line (or the container's host) gave it v1.")
                { Subject = 0, Fixes = Cgroup },
            new("Detected unsupported legacy cgroup hierarchy, refusing execution",
                "systemd stopped the start: it does not run on the old cgroup hierarchy " +
                "(v1) any more", "Version 258 has no code for it any more.") { Subject = 0, Fixes = Cgroup },
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
            new("Failed to allocate manager object: {t}", "systemd stopped the start: it could not set itself up ({1})", Api)
                { Subject = 0 },
            new("Failed to start up manager", "systemd stopped the start: it could not set itself up") { Subject = 0 },
            new("Failed to isolate default target: {t}", "systemd stopped the start: the default target cannot be started ({1})",
                "The link default.target is broken, or its units contradict each other.") { Subject = 0, Fixes =
                [new("Set a target that is there", "systemctl get-default; systemctl set-default multi-user.target")] },
            new("Failed to load default target: {t}", "systemd stopped the start: the default target is not there ({1})") { Subject = 0,
                Fixes = [new("Set a target that is there", "systemctl get-default; systemctl set-default multi-user.target")] },
            new("systemd freezing execution", "systemd froze at its first steps") { Subject = 0 },
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

    private const string NoLabel = "The file system (or a part of it) was written without labels: label it anew.";

    private static readonly Fix[] Label = [new("Label everything anew at the next start", "touch /.autorelabel; reboot")];

    public static readonly Family Denied = new("selinux-blocks-start", "SELinux refused what the start needs")
    {
        Area = Area.Crashing,
        In = Life.First,
        Severity = Severity.Warning,
        Confidence = 0.8,
        Explains = ["emergency-mode", "init-froze", "unit-mount-failed", "unit-listed-failed"],
        Cause = "The policy does not let process 1 (or its child in brackets, before it runs the unit's program) do this. " +
            "Whether the start fails by it, the lines around tell.",
        Fixes =
        [
            new("Start once with enforcing=0; see all denials, and whether the labels are right", "ausearch -m avc -ts boot; " +
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
        new("Read all that it said, in the emergency shell or on the console", "journalctl -b -t ignition | grep -iE 'error|fail|crit'; " +
            "cat /run/initramfs/rdsosreport.txt | tail -60"),
        new("Check the configuration before it is used", "butane --strict config.bu > config.ign; ignition-validate config.ign"),
    ];

    private static readonly Fix[] Fetch =
    [
        new("Has the machine an address at that moment, and does it reach the URL?", "ip addr; cat /proc/cmdline; curl -v URL"),
    ];

    private static readonly Fix[] Cloud =
    [
        new("See which step failed, and validate the user data", "cloud-init status --long; cloud-init schema --system; " +
            "tail -60 /var/log/cloud-init.log"),
    ];

    public static readonly Family FirstBoot = new("first-boot-setup-failed",
        "the configuration of a first start (Ignition, cloud-init) was not carried out")
    {
        Area = Area.Crashing,
        In = Life.First,
        Confidence = 0.9,
        CausedBy = ["network-not-ready"],
        Explains = ["emergency-mode", "unit-listed-failed", "root-not-found", "start-hangs"],
        Cause = "Ignition does all of its configuration in the initramfs or stops the start; it does not go on half way.",
        Fixes = Config,
        Tellings =
        [
            new("Error fetching file \"{e}\": {t}", "Ignition could not make {1}: {2}", "What the configuration gives for that file " +
                "(its content, source, compression or checksum) is not what it says it is, or could not be fetched.") { Subject = 0 },
            new("Ignition failed: {t}", "Ignition stopped the start: {1}") { Subject = 0 },
            new("unsupported config version", "Ignition stopped the start: the configuration's version is not one that it takes",
                "The version (ignition.version) must be one that this Ignition reads: " +
                "2.x and 3.x are not the same format.") { Subject = 0 },
            new("failed to fetch config: {t}", "Ignition got no configuration: {1}") { Subject = 0, Fixes = Fetch },
            new("failed to acquire config: {t}", "Ignition got no configuration: {1}") { Subject = 0, Fixes = Fetch },
            new("Ignition has failed. Please ensure your config is valid", "Ignition stopped the start") { Subject = 0 },
            new("ignition*: op({w}): [failed] {t}", "a step of Ignition failed: {2}") { Subject = 0 },
            new("ignition*GET error: Get {t}", "Ignition cannot fetch what its configuration names: {1}", "It tries again and again; " +
                "the start waits meanwhile.") { Subject = 0, Fixes = Fetch },
            new("ailed to start Ignition ({e})", "Ignition's stage {1} failed") { Subject = 0 },
            new("ailed to start ignition-{w}.service", "Ignition's stage {1} failed") { Subject = 0 },
            new("No instance datasource found! Likely bad things to come", "cloud-init found no data source",
                "No metadata service answered and no configuration drive is there: " +
                "the user, keys and network that it was to set up are not there.")
                { Subject = 0, Fixes = Cloud },
            new("failed run of stage {w}", "cloud-init's stage {1} failed") { Subject = 0, Fixes = Cloud },
            new("Failed loading yaml blob", "cloud-init could not read its user data (YAML)") { Subject = 0, Fixes = Cloud },
        ],
        Origin = "coreos/ignition internal/exec, internal/resource; cloud-init cmd/main.py, util.py",
    };

    public static readonly Family[] All = [Froze, Denied, FirstBoot];
}
