using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.DumpSetup;

/// <summary>
/// /etc/sysconfig/kdump of SUSE: KDUMP_SAVEDIR is a directory or a URL (kdump(5)). RHEL has a file of the same name with other settings
/// (<see cref="RedHatSysconfig"/>). Authority: openSUSE/kdump kdump-read-config.sh, dracut/kdump-save.
/// </summary>
public sealed class SuseKdumpConf : ShellSettings
{
    private static readonly string[] Booleans =
        ["KDUMP_AUTO_RESIZE", "KDUMP_CONTINUE_ON_ERROR", "KDUMP_FADUMP", "KDUMP_FADUMP_SHELL", "KDUMP_IMMEDIATE_REBOOT",
        "KDUMP_UPDATE_BOOTLOADER"];

    private static readonly string[] Numbers =
        ["KDUMP_CPUS", "KDUMP_FREE_DISK_SIZE", "KDUMP_KEEP_OLD_DUMPS", "KDUMP_NET_TIMEOUT", "KDUMP_VERBOSE"];

    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "KDUMP_AUTO_RESIZE", "KDUMP_COMMANDLINE", "KDUMP_COMMANDLINE_APPEND", "KDUMP_CONTINUE_ON_ERROR", "KDUMP_CPUS", "KDUMP_CRASHKERNEL",
        "KDUMP_DUMPFORMAT", "KDUMP_DUMPLEVEL", "KDUMP_FADUMP", "KDUMP_FADUMP_SHELL", "FADUMP_COMMANDLINE_APPEND", "KDUMP_FREE_DISK_SIZE",
        "KDUMP_HOST_KEY", "KDUMP_IMMEDIATE_REBOOT", "KDUMP_KEEP_OLD_DUMPS", "KDUMP_KERNELVER", "KDUMP_NETCONFIG", "KDUMP_NET_TIMEOUT",
        "KDUMP_NOTIFICATION_CC", "KDUMP_NOTIFICATION_TO", "KDUMP_POSTSCRIPT", "KDUMP_PRESCRIPT", "KDUMP_REQUIRED_PROGRAMS",
        "KDUMP_SAVEDIR", "KDUMP_SMTP_PASSWORD", "KDUMP_SMTP_SERVER", "KDUMP_SMTP_USER", "KDUMP_SSH_IDENTITY", "KDUMP_TRANSFER",
        "KDUMP_VERBOSE", "KEXEC_OPTIONS", "MAKEDUMPFILE_OPTIONS", "KDUMP_UPDATE_BOOTLOADER",
        // Settings of older releases: ignored now, and no error.
        "KDUMPTOOL_FLAGS", "KDUMP_PROTO", "KDUMP_COPY_KERNEL", "KDUMP_RUNLEVEL", "KDUMP_LUKS_MEMORY",
    };

    public override string Kind => "/etc/sysconfig/kdump";

    protected override IReadOnlyCollection<string> Names => Known;

    protected override bool Mine(string name) =>
        name.StartsWith("KDUMP_", StringComparison.Ordinal) || name is "KEXEC_ARGS" or "MKDUMPRD_ARGS" or "DRACUT_ARGS" or
            "MAKEDUMPFILE_OPTIONS" or "KEXEC_OPTIONS";

    protected override string? Elsewhere(string name) => name switch
    {
        "KDUMP_CMDLINE" => "KDUMP_COMMANDLINE",
        "KDUMP_CMDLINE_APPEND" => "KDUMP_COMMANDLINE_APPEND",
        "KEXEC_ARGS" or "KDUMP_KEXEC_ARGS" => "KEXEC_OPTIONS",
        "KDUMP_COREDIR" => "KDUMP_SAVEDIR",
        _ => null,
    };

    protected override void Set(KdumpSetting setting, Facts facts)
    {
        // No finding quotes a URL that holds a password.
        if (setting.Name == "KDUMP_SAVEDIR" && setting.Value.Length > 0)
            setting = setting with { Source = setting.Source with
            { Text = setting.Source.Text.Replace(setting.Value, Masked(setting.Value), StringComparison.Ordinal) } };
        facts.Add(setting);
        if (setting.Value.Length == 0)
            return;
        if (Problem(setting) is { } problem)
            facts.Add(problem);
        if (setting.Name == "KDUMP_SAVEDIR" && IsPlace(setting.Value))
            facts.Add(TargetOf(setting.Source, setting.Value));
    }

    /// <summary>
    /// kdump(5), "URL FORMAT". Releases before 1.9 split a dump over several local folders, with blanks between: the first stands for them.
    /// </summary>
    private static DumpTarget TargetOf(Source source, string value)
    {
        if (Places(value) is [var first, _, ..])
            value = first;
        var c = new TextCursor(value);
        string scheme = c.Before("://", out ReadOnlySpan<char> s) ? s.ToString().ToLowerInvariant() : "file";
        string rest = c.Rest.ToString();
        return scheme switch
        {
            "file" => new(source, TargetKind.Root, "", "", rest),
            "nfs" => new(source, TargetKind.Nfs, HostAndPath(rest), "", ""),
            "ssh" or "sftp" or "scp" => new(source, TargetKind.Ssh, WithoutPassword(rest), "", ""),
            _ => new(source, TargetKind.Other, $"{scheme}://{WithoutPassword(rest)}", scheme, ""),
        };
    }

    private static string Masked(string value) => string.Join(' ', Places(value).Select(v =>
        v.IndexOf("://", StringComparison.Ordinal) is > 0 and var at ? v[..(at + 3)] + WithoutPassword(v[(at + 3)..], ":***") : v));

    /// <summary>Targets with blanks between them; a blank before anything else belongs to the name of a folder.</summary>
    private static List<string> Places(string value)
    {
        var places = new List<string>();
        foreach (string word in value.Split(' '))
        {
            if (places.Count == 0 || (word.Length > 0 && IsPlace(word)))
                places.Add(word);
            else
                places[^1] += " " + word;
        }
        return places;
    }

    /// <summary><c>user:password@host/folder</c> without the password, which no report shows.</summary>
    private static string WithoutPassword(string rest, string instead = "")
    {
        int at = rest.Split('/')[0].LastIndexOf('@'), colon = rest.IndexOf(':');
        return at > 0 && colon >= 0 && colon < at ? rest[..colon] + instead + rest[at..] : rest;
    }

    private static KdumpConfProblem? Problem(KdumpSetting setting)
    {
        string value = setting.Value;
        if (setting.Name == "KDUMP_DUMPLEVEL" && (!int.TryParse(value, out int level) || level is < 0 or > 31))
            return new(setting.Source, $"KDUMP_DUMPLEVEL={value}: a dump level is 0 to 31" + (int.TryParse(value, out _)
                ? "; kdump 1.9 and newer takes 0 and writes every page, older ones fail" : ": 31 is taken"))
            { Effect = int.TryParse(value, out _) ? ConfEffect.Doubtful : ConfEffect.Ignored, Correction = "Write KDUMP_DUMPLEVEL=31" };
        if (setting.Name == "KDUMP_NETCONFIG" && NetworkMode(value) is { } mode)
            return new(setting.Source, $"KDUMP_NETCONFIG={value}: '{mode}' is no way to set a network card up")
            { Effect = ConfEffect.Doubtful, Correction = "Write auto, or CARD:MODE with auto, static, dhcp, dhcp4, dhcp6 or auto6" };
        if (setting.Name == "KDUMP_DUMPFORMAT" && value is not ("none" or "ELF" or "compressed" or "lzo" or "snappy" or "zstd" or "raw"))
            return new(setting.Source, $"KDUMP_DUMPFORMAT={value} is no format: compressed is taken")
            { Correction = "Write one of none, ELF, compressed, lzo, snappy, zstd, raw" };
        if (setting.Name == "KDUMP_SAVEDIR" && IsPlace(value) && Places(value) is [_, _, ..] places)
            return new(setting.Source, $"KDUMP_SAVEDIR names {places.Count} targets: kdump 1.9 and newer reads them as one name, and " +
                "older ones take the first, or split the dump over local folders")
            {
                Effect = places.All(p => p[0] == '/' || p.StartsWith("file://", StringComparison.OrdinalIgnoreCase)) ? ConfEffect.Doubtful
                    : ConfEffect.Fails,
                Correction = "Write one target",
            };
        if (setting.Name == "KDUMP_SAVEDIR" && !IsPlace(value))
            return new(setting.Source,
                $"KDUMP_SAVEDIR={Masked(value)} is neither an absolute path nor a URL that kdump knows: there is no target")
            { Effect = ConfEffect.Fails,
                Correction = "Write a path from the root on, or file://, nfs://, ssh://, sftp://, ftp://, cifs://" };
        if (Array.IndexOf(Booleans, setting.Name) >= 0 && value is not ("yes" or "no" or "true" or "false" or "0" or "1"))
            return new(setting.Source, $"{setting.Name}={value} is neither true nor false: its default is taken")
            { Correction = "Write true or false" };
        if (Array.IndexOf(Numbers, setting.Name) >= 0 && !long.TryParse(value, out _))
            return new(setting.Source, $"{setting.Name}={value} is no number: its default is taken") { Correction = "Write a number" };
        return null;
    }

    private static bool IsPlace(string value)
    {
        string[] schemes = ["file://", "ftp://", "scp://", "sftp://", "ssh://", "nfs://", "smb://", "cifs://"];
        return value[0] is '/' or '$' || Array.Exists(schemes, s => value.StartsWith(s, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary><c>auto</c>, <c>CARD:MODE</c>, each with <c>:force</c> behind it; a mode that kdump_cmdline_ip does not know, or
    /// null.</summary>
    private static string? NetworkMode(string value)
    {
        string plain = value.EndsWith(":force", StringComparison.Ordinal) ? value[..^":force".Length] : value;
        string mode = plain[(plain.IndexOf(':') + 1)..];
        return mode is "auto" or "static" or "dhcp" or "dhcp4" or "dhcp6" or "auto6" || plain.Contains('$') ? null : mode;
    }

    private static string HostAndPath(string rest)
    {
        int slash = rest.IndexOf('/');
        return slash < 0 ? rest : $"{rest[..slash]}:{rest[slash..]}";
    }
}
