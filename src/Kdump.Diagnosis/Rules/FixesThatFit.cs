using System.Text.RegularExpressions;
using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Rules.Images;

namespace Kdump.Diagnosis.Rules;

/// <summary>
/// Corrects fixes by what is known of the machine: a node in /dev that the kernel took away cannot be asked before it is back, and
/// commands of another distribution's kdump do not exist here. One place for all rules, which name the usual command, that of kdump-utils
/// (RHEL, Fedora). Where nothing tells the distribution, the commands of all three families are named.
/// </summary>
public static partial class FixesThatFit
{
    internal static Finding Of(Finding finding, Facts facts)
    {
        IReadOnlyList<Fix> fixes = finding.Fixes;
        if (fixes.Count == 0)
            return finding;
        string[] gone = [.. facts.Of<DeviceGone>().Where(g => !g.Back).Select(g => g.Name).Distinct(StringComparer.Ordinal).Take(16)];
        DumpService service = ServiceOf(finding, facts);
        BootLoader loader = BootLoaders.Of(facts, service);
        KdumpTools tools = ToolsOf(service);
        bool own = tools != KdumpTools.None && fixes.Any(f => f.For == tools);
        Fix[] fitting = [.. fixes.Where(f => !own || f.For == KdumpTools.None || f.For == tools)
            .Select(f => BootLoaders.Fit(OfService(OfGone(f, gone), service), loader))];
        return fitting.SequenceEqual(fixes) ? finding : finding with { Fixes = fitting };
    }

    /// <summary>
    /// A fix of the catalogue, for a reader whose machine is not known: with the commands of all families, unless its signs are lines of
    /// one family's tools.
    /// </summary>
    public static Fix ForAnyMachine(Fix fix, IEnumerable<string> signs)
    {
        DumpService[] services = [.. signs.Select(s => DumpServices.Of([s])).Where(s => s != DumpService.Unknown).Distinct()];
        return OfService(fix, services is [DumpService.Kdumpctl] ? DumpService.Kdumpctl : DumpService.Unknown);
    }

    /// <summary>By what its tools say, by the machine's files, by the lines of the finding, by the name of its kernel.</summary>
    private static DumpService ServiceOf(Finding finding, Facts facts)
    {
        if (DumpServices.Of(facts) is var said and not DumpService.Unknown)
            return said;
        DumpService known = DumpTools.Of(facts) switch
        {
            KdumpTools.RedHat => DumpService.Kdumpctl,
            KdumpTools.Debian => DumpService.KdumpTools,
            KdumpTools.Suse => DumpService.Suse,
            _ => DumpServices.Of(finding.Evidence.Select(e => e.Text)),
        };
        return known != DumpService.Unknown ? known : BootLoaders.Of(facts, DumpService.Unknown) switch
        {
            BootLoader.Grubby => DumpService.Kdumpctl,
            BootLoader.UpdateGrub => DumpService.KdumpTools,
            BootLoader.Mkconfig => DumpService.Suse,
            _ => DumpService.Unknown,
        };
    }

    private static KdumpTools ToolsOf(DumpService service) => service switch
    {
        DumpService.Kdumpctl => KdumpTools.RedHat,
        DumpService.KdumpTools => KdumpTools.Debian,
        DumpService.Suse => KdumpTools.Suse,
        _ => KdumpTools.None,
    };

    /// <summary>The command names a node that is not there, or does not answer.</summary>
    private static Fix OfGone(Fix fix, string[] gone)
    {
        if (fix.Command is not { } command || Array.Find(gone, g => Names(command, g)) is not { } name)
            return fix;
        return fix with { Text = $"{fix.Text}: once it is back, after a power cycle or a rescan of the bus; now /dev/{name} is gone or " +
            "does not answer" };
    }

    /// <summary><c>/dev/nvme0</c>, <c>/dev/nvme0n1p2</c>, <c>/sys/class/nvme/nvme0/…</c>; not <c>/dev/nvme01</c>.</summary>
    private static bool Names(string command, string name)
    {
        foreach (string folder in new[] { "/dev/", "/sys/class/nvme/", "/sys/block/" })
        {
            for (int at = command.IndexOf(folder + name, StringComparison.Ordinal); at >= 0;
                at = command.IndexOf(folder + name, at + 1, StringComparison.Ordinal))
            {
                int end = at + folder.Length + name.Length;
                bool disk = name.StartsWith("sd", StringComparison.Ordinal);
                if (end >= command.Length || (disk ? !char.IsAsciiLetter(command[end]) : !char.IsAsciiDigit(command[end])))
                    return true;
            }
        }
        return false;
    }

    /// <summary>Words of kdump-utils (RHEL, Fedora) → what Debian's kdump-tools and SUSE's kdump have for them.</summary>
    private static readonly (string RedHat, string Debian, string Suse)[] Words =
    [
        ("extra_modules in /etc/kdump.conf", "/etc/initramfs-tools/modules", "add_drivers in a file of /etc/dracut.conf.d"),
        ("extra_modules", "/etc/initramfs-tools/modules", "add_drivers in a file of /etc/dracut.conf.d"),
        ("kdumpctl reset-crashkernel --kernel=ALL", "sed -i 's/crashkernel=[^ \"]*/crashkernel=512M/' " +
            "/etc/default/grub.d/kdump-tools.cfg && update-grub", "kdumptool calibrate"),
        ("kdumpctl rebuild && kdumpctl restart", DumpServices.Rebuild(DumpService.KdumpTools), DumpServices.Rebuild(DumpService.Suse)),
        ("kdumpctl rebuild; kdumpctl restart", DumpServices.Rebuild(DumpService.KdumpTools), DumpServices.Rebuild(DumpService.Suse)),
        ("kdumpctl rebuild", "/etc/kernel/postinst.d/kdump-tools $(uname -r)", "mkdumprd -f"),
        ("kdumpctl restart", DumpServices.Reload(DumpService.KdumpTools), DumpServices.Reload(DumpService.Suse)),
        ("kdumpctl start", "kdump-config load", "systemctl start kdump"),
        ("kdumpctl status", "kdump-config show", "systemctl status kdump"),
        ("kdumpctl propagate", "kdump-config propagate", "ssh-copy-id USER@SERVER"),
        ("systemctl restart kdump", DumpServices.Reload(DumpService.KdumpTools), "systemctl restart kdump"),
        ("journalctl -b -u kdump ", "journalctl -b -u kdump-tools ", "journalctl -b -u kdump "),
        ("KEXEC_ARGS=\"-s\" in /etc/sysconfig/kdump", "KDUMP_KEXEC_ARGS=\"-s\" in /etc/default/kdump-tools",
            "KEXEC_OPTIONS=\"-s\" in /etc/sysconfig/kdump"),
        ("KEXEC_ARGS with or without -s", "KDUMP_KEXEC_ARGS in /etc/default/kdump-tools with or without -s",
            "KEXEC_OPTIONS in /etc/sysconfig/kdump with or without -s"),
        ("KEXEC_ARGS=\"-c\"", "KDUMP_KEXEC_ARGS=\"-c\" in /etc/default/kdump-tools", "KEXEC_OPTIONS=\"-c\" in /etc/sysconfig/kdump"),
        ("KDUMP_COMMANDLINE_REMOVE in /etc/sysconfig/kdump", "KDUMP_CMDLINE in /etc/default/kdump-tools",
            "KDUMP_COMMANDLINE in /etc/sysconfig/kdump"),
        ("KDUMP_COMMANDLINE_APPEND in /etc/sysconfig/kdump", "KDUMP_CMDLINE_APPEND in /etc/default/kdump-tools",
            "KDUMP_COMMANDLINE_APPEND in /etc/sysconfig/kdump"),
        ("core_collector in /etc/kdump.conf", "MAKEDUMP_ARGS in /etc/default/kdump-tools", "MAKEDUMPFILE_OPTIONS in /etc/sysconfig/kdump"),
        ("/etc/sysconfig/kdump", "/etc/default/kdump-tools", "/etc/sysconfig/kdump"),
        ("/etc/kdump.conf", "/etc/default/kdump-tools", "/etc/sysconfig/kdump"),
    ];

    /// <summary>Settings of kdump-utils that a text names, which other families have elsewhere.</summary>
    private static readonly string[] Settings =
    [
        "extra_modules in /etc/kdump.conf", "extra_modules", "KEXEC_ARGS=\"-s\" in /etc/sysconfig/kdump",
        "KDUMP_COMMANDLINE_REMOVE in /etc/sysconfig/kdump", "KDUMP_COMMANDLINE_APPEND in /etc/sysconfig/kdump",
        "core_collector in /etc/kdump.conf", "KEXEC_ARGS with or without -s",
    ];

    private static readonly string[] RedHatOnly = ["kdumpctl ", "/etc/kdump.conf", "KEXEC_ARGS", "/etc/sysconfig/kdump",
        "systemctl restart kdump", "dracut_args --omit-drivers", "extra_modules"];

    /// <summary>A text with one of these says itself whose fix it is.</summary>
    private static readonly string[] Named = ["Debian", "Ubuntu", "SUSE", "Fedora", "/etc/default/kdump-tools"];

    /// <summary>What only kdump-utils has.</summary>
    private static readonly string[] OneFamily = ["kdump-utils", "KDUMP_BOOTDIR", "/etc/kdump/pre.d", "setup-crypttab"];

    /// <summary>Null for a command of kdumpctl for which the others have none.</summary>
    private static string? Known(string? command) => command?.Contains("kdumpctl ", StringComparison.Ordinal) == true ? null : command;

    /// <summary>A fix in the commands and settings of one service; of all, where it is not known.</summary>
    public static Fix OfService(Fix fix, DumpService service)
    {
        if (fix.For != KdumpTools.None || service == DumpService.Kdumpctl || !RedHatOnly.Any(w => Has(fix, w)))
            return fix;
        // A text for several distributions names each of them already; one about a package of one family is for that family.
        bool family = Array.Exists(OneFamily, d => Has(fix, d));
        bool named = family || Array.Exists(Named, d => Has(fix, d));
        if (service == DumpService.Unknown)
            return named ? fix : OfAny(fix);
        if (named)
            return fix with { Command = family ? Known(fix.Command) : Own(fix.Command, service) };
        string? command = fix.Command is null ? null : Known(Translated(fix.Command, service));
        string text = Translated(fix.Text, service);
        return text == fix.Text ? fix with { Command = command } : fix with
        {
            Text = text, Command = command,
            Usual = (fix.Text, (service == DumpService.Suse ? "SUSE: " : "Debian, Ubuntu: ") +
                Translated(SettingIn(fix.Text) ?? "/etc/kdump.conf", service)),
        };
    }

    /// <summary>With what the other families have for it.</summary>
    private static Fix OfAny(Fix fix)
    {
        string command = fix.Command ?? "", debian = Translated(command, DumpService.KdumpTools),
            suse = Translated(command, DumpService.Suse);
        bool foreign = debian != command && Known(debian) is not null && !command.Contains('#', StringComparison.Ordinal);
        string? setting = SettingIn(fix.Text);
        return fix with
        {
            Command = foreign ? $"{command}   # Debian, Ubuntu: {debian}; SUSE: {suse}" : fix.Command,
            Place = fix.Place ?? (setting is null ? null
                : $"Debian, Ubuntu: {Translated(setting, DumpService.KdumpTools)}; SUSE: {Translated(setting, DumpService.Suse)}"),
        };
    }

    private static string? SettingIn(string text) => OmitDrivers().Match(text) is { Success: true } omit ? omit.Value
        : Array.Find(Settings, w => text.Contains(w, StringComparison.Ordinal));

    private static bool Has(Fix fix, string word) => fix.Text.Contains(word, StringComparison.Ordinal) ||
        fix.Command?.Contains(word, StringComparison.Ordinal) == true;

    /// <summary><c>COMMAND   # Debian: OTHER; SUSE: THIRD</c>: the one for this service.</summary>
    private static string? Own(string? command, DumpService service)
    {
        int mark = command?.IndexOf("# ", StringComparison.Ordinal) ?? -1;
        if (command is null || mark < 0)
            return command;
        string name = service == DumpService.Suse ? "SUSE: " : "Debian";
        int at = command.IndexOf(name, mark, StringComparison.Ordinal);
        int colon = at < 0 ? -1 : command.IndexOf(": ", at, StringComparison.Ordinal);
        if (colon < 0)
            return Translated(command[..mark].TrimEnd(), service);
        int end = command.IndexOf("; SUSE: ", colon, StringComparison.Ordinal);
        return (end < 0 ? command[(colon + 2)..] : command[(colon + 2)..end]).Trim();
    }

    private static string Translated(string text, DumpService service)
    {
        // The others' images have them; the crash kernel's command line keeps them from being loaded.
        string append = service == DumpService.Suse ? "KDUMP_COMMANDLINE_APPEND in /etc/sysconfig/kdump"
            : "KDUMP_CMDLINE_APPEND in /etc/default/kdump-tools";
        text = OmitDrivers().Replace(text, m => "modprobe.blacklist=" +
            $"{(m.Groups[1].Success ? m.Groups[1].Value.Replace(' ', ',') : "MODULE")} in {append}");
        foreach ((string redHat, string debian, string suse) in Words)
            text = text.Replace(redHat, service == DumpService.Suse ? suse : debian, StringComparison.Ordinal);
        return text;
    }

    [GeneratedRegex("""dracut_args --omit-drivers(?: "([^"]+)"| NAME)?(?: in /etc/kdump\.conf)?""")]
    private static partial Regex OmitDrivers();
}
