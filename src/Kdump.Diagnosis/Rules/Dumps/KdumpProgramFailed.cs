using Kdump.Diagnosis.Speakers;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// A program that arms kdump, builds its image, saves or reads a dump failed with a message that no rule recognises, and its last words are
/// the C library's (or the shell's) reason: the finding says from these alone which program failed, at what, and why.
/// TroubleNotKnown calls it.
/// </summary>
public sealed class KdumpProgramFailed : Rule
{
    /// <summary>What to check, by a word of the reason.</summary>
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
        Cause = "The words are not known one by one; " +
            "the program, what it does for a dump, and the C library's reason at the end of its line are.",
        Fixes = [new("Read what it said before and after", "journalctl -b -u kdump -u kdump-tools")],
        Origin = "strerror(3); kdump-utils, kdump-tools, openSUSE kdump, kexec-tools, makedumpfile, s390-tools",
    };

    public override IEnumerable<Opinion> Judge(Facts facts) => [];

    /// <summary>The line that gives the reason, where a program of the table said one and no dump was saved; else null.</summary>
    internal static Source? LineOf(TroubleLines said, Facts facts) =>
        TradeProgram.Of(said.Speaker.Name) is null || DumpSaved.In(said.Boot, facts) ? null
            : said.Lines.FirstOrDefault(l => FailureReason.Of(l.Plain) is not null) ??
                (said.Gravity >= Gravity.Plain ? said.Lines.FirstOrDefault(l => OwnWords(l.Plain)) : null);

    /// <summary>How programs begin a line with which they give up.</summary>
    private static readonly string[] Levels = ["Error: ", "error: ", "ERROR: ", "FATAL: ", "Fatal: ", "fatal: ", "fatal error: ", "[F]: ",
        " ERROR    ", " CRITICAL "];

    /// <summary>
    /// True if the line begins (after names) with the word by which a program says that it gives up: its reason follows.
    /// </summary>
    private static bool OwnWords(string line) => Behind(line) is not null;

    /// <summary>The text after that word; null without one.</summary>
    internal static string? Behind(string line)
    {
        foreach (string level in Levels)
        {
            int at = line.IndexOf(level, StringComparison.Ordinal), end = at + level.Length;
            if (at >= 0 && (at == 0 || level[0] == ' ' || line[at - 1] is ' ' or ']' or ':') && line.Length - end > 8)
                return line[end..].TrimStart();
        }
        return null;
    }

    /// <param name="words">The line without its prefix, as a quotation behind a colon.</param>
    internal static Finding Of(TroubleLines said, Source line, string words) => Of(said.Speaker.Name, line, words,
        [.. said.Lines.Where(l => l.Line != line.Line).Take(3)]);

    /// <summary>The same for a line in a pasted session of a shell; null if the line gives no reason.</summary>
    internal static Finding? Of(PastedTrouble said, IEnumerable<Source> more, string words) =>
        said.Who is { } who && TradeProgram.Of(who) is not null && (FailureReason.Of(said.Source.Plain) is not null ||
            OwnWords(said.Source.Plain) || said.Ended) ? Of(who, said.Source, words, [.. more], said.Ended) : null;

    private static Finding Of(string name, Source line, string words, Source[] more, bool ended = false)
    {
        TradeProgram program = TradeProgram.Of(name)!;
        (string Word, string Text, string Command) known = Array.Find(Looks, l => line.Plain.Contains(l.Word, StringComparison.Ordinal));
        string how;
        if (ended)
            how = line.Plain.TrimStart().StartsWith("Killed", StringComparison.Ordinal)
                ? " It was killed from outside, mostly since memory was used up: the kernel's log tells."
                : " It did not end by itself: a bug of the program, met by what it was given. What it had written is not known.";
        else if (FailureReason.Of(line.Plain) is { } reason)
            how = $" Its last words mean: {reason}. The rest of the line names what it was at; whether it went on is not in the input.";
        else
            how = " Its own words are the reason; whether it went on is not in the input.";
        return new Finding(program.Boot ? "boot-program-failed" : "kdump-program-failed", $"{name} {(ended ? "crashed" : "failed")}{words}",
            Severity.Error, 0.7, $"{name} {program.Does}." + how)
        {
            Subject = name,
            Impact = program.Lost,
            Evidence = [line, .. more.Where(m => m.Line != line.Line)],
            Fixes = [.. known.Word is null ? Array.Empty<Fix>() : [new Fix(known.Text, known.Command)],
                new Fix("Read what it said before and after", program.Look)],
        };
    }
}

/// <summary>The same for a program that prepares the next start: an initramfs, a boot loader, modules.</summary>
public sealed class BootProgramFailed : Rule
{
    public override string Id => "boot-program-failed";

    public override Entry Entry => new(Id, "a program that prepares the next start failed, and says why")
    {
        Area = Area.Crashing,
        Signature = ["mkinitcpio: error: …", "# zipl … Error: …", "dracut: … has to run as root"],
        Cause = "The words are not known one by one; the program, what it does for the next start, and its own reason are.",
        Fixes = [new("Read what it said before and after, and do not restart before it succeeds", "ls -l /boot; df -h /boot")],
        Origin = "dracut, mkinitcpio, initramfs-tools, GRUB, systemd-boot, s390-tools, dkms; strerror(3)",
    };

    public override IEnumerable<Opinion> Judge(Facts facts) => [];
}
