using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>How far a dump got, as the kernel and the dump tools say it.</summary>
public enum DumpStep
{
    /// <summary>Memory was set aside for the crash kernel (kernel/crash_core.c, arch reserve_crashkernel).</summary>
    Reserved,

    /// <summary>The old kernel's memory cannot be read (fs/proc/vmcore.c).</summary>
    VmcoreMissing,
    Saving,

    /// <summary>The copying tool reported success.</summary>
    Saved,
    SaveFailed,

    NoSpace,

    /// <summary>The old kernel's log is extracted from its memory, separately from the dump.</summary>
    LogSaving,
    LogSaved,
    LogFailed,

    /// <summary>A listing shows a file of some size under the name of a complete dump.</summary>
    Listed,

    /// <summary>A listing shows a file under the name that only an unfinished dump has.</summary>
    LeftUnfinished,
}

/// <summary>One step of a dump, or its failure.</summary>
public sealed record DumpProgress(Source Source, DumpStep Step) : Fact(Source);

/// <summary>The kernel stopped on purpose; <paramref name="Reason"/> is what stands behind <c>Kernel panic - not syncing: </c>.</summary>
public sealed record KernelPanic(Source Source, string Reason) : Fact(Source);

/// <summary>
/// Lines of the kernel, kexec (kexec-tools), kdumpctl and kdump.sh (kdump-utils), kdump-save (SUSE), kdump-config (Debian) and
/// makedumpfile. Words that other programs print as well count only beside a word about the dump.
/// </summary>
internal static class DumpSteps
{
    private const string Panic = "Kernel panic - not syncing: ";

    /// <summary>What a line holds → the step it proves. Order matters: the first that fits wins.</summary>
    private static readonly (string Text, DumpStep Step)[] Signs =
    [
        ("crashkernel reserved: 0x", DumpStep.Reserved),
        ("crashkernel: reserved 0x", DumpStep.Reserved),
        ("Kdump: vmcore not initialized", DumpStep.VmcoreMissing),
        ("/proc/vmcore does not exist; kdump initrd", DumpStep.VmcoreMissing),
        ("saving vmcore-dmesg.txt complete", DumpStep.LogSaved),
        ("saving vmcore-dmesg.txt failed", DumpStep.LogFailed),
        ("--dump-dmesg failed", DumpStep.LogFailed),
        ("Failed saving dmesg", DumpStep.LogFailed),
        ("makedumpfile --dump-dmesg ", DumpStep.LogSaving),
        ("saving vmcore-dmesg.txt", DumpStep.LogSaving),
        ("saved vmcore in ", DumpStep.Saved),
        ("saving vmcore complete", DumpStep.Saved),
        ("The dumpfile is saved to ", DumpStep.Saved),
        ("The dumpfiles are saved to ", DumpStep.Saved),
        ("dumpfile is SAVED", DumpStep.Saved),
        ("saving vmcore failed", DumpStep.SaveFailed),
        ("sync vmcore failed", DumpStep.SaveFailed),
        ("makedumpfile Failed.", DumpStep.SaveFailed),
        ("makedumpfile failed, falling back", DumpStep.SaveFailed),
        ("kdump: saving to ", DumpStep.Saving),
        ("]: saving to /", DumpStep.Saving),
    ];

    /// <summary>Texts that need a further check: every line without a plain sign contains one of them.</summary>
    private static readonly string[] Further =
        ["Reserving ", "No space left on device", "saving vmcore", " vmcore-incomplete", " dump-incomplete",
            " vmcore", "/vmcore", " dump.20", "/dump.20",
            "running makedumpfile -"];

    private static readonly TextSigns Texts = new([.. TextsOf(Signs), .. Further]);

    /// <summary>Every line that is accepted contains one of these.</summary>
    internal static IEnumerable<string> SignTexts => [.. TextsOf(Signs), .. Further, Panic];

    public static bool Read(in KernelLine kernel, in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> m = kernel.Message;
        // A console may hold an unfinished line before it; "---[ end Kernel panic" says it a second time.
        int panic = kernel.Foreign ? -1 : m.IndexOf(Panic, StringComparison.Ordinal);
        if (panic >= 0 && !m[..panic].EndsWith("end ", StringComparison.Ordinal))
        {
            facts.Add(new KernelPanic(line.ToSource(), m[(panic + Panic.Length)..].Trim().ToString()));
            return true;
        }
        if (StepOf(m) is not DumpStep step)
            return false;
        facts.Add(new DumpProgress(line.ToSource(), step));
        return true;
    }

    private static DumpStep? StepOf(ReadOnlySpan<char> m)
    {
        int sign = Texts.First(m);
        if (sign < 0)
            return null;
        if (sign < Signs.Length)
            return Signs[sign].Step;
        // Reserving 192MB of memory at 496MB for crashkernel (System RAM: 1023MB)
        if (m.StartsWith("Reserving ", StringComparison.Ordinal) && m.Contains("MB for crashkernel", StringComparison.Ordinal))
            return DumpStep.Reserved;
        if (m.Contains("No space left on device", StringComparison.Ordinal) && SpeaksOfDump(m))
            return DumpStep.NoSpace;
        // "saving vmcore" alone, not "saving vmcore-dmesg.txt"
        int saving = m.IndexOf("saving vmcore", StringComparison.Ordinal);
        if (saving >= 0 && m[(saving + "saving vmcore".Length)..].Trim().IsEmpty)
            return DumpStep.Saving;
        if (m.Contains("running makedumpfile -", StringComparison.Ordinal))
            return DumpStep.Saving;
        if (m.StartsWith("-r", StringComparison.Ordinal) &&
            (m.EndsWith(" vmcore-incomplete", StringComparison.Ordinal) || m.Contains(" dump-incomplete", StringComparison.Ordinal)))
            return DumpStep.LeftUnfinished;
        return IsListed(m) ? DumpStep.Listed : null;
    }

    /// <summary>
    /// <c>-rw-------. 1 root root 72912345 Nov  2 10:00 vmcore</c>, or Debian's <c>dump.202411021000</c>: a writer renames the file
    /// when it is complete.
    /// </summary>
    private static bool IsListed(ReadOnlySpan<char> m)
    {
        const long LeastDump = 1 << 20;
        m = m.TrimEnd();
        ReadOnlySpan<char> name = m[(m.LastIndexOf(' ') + 1)..];
        name = name[(name.LastIndexOf('/') + 1)..];
        if (!m.StartsWith("-r", StringComparison.Ordinal) || !(name is "vmcore" or "vmcore.flat" || (name.Length == "dump.".Length + 12 &&
            name.StartsWith("dump.", StringComparison.Ordinal) && name[5..].IndexOfAnyExceptInRange('0', '9') < 0)))
            return false;
        Span<Range> words = stackalloc Range[6];
        int count = m.Split(words, ' ', StringSplitOptions.RemoveEmptyEntries);
        return count > 4 && IsSize(m[words[4]], LeastDump);
    }

    /// <summary>In bytes, or as <c>ls -h</c> rounds it.</summary>
    private static bool IsSize(ReadOnlySpan<char> size, long least) => size.Length > 1 && (size[^1] is 'M' or 'G' or 'T'
        ? char.IsAsciiDigit(size[0]) : long.TryParse(size, out long bytes) && bytes >= least);

    private static string[] TextsOf((string Text, DumpStep Step)[] signs) => Array.ConvertAll(signs, s => s.Text);

    private static bool SpeaksOfDump(ReadOnlySpan<char> m) =>
        m.Contains("the dump file", StringComparison.Ordinal) || m.Contains("vmcore", StringComparison.Ordinal) ||
            m.Contains("makedumpfile", StringComparison.Ordinal) ||
        m.Contains("/var/crash/", StringComparison.Ordinal) || m.Contains("dump-incomplete", StringComparison.Ordinal);
}
