using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// Reads how a dump went: the kernel's own lines (kernel/crash_reserve.c, init/initramfs.c, fs/proc/vmcore.c), makedumpfile's, and those of
/// kdump.sh (Fedora, RHEL), kdump-config (Debian, Ubuntu) and the kdump scripts of SUSE. A second kernel in the log is looked at, too.
/// </summary>
public sealed class DumpWatch : BookParser
{
    /// <summary>Text → step, for any boot.</summary>
    private static readonly (string Text, DumpStage Stage)[] Before =
    [
        ("crashkernel reserved: 0x", DumpStage.Reserved),
        ("for crashkernel (System RAM", DumpStage.Reserved),
        (" Kdump: loaded ", DumpStage.Armed),
        ("loaded kdump kernel", DumpStage.Armed),
        ("Loaded kdump kernel", DumpStage.Armed),
        ("kexec: loaded kdump", DumpStage.Armed),
        ("I'm in purgatory", DumpStage.Jumped),
        ("Starting crashdump kernel...", DumpStage.Jumped),
        ("Loading crashdump kernel...", DumpStage.Jumped),
    ];

    /// <summary>Text → step, in a capture kernel. What stands behind the text is its detail. The first that fits wins.</summary>
    private static readonly (string Text, DumpStage Stage)[] During =
    [
        ("Trying to unpack rootfs image as initramfs", DumpStage.Unpacking),
        ("Unpacking initramfs", DumpStage.Unpacking),
        ("Freeing initrd memory: ", DumpStage.Unpacked),
        ("Run /init as init process", DumpStage.Init),
        ("saving vmcore-dmesg.txt complete", DumpStage.LogSaved),
        ("saved dmesg content in ", DumpStage.LogSaved),
        ("The dmesg log is saved to ", DumpStage.LogSaved),
        ("saving vmcore complete", DumpStage.Saved),
        ("saved vmcore in ", DumpStage.Saved),
        ("Dump saving completed.", DumpStage.Saved),
        ("The dumpfile is saved to ", DumpStage.Written),
        ("The kernel log is saved to ", DumpStage.LogSaved),
        ("saving to ", DumpStage.Copying),
        ("saving vmcore-dmesg.txt", DumpStage.TargetMounted),
        ("saving vmcore", DumpStage.Copying),
        ("running makedumpfile ", DumpStage.Copying),
        ("Saving dump using makedumpfile", DumpStage.Copying),
        ("Checking for memory holes", DumpStage.Copying),
        ("Excluding unnecessary pages", DumpStage.Copying),
        ("Copying data", DumpStage.Copying),
        ("reboot: ", DumpStage.Rebooted),
    ];

    private static readonly string[] Faults =
    [
        "Initramfs unpacking failed", "Kdump: vmcore not initialized", "saving vmcore failed", "makedumpfile Failed",
            "No space left on device", "failed to save vmcore",
        "it's not a mount point", "Failed to mount rootfs", "sync vmcore failed", "moving vmcore failed", "Dump too large. Aborting",
            "Last command failed (",
        "The network still isn't ready", "failed to get remote IP address", "Kdump initrd booted in non-kdump kernel",
            "Can't open the dump memory(/proc/vmcore)",
        "Entering kdump emergency mode", "Warning: Not all disks have been found", "write error",
    ];

    private static readonly string[] NotReserved =
    [
        "crashkernel reservation failed", "crashkernel: memory value expected", "Memory for crashkernel is not reserved",
            "No memory reserved for crash kernel", "no crashkernel= reservation",
    ];

    private static readonly string[] NotLoaded =
        ["kexec_load failed", "kexec_file_load failed", "kexec of unsigned images is restricted", "failed to load kdump kernel",
        "Cannot load "];

    private static readonly string[] FirstTexts =
        [.. Before.Select(b => b.Text), .. NotReserved, .. NotLoaded, "makedumpfile", "saving vmcore", " for elfcorehdr"];

    private static readonly string[] CaptureTexts =
        [.. During.Select(d => d.Text), .. Faults, "mounted filesystem", "Ending clean mount", "first mount", "Mounted "];

    /// <summary>Places of the book: texts of any kernel, and of one that saves a dump.</summary>
    private const int First = 0, Capture = 1;

    private static readonly (int Place, string Text)[] Book =
        [.. FirstTexts.Select(t => (First, t)), .. CaptureTexts.Select(t => (Capture, t))];

    private DumpMark? copying;
    private DumpStage last;
    private Boot? boot;

    public override string Kind => "kernel log";

    public override IReadOnlyList<(int Place, string Text)> Texts => Book;

    public override bool Line(in TextLine line, Facts facts)
    {
        if (facts.Boot != boot)
        {
            Flush(facts);
            boot = facts.Boot;
            last = DumpStage.None;
        }
        ReadOnlySpan<char> text = line.Text;
        if (!Concerned.Contains(boot?.Capture == true ? Capture : First))
            return false;
        if (boot?.Capture != true)
            return InFirst(text, line, facts);
        return InCapture(text, line, facts);
    }

    public override void End(Facts facts) => Flush(facts);

    private bool InFirst(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        // Without the first lines of a boot its kind is not known; messages of the dump tools show a capture kernel.
        if (boot is { Capture: null } &&
            (text.Contains("makedumpfile", StringComparison.Ordinal) || text.Contains("saving vmcore", StringComparison.Ordinal)) &&
            !text.Contains("COMMAND", StringComparison.Ordinal) && InCapture(text, line, facts))
        {
            boot.Decide(new BootSign(Capture: true, Proof.Likely, "the words of the dump tools stand in its log", line.ToSource()));
            return true;
        }
        foreach ((string sign, DumpStage stage) in Before)
        {
            if (text.Contains(sign, StringComparison.Ordinal))
            {
                // Every report of a kernel repeats that the capture kernel is loaded.
                if (stage != last)
                    facts.Add(new DumpMark(line.ToSource(), stage));
                last = stage;
                return true;
            }
        }
        return Fault(text, line, NotReserved, facts) || Fault(text, line, NotLoaded, facts);
    }

    private bool InCapture(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        foreach ((string sign, DumpStage stage) in During)
        {
            int at = text.IndexOf(sign, StringComparison.Ordinal);
            if (at < 0)
                continue;
            string rest = text[(at + sign.Length)..].Trim().ToString();
            if (stage == DumpStage.Copying)
                return Copying(sign, text, rest, line, facts);
            if (stage == DumpStage.Written && rest.StartsWith("STDOUT", StringComparison.Ordinal))
                rest = "";
            facts.Add(new DumpMark(line.ToSource(), stage, rest.Length == 0 ? null : rest.TrimEnd('.')));
            return true;
        }
        if (IsMount(text))
        {
            facts.Add(new DumpMark(line.ToSource(), DumpStage.TargetMounted));
            return true;
        }
        return Fault(text, line, Faults, facts);
    }

    /// <summary>makedumpfile prints its progress a hundred times: only the last one becomes a mark.</summary>
    private bool Copying(string sign, ReadOnlySpan<char> text, string rest, in TextLine line, Facts facts)
    {
        bool path = sign is "saving to ";
        if (path && (text.Contains("kexec-dmesg.log", StringComparison.Ordinal) ||
            text.Contains("vmcore-dmesg.txt", StringComparison.Ordinal)))
            return false;
        string? detail;
        if (path)
            detail = rest;
        else
            detail = sign == "running makedumpfile " ? PathOf(rest) : Percent(text) ?? copying?.Detail;
        if (detail is not null && detail.StartsWith('/') && path)
            facts.Add(new DumpMark(line.ToSource(), DumpStage.TargetMounted, detail));
        copying = new DumpMark(line.ToSource(), DumpStage.Copying, detail) { Boot = facts.Boot };
        return true;
    }

    private void Flush(Facts facts)
    {
        if (copying is not null)
            facts.Add(copying);
        copying = null;
    }

    private static bool Fault(ReadOnlySpan<char> text, in TextLine line, string[] signs, Facts facts)
    {
        foreach (string sign in signs)
        {
            int at = text.IndexOf(sign, StringComparison.Ordinal);
            if (at >= 0 && !(sign == "write error" && !text.Contains("vmcore", StringComparison.Ordinal)))
            {
                facts.Add(new DumpFault(line.ToSource(), text[at..].Trim().ToString()));
                return true;
            }
        }
        return false;
    }

    /// <summary>True for the mount messages of ext4, xfs, btrfs and systemd.</summary>
    private static bool IsMount(ReadOnlySpan<char> text) =>
        text.Contains(": mounted filesystem ", StringComparison.Ordinal) ||
            text.Contains(": Ending clean mount", StringComparison.Ordinal) ||
        text.Contains(": first mount of filesystem ", StringComparison.Ordinal) || (text.Contains("Mounted ", StringComparison.Ordinal) &&
        (text.Contains("kdumproot", StringComparison.Ordinal) || text.Contains("sysroot", StringComparison.Ordinal) ||
            text.Contains("Mounted /kdump", StringComparison.Ordinal)));

    private static string? Percent(ReadOnlySpan<char> text)
    {
        int end = text.LastIndexOf(" %]", StringComparison.Ordinal);
        int open = end < 0 ? -1 : text[..end].LastIndexOf('[');
        return open < 0 ? null : $"{text[(open + 1)..end].Trim()} %";
    }

    /// <summary>The last word of a makedumpfile command that is a path of the target.</summary>
    private static string? PathOf(string command)
    {
        string word = command[(command.LastIndexOf(' ') + 1)..].TrimEnd('.');
        return word.StartsWith('/') && word != "/proc/vmcore" ? word : null;
    }
}
