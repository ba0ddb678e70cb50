using System.Text.RegularExpressions;

namespace Kdump.Diagnosis.Reports;

/// <summary>
/// The forms in which names, addresses and numbers of a machine occur in the lines that it prints, for <see cref="StandIns"/>.
/// </summary>
internal static partial class NamePatterns
{
    /// <summary>The host column of syslog, behind a date and before a program.</summary>
    [GeneratedRegex(@"^((?:<\d{1,3}>(?:1 )?)?(?:[A-Z][a-z]{2} +(?:\d{4}-\d\d-\d\d|\d{1,2}) (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d+)?" +
        @"(?: [A-Z]{2,5})?|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?) )(?![\w.-]+#\d)([A-Za-z0-9][\w.-]*)" +
        @"(?= +[\w./@()-]+(?:\[\d+\])?(?::| \d+ ))")]
    public static partial Regex LoggersHost();

    /// <summary>No stand-in.</summary>
    private const string HostWord = @"(?![\w.-]+#\d)([A-Za-z0-9][\w-]*(?:\.[\w-]+)*)";

    /// <summary>A word that says that a host's name follows.</summary>
    [GeneratedRegex(@"((?i:hostname set to |\b_?hostname[""']?\s*(?:[=:]|is set to|to)\s*|\bnode_?name[""']?\s*[=:]\s*|" +
        @"\bhost[""']?\s*[=:]\s*|\bserver\s*[=:]\s*|^Linux (?!version )(?=[\w.-]+ \d+\.\d+)|^uname: Linux (?=[\w.-]+ \d+\.\d+)|" +
        @"\bmachine[""']?\s*=\s*|\bnfs[34]? +(?=[\w.-]+:/)|\bnfs: server (?=[\w.-]+ )|\bRPC: .*?\bserver (?=[\w.-]+ )|" +
        @"\b(?:ssh|nfs|tcp|https?|ftp)://(?![^\s/]*@))[<""'\[]?)" + HostWord)]
    public static partial Regex NamedHost();

    /// <summary>A user and a host, which may have its stand-in already.</summary>
    [GeneratedRegex(@"(?<![\w./#-])([A-Za-z][\w.+-]*)@(?!0x)(?:((?:host|ip)#\d+)|" + HostWord + ")")]
    public static partial Regex UserAt();

    [GeneratedRegex(@"(/(?:home|Users|export/home)/)([^/\s:""'<>,;)]+)")]
    public static partial Regex Home();

    /// <summary>A word that names a serial number, and a value with a digit.</summary>
    [GeneratedRegex(@"((?i:\bserial(?:[ _-]?(?:number|num|no|nr|short))?\b|\b(?:id_)?serial(?:_short)?(?==)|\bs/n\b|\bsn(?=[:=])|" +
        @"\bppin\b|\basset[ _-]?tag\b|\bservice[ _-]?tag\b|\b(?:board|chassis|product|system|unit)_serial\b)[""']?\s*[:=]?\s*" +
        @"[""']?(?:0x)?)(?![^\s""',;]*#)((?=[^\s""',;()]*\d)[A-Za-z0-9][\w./:+-]{2,63})")]
    public static partial Regex NamedSerial();

    /// <summary>Identities of file systems, disks and ports behind their names.</summary>
    [GeneratedRegex(@"(\bby(?:-|\\x2d)(?:uuid|partuuid|id|label|partlabel)[/-]|\b\w*UUID\w*[=:] ?""?|\b(?:PART)?LABEL=""?|" +
        @"(?i:\b(?:wwp?n|wwnn|wwpn|wwid|sas[_ ]addr(?:ess)?|(?:\w+[_ ])?guid|machine[ _-]?id|boot[ _-]?id|" +
        @"initiatorname|initiator_?name|target_?name)[""']?\s*[:=(]\s*[""']?|\b\w*guid\s+(?=0x)))" +
        @"(?![^\s""',;]*#)([A-Za-z0-9][^\s""',;()<>]{2,}?)" +
        @"(?=\.(?:device|mount|swap|service)\b|-part\d|[\s""',;()<>.]*$|[\s""',;()<>]|\.\s)")]
    public static partial Regex NamedId();

    /// <summary>UUIDs with dashes (systemd's escapes, too), 32 digits, names of SCSI, enx and a MAC.</summary>
    [GeneratedRegex(@"(?<![A-Za-z0-9])(?:[0-9a-fA-F]{8}(?:(?:-|\\x2d)[0-9a-fA-F]{4}){3}(?:-|\\x2d)[0-9a-fA-F]{12}|[0-9a-fA-F]{32}|" +
        @"(?:naa|eui|t10)\.[A-Za-z0-9][\w.-]*|wwn-0x[0-9a-f]+|iqn\.[A-Za-z0-9][\w.:-]*|enx[0-9a-f]{12})(?![A-Za-z0-9])")]
    public static partial Regex BareId();

    [GeneratedRegex(@"(?<![A-Za-z0-9-])(?:[0-9a-fA-F]{2}-){5,6}[0-9a-fA-F]{2}(?![A-Za-z0-9-])")]
    public static partial Regex DashedMac();

    /// <summary>What may be an address with colons; <see cref="Text.NetworkAddress.HasColons"/> decides.</summary>
    [GeneratedRegex(@"(?<![A-Za-z0-9:.])(?:[0-9a-fA-F]{1,4})?(?::[0-9a-fA-F]{0,4}){2,19}(?:(?<=:)\d+\.\d+\.\d+\.\d+)?(?:%\w+)?" +
        "(?![A-Za-z0-9:.]*[g-zG-Z:])")]
    public static partial Regex Colons();

    private const string Octet = @"(?:25[0-5]|2[0-4]\d|1?\d?\d)";

    /// <summary>Four numbers that are no version.</summary>
    [GeneratedRegex(@"(?<![\w.])(?<!(?i:version|firmware|driver|rev|bios|ver)[ :=]+v?)(?:" + Octet + @"\.){3}" + Octet +
        @"(?!\w|\.\d)")]
    public static partial Regex V4();

    /// <summary>A name in a domain, or behind the stand-in of a host.</summary>
    [GeneratedRegex(@"(?<![\w./#-])(host#\d+\.)?((?:[A-Za-z0-9][\w-]*\.)*(?:com|net|org|edu|gov|mil|local|lan|internal|intra|corp|" +
        @"example|test|localdomain|arpa|cloud|de|cn|jp|uk|fr|eu|nl|ch|at|ru|kr|tw|hk|br|ca|au|us))(?!\w|\.\w|\()")]
    public static partial Regex Domains();

    /// <summary>Sites that everybody reads.</summary>
    [GeneratedRegex(@"^(?:.*\.)?(?:kernel|redhat|fedoraproject|centos|debian|ubuntu|launchpad|canonical|suse|opensuse|oracle|github|" +
        @"gitlab|freedesktop|microsoft|" +
        @"intel|amd|nvidia|broadcom|wikipedia|archlinux|almalinux|rockylinux|infradead|w3)\.(?:org|com|net|io)$",
        RegexOptions.IgnoreCase)]
    public static partial Regex Public();

    [GeneratedRegex(@"^(?:[\w.-]+=)?value#\d+$")]
    public static partial Regex MaskedParameter();

    [GeneratedRegex(@"(\.\.\.|…)([\w\\-]+)")]
    public static partial Regex CutBefore();

    [GeneratedRegex(@"([A-Za-z0-9][\w\\:.-]*?)(…|\.\.\.)")]
    public static partial Regex CutBehind();

    [GeneratedRegex(@"^[0-9a-fA-F-]+$")]
    public static partial Regex HexadecimalOnly();
}
