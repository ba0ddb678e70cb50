using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>The packages that load the crash kernel, build its image and save the dump.</summary>
public enum DumpService
{
    Unknown,

    /// <summary>kdump-utils (once part of kexec-tools): RHEL, Fedora, openEuler, Anolis … <c>kdumpctl</c>.</summary>
    Kdumpctl,

    /// <summary>kdump-tools: Debian, Ubuntu. <c>kdump-config</c>.</summary>
    KdumpTools,

    /// <summary>kdump: SUSE. <c>mkdumprd</c>, <c>kdump-save</c>.</summary>
    Suse,
}

/// <summary>Which service the inputs are about, and its commands and files.</summary>
public static class DumpServices
{
    /// <summary>In a line of a tool this is where kdump.sh mounts the target; elsewhere every dracut mounts a root there.</summary>
    private const string Sysroot = "/sysroot/";

    /// <summary>Words of a line → the service that writes them. The first that a line holds wins.</summary>
    private static readonly (string Word, DumpService Service)[] Words =
    [
        ("kdump-tools", DumpService.KdumpTools), ("kdump-config", DumpService.KdumpTools), ("/var/lib/kdump/initrd.img",
            DumpService.KdumpTools), ("/var/lib/kdump/vmlinuz", DumpService.KdumpTools),
        ("kdump-save", DumpService.Suse), ("load.sh[", DumpService.Suse), ("No crashkernel memory reserved, Kdump", DumpService.Suse),
        ("mkdumprd -f", DumpService.Suse),
        ("kdumpctl", DumpService.Kdumpctl), ("kdump.sh[", DumpService.Kdumpctl), ("kdump: ", DumpService.Kdumpctl),
        ("kdump-lib", DumpService.Kdumpctl), ("kdump_pre", DumpService.Kdumpctl), ("kdump_post", DumpService.Kdumpctl),
        ("earlykdump", DumpService.Kdumpctl), ("early-kdump", DumpService.Kdumpctl), ("/kdumproot", DumpService.Kdumpctl),
        (Sysroot, DumpService.Kdumpctl),
        ("mkdumprd: ", DumpService.Kdumpctl), ("Crash recovery kernel arming", DumpService.Kdumpctl),
    ];

    public static DumpService Of(Facts facts)
    {
        IEnumerable<Source> lines = facts.Of<ToolSaid>().Select(f => f.Source).Concat(facts.Of<DumpProgress>().Select(f => f.Source))
            .Concat(facts.Of<GaveUp>().SelectMany(f => f.Before.Append(f.Source))).Take(256);
        return Of(lines.Select(l => l.Text), ofTools: true);
    }

    /// <summary>The service whose lines these are, or are among these.</summary>
    /// <param name="ofTools">The lines are known to be those of a kdump tool.</param>
    public static DumpService Of(IEnumerable<string> lines, bool ofTools = false)
    {
        foreach (string line in lines)
        {
            foreach ((string word, DumpService service) in Words)
            {
                if ((ofTools || word != Sysroot) && line.Contains(word, StringComparison.Ordinal))
                    return service;
            }
        }
        return DumpService.Unknown;
    }

    /// <summary>True if a line that was recognised as one of a kdump tool contains the word.</summary>
    public static bool Mention(Facts facts, string word) =>
        facts.Of<ToolSaid>().Select(f => f.Source).Concat(facts.Of<DumpProgress>().Select(f => f.Source))
            .Concat(facts.Of<GaveUp>().SelectMany(f => f.Before.Append(f.Source))).Take(256)
            .Any(s => s.Text.Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>The fixes for this service; all of them if the service is not known.</summary>
    public static IEnumerable<Fix> Fitting(ToolSaid said, DumpService service) =>
        said.Message.Fixes.Where(f => f.For == DumpService.Unknown || service == DumpService.Unknown || f.For == service)
            .Select(f => f.Filled(said.Taken));

    /// <summary>Builds the image again and loads it.</summary>
    public static string Rebuild(DumpService service) => service switch
    {
        DumpService.Kdumpctl => "kdumpctl rebuild && kdumpctl restart",
        DumpService.KdumpTools => "/etc/kernel/postinst.d/kdump-tools $(uname -r) && kdump-config reload",
        DumpService.Suse => "mkdumprd -f && systemctl restart kdump",
        _ => "kdumpctl rebuild && kdumpctl restart   # Debian: /etc/kernel/postinst.d/kdump-tools $(uname -r) && kdump-config reload; " +
            "SUSE: mkdumprd -f && systemctl restart kdump",
    };

    /// <summary>Loads the crash kernel again.</summary>
    public static string Reload(DumpService service) => service switch
    {
        DumpService.Kdumpctl => "kdumpctl restart",
        DumpService.KdumpTools => "kdump-config reload",
        DumpService.Suse => "systemctl restart kdump",
        _ => "systemctl restart kdump   # Debian, Ubuntu: kdump-config reload",
    };

    /// <summary>All that the service says.</summary>
    public static string Journal(DumpService service) => service switch
    {
        DumpService.KdumpTools => "journalctl -b -u kdump-tools; kdump-config show",
        DumpService.Unknown => "journalctl -b -u kdump   # Debian, Ubuntu: journalctl -b -u kdump-tools; kdump-config show",
        _ => "journalctl -b -u kdump",
    };

    /// <summary>Where the arguments of the program that copies the memory are set.</summary>
    public static string CopySetting(DumpService service) => service switch
    {
        DumpService.Kdumpctl => "core_collector in /etc/kdump.conf",
        DumpService.KdumpTools => "MAKEDUMP_ARGS in /etc/default/kdump-tools",
        DumpService.Suse => "MAKEDUMPFILE_OPTIONS in /etc/sysconfig/kdump",
        _ => "core_collector in /etc/kdump.conf (Debian: " +
            "MAKEDUMP_ARGS in /etc/default/kdump-tools; SUSE: MAKEDUMPFILE_OPTIONS in /etc/sysconfig/kdump)",
    };

    /// <summary>Where parameters of the crash kernel are added.</summary>
    public static string AppendSetting(DumpService service) => service switch
    {
        DumpService.Kdumpctl or DumpService.Suse => "KDUMP_COMMANDLINE_APPEND in /etc/sysconfig/kdump",
        DumpService.KdumpTools => "KDUMP_CMDLINE_APPEND in /etc/default/kdump-tools",
        _ => "KDUMP_COMMANDLINE_APPEND in /etc/sysconfig/kdump (Debian: KDUMP_CMDLINE_APPEND in /etc/default/kdump-tools)",
    };
}
