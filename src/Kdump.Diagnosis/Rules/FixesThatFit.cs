using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules;

/// <summary>
/// Corrects fixes by what is known of the machine: a node in /dev that the kernel took away cannot be asked before it is back, and
/// commands of another distribution's kdump do not exist here. One place for all rules, which name the usual command.
/// </summary>
internal static class FixesThatFit
{
    public static IReadOnlyList<Fix> Of(IReadOnlyList<Fix> fixes, Facts facts)
    {
        if (fixes.Count == 0)
            return fixes;
        string[] gone = [.. facts.Of<DeviceGone>().Where(g => !g.Back).Select(g => g.Name).Distinct(StringComparer.Ordinal).Take(16)];
        DumpService service = DumpServices.Of(facts);
        BootLoader loader = BootLoaders.Of(facts, service);
        Fix[] fitting = [.. fixes.Select(f => BootLoaders.Fit(OfService(OfGone(f, gone), service), loader))];
        return fitting.SequenceEqual(fixes) ? fixes : fitting;
    }

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
        ("KEXEC_ARGS=\"-c\"", "KDUMP_KEXEC_ARGS=\"-c\" in /etc/default/kdump-tools", "KEXEC_OPTIONS=\"-c\" in /etc/sysconfig/kdump"),
        ("KDUMP_COMMANDLINE_REMOVE in /etc/sysconfig/kdump", "KDUMP_CMDLINE in /etc/default/kdump-tools",
            "KDUMP_COMMANDLINE in /etc/sysconfig/kdump"),
        ("KDUMP_COMMANDLINE_APPEND in /etc/sysconfig/kdump", "KDUMP_CMDLINE_APPEND in /etc/default/kdump-tools",
            "KDUMP_COMMANDLINE_APPEND in /etc/sysconfig/kdump"),
        ("core_collector in /etc/kdump.conf", "MAKEDUMP_ARGS in /etc/default/kdump-tools", "MAKEDUMPFILE_OPTIONS in /etc/sysconfig/kdump"),
        ("/etc/sysconfig/kdump", "/etc/default/kdump-tools", "/etc/sysconfig/kdump"),
        ("/etc/kdump.conf", "/etc/default/kdump-tools", "/etc/sysconfig/kdump"),
    ];

    private static readonly string[] RedHatOnly = ["kdumpctl ", "/etc/kdump.conf"];

    private static Fix OfService(Fix fix, DumpService service)
    {
        if (fix.For != KdumpTools.None || !RedHatOnly.Concat(["KEXEC_ARGS", "/etc/sysconfig/kdump", "systemctl restart kdump"])
            .Any(w => Has(fix, w)))
            return fix;
        // A text for several distributions names each of them already.
        if (new[] { "Debian", "Ubuntu", "SUSE" }.Any(d => Has(fix, d)))
            return service is DumpService.Kdumpctl or DumpService.Unknown ? fix : fix with { Command = Own(fix.Command, service) };
        return service switch
        {
            DumpService.KdumpTools or DumpService.Suse =>
                fix with { Text = Translated(fix.Text, service), Command = fix.Command is null ? null : Translated(fix.Command, service) },
            DumpService.Unknown when fix.Command is { } command && command.Contains("kdumpctl ", StringComparison.Ordinal) &&
                !command.Contains('#', StringComparison.Ordinal) => fix with { Command = $"{command}   # Debian, Ubuntu: " +
                    $"{Translated(command, DumpService.KdumpTools)}; SUSE: {Translated(command, DumpService.Suse)}" },
            _ => fix,
        };
    }

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
        foreach ((string redHat, string debian, string suse) in Words)
            text = text.Replace(redHat, service == DumpService.Suse ? suse : debian, StringComparison.Ordinal);
        return text;
    }
}
