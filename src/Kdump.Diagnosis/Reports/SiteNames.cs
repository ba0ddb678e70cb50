using System.Text.RegularExpressions;

namespace Kdump.Diagnosis.Reports;

/// <summary>
/// Names that people of a site gave and that logs print in the words of programs: users, shares, volumes, labels, clusters, and folders in
/// those places of a file tree where a site keeps its own data.
/// </summary>
internal static partial class SiteNames
{
    /// <summary>Words without which no pattern of a group fits, and the group.</summary>
    private static readonly (string[] Words, Func<string, StandIns, string> Of)[] Groups =
    [
        (["user", "User", "USER", "login", "logname", "acct", " for ", "sudo", "CMD"], Users),
        (["://"], (text, names) => UrlUser().Replace(text, m => m.Groups[1].Value + Learn(names, StandInKind.User, m.Groups[2].Value))),
        ([@"\\", "//"], Shares),
        (["mount", " for ", " from "], (text, names) => Export().Replace(text, m => m.Groups[1].Value +
            Learn(names, StandInKind.Host, m.Groups[2].Value))),
        (["rhel_", "centos_", "fedora_", "ol_", "almalinux_", "rocky_", "cl_", "cs_", "openeuler_", "anolis_", "-vg"], Volumes),
        (["/md/", "name="], (text, names) => ArrayOfHost().Replace(text, m => m.Groups[1].Value +
            Learn(names, StandInKind.Host, m.Groups[2].Value))),
        (["abel ", "fsid=", "dlm: ", "drbd ", "SSID", "ssid"], (text, names) => Given().Replace(text, m =>
            m.Groups[1].Value + Learn(names, StandInKind.Id, m.Groups[2].Value))),
        ([" dev="], (text, names) => AuditName().Replace(text, m => m.Groups[1].Value + Part(m.Groups[2].Value, names))),
        (["logical id", "port ", "WW", "ww"], (text, names) => WorldWide().Replace(text, m => m.Groups[1].Value +
            Learn(names, StandInKind.Id, m.Groups[2].Value))),
        (["nqn.", "SHA256:", "MD5:"], (text, names) => Marks().Replace(text, m => names.Learn(StandInKind.Id, m.Value))),
        (["/"], Folders),
        ([".mount", ".automount", ".swap"], (text, names) => MountUnit().Replace(text, m => m.Groups[1].Value +
            names.Learn(StandInKind.Name, m.Groups[2].Value))),
    ];

    /// <summary>Users of every system.</summary>
    private static readonly HashSet<string> SystemUsers = ["root", "nobody", "daemon", "bin", "sys", "sync", "mail", "www-data", "apache",
        "nginx", "postgres", "mysql", "gdm", "sddm", "lightdm", "messagebus", "dbus", "polkitd", "chrony", "ntp", "sshd", "rpc", "rpcuser",
        "tss", "user", "users", "unknown", "none", "system", "kdump", "core"];

    /// <summary>What the kernel says behind "user", and folders of every installer.</summary>
    private static readonly HashSet<string> NoNames = ["space", "mode", "namespace", "memory", "access", "pages", "page", "data", "process",
        "processes", "address", "stack", "request", "sysroot", "sysimage", "cdrom"];

    /// <summary>The text with stand-ins for such names.</summary>
    public static string In(string text, StandIns names)
    {
        foreach ((string[] words, Func<string, StandIns, string> of) in Groups)
        {
            foreach (string word in words)
            {
                if (text.Contains(word, StringComparison.Ordinal))
                {
                    text = of(text, names);
                    break;
                }
            }
        }
        return text;
    }

    private static string Users(string text, StandIns names)
    {
        text = NamedUser().Replace(text, m => m.Groups[1].Value + Learn(names, StandInKind.User, m.Groups[2].Value));
        return SudoUser().Replace(text, m => m.Groups[1].Value + Learn(names, StandInKind.User, m.Groups[2].Value));
    }

    private static string Shares(string text, StandIns names) => Share().Replace(text, m => m.Groups[1].Value +
        Learn(names, StandInKind.Host, m.Groups[2].Value) + m.Groups[3].Value + Part(m.Groups[4].Value, names));

    /// <summary>Installers name the first volume group after the host.</summary>
    private static string Volumes(string text, StandIns names)
    {
        text = AnacondaGroup().Replace(text, m => m.Groups[1].Value + OfVolume(m.Groups[2].Value, names));
        return DebianGroup().Replace(text, m => m.Groups[1].Value is "ubuntu" or "debian" ? m.Value : OfVolume(m.Groups[1].Value, names));
    }

    private static string OfVolume(string name, StandIns names) =>
        Learn(names, StandInKind.Host, name.Replace("--", "-", StringComparison.Ordinal));

    private static string Folders(string text, StandIns names) => Folder().Replace(text, m => m.Groups[1].Value +
        string.Join('/', m.Groups[2].Value.Split('/').Select(p => Part(p, names))));

    /// <summary>The instance of a unit of systemd (<c>getty@tty1.service</c>): no host; null for other names.</summary>
    public static string? Unit(string name, StandIns names)
    {
        int dot = name.LastIndexOf('.');
        if (dot < 0 || name[dot..] is not (".service" or ".socket" or ".timer" or ".target" or ".slice" or ".scope" or ".path"))
            return null;
        string instance = name[..dot];
        return Terminal().IsMatch(instance) ? name : Part(instance, names) + name[dot..];
    }

    private static string Part(string part, StandIns names) => Kept(part) || HarmlessNames.Has(part) || NoNames.Contains(part) ? part
        : names.Learn(StandInKind.Name, part);

    /// <summary>A user or a host, unless it is one of every system or has its stand-in.</summary>
    private static string Learn(StandIns names, StandInKind kind, string value) =>
        Kept(value) || (kind == StandInKind.User && IsOfSystem(value)) || HarmlessNames.Has(value) ? value : names.Learn(kind, value);

    /// <summary>A user that every system has: its name tells nothing.</summary>
    public static bool IsOfSystem(string user) => SystemUsers.Contains(user) || NoNames.Contains(user) ||
        user.StartsWith("systemd-", StringComparison.Ordinal);

    /// <summary>A stand-in, or the mask of a secret.</summary>
    private static bool Kept(string value) => value.Length == 0 || value.Contains('#', StringComparison.Ordinal) ||
        value.Contains("***", StringComparison.Ordinal);

    [GeneratedRegex(@"^(?:tty\w*|hvc\d+|console|pts)$")]
    private static partial Regex Terminal();

    /// <summary>A word that says that a user's name follows: sshd, PAM, su, systemd-logind, audit, JSON.</summary>
    [GeneratedRegex(@"((?:\b(?:invalid|illegal|for|session \w+ of) [uU]ser |\bUser (?=[\w.+-]+ (?:from|not|unknown))|" +
        @"\b(?:Failed|Accepted|Postponed) (?:password|publickey|keyboard-interactive(?:/pam)?|gssapi-with-mic|hostbased|none) " +
        @"for (?!invalid|illegal)|" +
        @"(?i:\b(?:logname|ruser|user(?:name)?|acct|login)[""']?(?:=|:\s?(?=[""']))))[""']?)([A-Za-z_][\w.+-]*[\w$])")]
    private static partial Regex NamedUser();

    /// <summary><c>sudo: bob : TTY=…</c>, <c>(bob) CMD</c>.</summary>
    [GeneratedRegex(@"((?:\bsudo(?:\[\d+\])?: +(?:error: )?|\())([A-Za-z_][\w.+-]*)(?= : (?:TTY=|\w+ )|\) CMD\b)")]
    private static partial Regex SudoUser();

    [GeneratedRegex(@"(://)([A-Za-z_][^\s:/@#]*)(?=(?::[^\s/@]*)?@)")]
    private static partial Regex UrlUser();

    /// <summary><c>\\HOST\SHARE</c>, <c>//HOST/SHARE</c>.</summary>
    [GeneratedRegex(@"((?<![\w\\:])\\\\|(?<![\w:/.])//)([A-Za-z0-9][\w.-]*)(\\{1,2}|/)([\w.$-]+)")]
    private static partial Regex Share();

    /// <summary><c>HOST:/path</c> behind a word of a mount.</summary>
    [GeneratedRegex(@"(\b(?:mounting|mount|for|from|of|unmount) )([A-Za-z0-9][\w-]*(?:\.[\w-]+)*)(?=:/[\w])")]
    private static partial Regex Export();

    [GeneratedRegex(@"((?<=[/=""'])(?:rhel|centos|fedora|ol|almalinux|rocky|cl|cs|openeuler|anolis)_)([A-Za-z0-9](?:\w|--|-(?=[\w-]*/))*)")]
    private static partial Regex AnacondaGroup();

    [GeneratedRegex(@"(?<=/dev/mapper/|root=/dev/|\bmapper/|/dev/)([A-Za-z0-9](?:[\w]|--|-(?!vg\b))*)(?=--vg-|-vg/)")]
    private static partial Regex DebianGroup();

    /// <summary>mdadm puts the host before the name of an array.</summary>
    [GeneratedRegex(@"(/dev/md/|\bname=)([A-Za-z][\w.-]*)(?=:\w)")]
    private static partial Regex ArrayOfHost();

    /// <summary>A file in a line of the audit system.</summary>
    [GeneratedRegex(@"(\bname="")([^""/]+)(?="" dev=)")]
    private static partial Regex AuditName();

    /// <summary>Labels, clusters, lock spaces, resources, wireless networks.</summary>
    [GeneratedRegex(@"((?i:\bdevice label |\bvolume label:? +|\bfsid=|\bssid\W{1,3}(?=[""'])[""'])|\bdlm: (?=[\w.-]+: )|" +
        @"\bdrbd (?!drbd\d)(?=[\w.-]+[/:] ?))([A-Za-z][\w.:-]*[\w-])")]
    private static partial Regex Given();

    /// <summary>The world wide name of a port, an enclosure or a disk behind its word.</summary>
    [GeneratedRegex(@"(\b(?i:wwp?n|wwnn|wwid|logical id|port)\b[:=(\s]{1,3})((?:0x)?[1-6][0-9a-fA-F]{15})(?![0-9A-Za-z])")]
    private static partial Regex WorldWide();

    /// <summary>NVMe's qualified names and fingerprints of ssh keys.</summary>
    [GeneratedRegex(@"(?<!\w)(?:nqn\.(?!2014-08\.org\.nvmexpress\.discovery)\d{4}-\d\d\.[A-Za-z0-9][\w.:-]*|SHA256:[A-Za-z0-9+/]{40,}=?|" +
        "MD5(?::[0-9a-f]{2}){16})")]
    private static partial Regex Marks();

    /// <summary>Below these a site puts what is its own.</summary>
    [GeneratedRegex(@"((?<![\w.#])(?:/(?:sysroot|kdumproot|newroot|target|mnt/sysroot))?/(?:srv|mnt|media|run/media|data\d*|exports?|" +
        @"vols?|volumes?|net|nfs|shares?|shared|backups?|opt|home/[^/\s]+|Users/[^/\s]+)/)([^\s""'<>|,;:()\[\]{}*…]*[\w$%+-])")]
    private static partial Regex Folder();

    /// <summary>systemd's units of mounts below such folders.</summary>
    [GeneratedRegex(@"((?<![\w\\-])(?:srv|mnt|media|data|exports?|vols?|home|opt|backups?)-)" +
        @"([\w\\-]+(?:\.[\w\\-]+)*?)(?=\.(?:mount|automount|swap)\b)")]
    private static partial Regex MountUnit();
}
