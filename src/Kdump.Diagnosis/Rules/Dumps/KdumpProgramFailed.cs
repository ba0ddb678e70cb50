using Kdump.Diagnosis.Speakers;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// A program that arms kdump, builds its image, saves or reads a dump failed in words that no rule knows, and the last of them are the C
/// library's (or the shell's) reason: who failed at what, and why, is told from these alone. The rule for lines that no rule knows asks
/// for it.
/// </summary>
public sealed class KdumpProgramFailed : Rule
{
    /// <summary>Programs by the start of their name → what each does, and what is lost if it failed.</summary>
    private static readonly (string Start, string Does, string? Lost, string Look)[] Programs =
    [
        ("mkdumprd", "builds the image for the crash kernel", "The image may be missing or old: a crash may leave no dump.",
            "mkdumprd -f -d 2>&1 | tail -40 || kdumpctl rebuild"),
        ("mkfadumprd", "builds the image for fadump", "The image may be missing or old: a crash may leave no dump.", "kdumpctl rebuild"),
        ("kdumptool", "prepares kdump (SUSE)", "A crash may leave no dump.", "systemctl restart kdump; journalctl -b -u kdump"),
        ("kdump-save", "saves the dump in the crash kernel (SUSE)", "The dump may not be saved.", "ls -lR /var/crash"),
        ("kdump.sh", "saves the dump in the crash kernel", "The dump may not be saved.", "ls -lR /var/crash"),
        ("kdumpctl", "loads the crash kernel and builds its image", "If it did not go on, a crash leaves no dump.",
            "kdumpctl status; journalctl -b -u kdump"),
        ("kdump-config", "loads the crash kernel and saves the dump (Debian)", "A crash may leave no dump.",
            "kdump-config show; journalctl -b -u kdump-tools"),
        ("kdump-tools", "loads the crash kernel and saves the dump (Debian)", "A crash may leave no dump.",
            "kdump-config show; journalctl -b -u kdump-tools"),
        ("load.sh", "loads the crash kernel (SUSE)", "If it did not go on, a crash leaves no dump.", "journalctl -b -u kdump"),
        ("makedumpfile", "filters the old memory and writes the dump", "The dump may not be whole.", "makedumpfile -v; ls -lR /var/crash"),
        ("vmcore-dmesg", "saves the crashed kernel's log", "The log beside the dump may be missing.", "ls -lR /var/crash"),
        ("kexec", "loads the kernel for a crash or a restart", "If this was to be the crash kernel, a crash leaves no dump.",
            "cat /sys/kernel/kexec_crash_loaded; dmesg | tail -20"),
        ("crash", "reads a dump", null, "crash --version; kdt vmcore info vmcore"),
        ("drgn", "reads a dump or the running kernel", null, "drgn --version; kdt vmcore info vmcore"),
        ("zgetdump", "copies a stand-alone dump (s390)", "The dump is still where it was written.", "zgetdump -i DEVICE; lsdasd"),
        ("zipl", "writes the boot and dump records (s390)", "The device does not start, or takes no dump.", "zipl -V --dry-run; lsdasd"),
    ];

    /// <summary>What to look at, by a word of the reason.</summary>
    private static readonly (string Word, string Text, string Command)[] Looks =
    [
        ("No space left", "See which file system is full", "df -h; df -i"),
        ("Permission denied", "See who may, and whether a security module refused it",
            "ls -ldZ FILE; ausearch -m avc -ts boot; dmesg | grep -i denied"),
        ("Operation not permitted", "See whether it runs as root, and what the kernel forbids",
            "id; cat /sys/kernel/security/lockdown; sysctl kernel.kexec_load_disabled"),
        ("Read-only", "See how it is mounted, and mount it read-write", "findmnt; dmesg | grep -i 'read-only'"),
        ("No such file", "See which part of the path is missing", "namei -l FILE"),
        ("cannot open shared object", "Install the library, or build the image anew so that it is in it", "ldd $(command -v PROGRAM)"),
        ("not found", "See whether it is installed, and whether the image has it", "command -v NAME; lsinitrd IMAGE | grep NAME"),
        ("No route", "See the network of that moment", "ip -br addr; ip route; ping -c3 SERVER"),
        ("unreachable", "See the network of that moment", "ip -br addr; ip route; ping -c3 SERVER"),
        ("timed out", "See the network and the server", "ip -br addr; ping -c3 SERVER; nc -vz SERVER 22; nc -vz SERVER 2049"),
        ("refused", "See whether the server's service runs", "nc -vz SERVER 22; nc -vz SERVER 2049"),
        ("Host key", "Bring the server's key into known_hosts, and build the image anew", "kdumpctl propagate; kdumpctl rebuild"),
        ("Input/output", "Read the kernel's messages about that disk", "dmesg | grep -iE 'error|ata|nvme|sd[a-z]' | tail -30"),
        ("allocate memory", "See how much memory there was", "free -m; cat /sys/kernel/kexec_crash_size"),
    ];

    public override string Id => "kdump-program-failed";

    public override Entry Entry => new(Id, "a program of kdump failed, and says why")
    {
        Area = Area.Preparing,
        Signature = ["kdump-save[…]: …: Connection timed out", "kdumpctl[…]: …: Permission denied",
            "mkdumprd[…]: …: No such file or directory"],
        Cause = "The words are not known one by one; the program, what it does for a dump, and the C library's reason at the end of its " +
            "line are.",
        Fixes = [new("Read what it said before and after", "journalctl -b -u kdump -u kdump-tools")],
        Origin = "strerror(3); kdump-utils, kdump-tools, openSUSE kdump, kexec-tools, makedumpfile, s390-tools",
    };

    public override IEnumerable<Opinion> Judge(Facts facts) => [];

    /// <summary>The line that gives the reason, where a program of the table said one and no dump was saved; else null.</summary>
    internal static Source? LineOf(TroubleLines said, Facts facts) =>
        !Array.Exists(Programs, p => said.Speaker.Name.StartsWith(p.Start, StringComparison.Ordinal)) || DumpSaved.In(said.Boot, facts)
            ? null : said.Lines.FirstOrDefault(l => FailureReason.Of(l.Plain) is not null);

    /// <param name="words">The line without its prefix, as a quotation behind a colon.</param>
    internal static Finding Of(TroubleLines said, Source line, string words)
    {
        (_, string does, string? lost, string look) =
            Programs.First(p => said.Speaker.Name.StartsWith(p.Start, StringComparison.Ordinal));
        (string Word, string Text, string Command) known = Array.Find(Looks, l => line.Plain.Contains(l.Word, StringComparison.Ordinal));
        return new Finding("kdump-program-failed", $"{said.Speaker.Name} failed{words}",
            Severity.Error, 0.7, $"{said.Speaker.Name} {does}. Its last words mean: {FailureReason.Of(line.Plain)}. The rest of the line " +
            "names what it was at; whether it went on is not in the input.")
        {
            Subject = said.Speaker.Name,
            Impact = lost,
            Evidence = [line, .. said.Lines.Where(l => l.Line != line.Line).Take(3)],
            Fixes = [.. known.Word is null ? Array.Empty<Fix>() : [new Fix(known.Text, known.Command)],
                new Fix("Read what it said before and after", look)],
        };
    }
}
