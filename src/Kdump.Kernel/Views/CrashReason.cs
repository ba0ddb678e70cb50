using System.Text.RegularExpressions;

namespace Kdump.Kernel.Views;

/// <summary>
/// The lines of a kernel's log with the reason why it stopped. Only lines that begin with these words and that the kernel itself wrote
/// count, because panics are also quoted (<c>---[ end Kernel panic …</c>, programs that write to /dev/kmsg), and some warnings begin like
/// oopses (<c>BUG: scheduling while atomic</c>). Headings are those of kernel/panic.c, arch/*/kernel/traps.c and arch/*/mm/fault.c.
/// </summary>
/// <param name="Panic">The first panic; later ones are its consequences.</param>
/// <param name="Fault">First line of the oops that stopped the kernel, or of the last oops.</param>
/// <param name="Request">The line that requested a crash.</param>
internal sealed partial record CrashReason(PrintkRecord? Panic, PrintkRecord? Fault, PrintkRecord? Request)
{
    /// <summary>
    /// Maximum number of records from the first line of an oops to the line that numbers it, and from there to the line that names its
    /// CPU.
    /// </summary>
    private const int Reach = 40;
    private const int LongestLine = 1024;

    private const string PanicWords = "Kernel panic - not syncing";

    /// <summary>Texts of panics that only end an oops; then the oops is the reason.</summary>
    private static readonly string[] Ends = ["Fatal exception", "Aiee, killing interrupt handler", "Attempted to kill the idle task"];

    private static readonly string[] Headings =
    [
        "BUG: kernel NULL pointer", "BUG: Kernel NULL pointer", "BUG: unable to handle", "BUG: Unable to handle",
        "BUG: stack guard page", "kernel BUG at ", "Oops: ",
        "Oops - ", "Unable to handle kernel", "general protection fault", "Internal error: ", "stack segment: ", "divide error: ",
        "invalid opcode: ", "double fault: ", "int3: ", "bounds: ", "traps: PANIC", "PANIC: double fault",
        "kernel tried to execute", "BUG: TASK stack guard page", "BUG: IRQ stack guard page", "BUG: #DF stack guard page",
        "control protection fault", "Kernel BUG at ", "Unhandled kernel unaligned access", "illegal operation: ",
        "specification exception: ", "addressing exception: ", "Unknown program exception: ",
    ];

    public PrintkRecord? Reason => Panic is { } panic && Fault is not null && IsEnd(panic) ? Fault : Panic ?? Request ?? Fault;

    /// <param name="cpu">The CPU that crashed, if it was read from memory; otherwise null.</param>
    public static CrashReason Of(IReadOnlyList<PrintkRecord> records, int? cpu)
    {
        int panic = IndexOf(records, 0, text => text.StartsWith(PanicWords, StringComparison.Ordinal));
        int end = panic < 0 ? records.Count : panic;
        int die = Die(records, end, cpu) ?? Die(records, end, null) ?? -1;
        int request = -1;
        for (int i = end - 1; i >= 0 && request < 0; i--)
            if (Own(records[i]) is { } text && text.StartsWith("sysrq: ", StringComparison.Ordinal) &&
                text.EndsWith("Trigger a crash", StringComparison.Ordinal))
                request = i;
        // An older kernel crashes on request by causing a fault: without a panic, that fault is the requested crash.
        bool asked = request >= 0 && (panic >= 0 ? panic - request < Reach : die < 0 || (die > request && die - request < Reach));
        return new CrashReason(panic < 0 ? null : records[panic], die < 0 ? null : records[Heading(records, die)],
            asked && panic < 0 ? records[request] : null);
    }

    private static bool IsEnd(PrintkRecord panic) =>
        Array.Exists(Ends, e => panic.Text.StartsWith($"{PanicWords}: {e}", StringComparison.Ordinal));

    /// <summary>Index of the last line that numbers an oops, <c>: 0002 [#1]</c>; only of that CPU if one is specified.</summary>
    private static int? Die(IReadOnlyList<PrintkRecord> records, int end, int? cpu)
    {
        for (int i = end - 1; i >= 0; i--)
        {
            if (Own(records[i]) is not { } text || !Numbered().IsMatch(text))
                continue;
            if (cpu is null)
                return i;
            string wanted = $"CPU: {cpu} ";
            int named = IndexOf(records, i, t => t.StartsWith("CPU: ", StringComparison.Ordinal), Reach);
            if (named < 0 || records[named].Text.StartsWith(wanted, StringComparison.Ordinal))
                return i;
        }
        return null;
    }

    /// <summary>
    /// Index of an oops's first line: goes back from the line that numbers it to the first such line of the same writer. On arm64 the
    /// registers of the abort and the page tables stand in between, a dozen lines and more.
    /// </summary>
    private static int Heading(IReadOnlyList<PrintkRecord> records, int die)
    {
        int best = die;
        for (int i = die - 1; i >= 0 && die - i < Reach; i--)
        {
            if (records[i].CallerId != records[die].CallerId)
                continue;
            if (Own(records[i]) is not { } text || Numbered().IsMatch(text) || text.StartsWith("---[ end", StringComparison.Ordinal))
                break;
            if (Array.Exists(Headings, h => text.StartsWith(h, StringComparison.Ordinal)))
                best = i;
        }
        return best;
    }

    private static int IndexOf(IReadOnlyList<PrintkRecord> records, int from, Func<string, bool> fits, int most = int.MaxValue)
    {
        for (int i = from; i < records.Count && i - from < most; i++)
            if (Own(records[i]) is { } text && fits(text))
                return i;
        return -1;
    }

    /// <summary>
    /// The text of a line that the kernel itself wrote; null for a program's line (LOG_USER) and for a line that is too long.
    /// </summary>
    private static string? Own(PrintkRecord record) =>
        record.Facility == 0 && record.Bytes.Length < LongestLine ? record.Text : null;

    /// <summary><c>Oops: 0002 [#1] PREEMPT SMP</c>, <c>general protection fault, …: 0000 [#1]</c>, <c>Internal error: Oops: 96000004
    /// [#1]</c>.</summary>
    [GeneratedRegex(@"^(?:(?:Oops|Internal error): )?(?:[A-Za-z][^:\[]*: )?" +
        @"(?:[0-9a-f]{1,16}(?: ilc:\d)?|Oops) \[#\d+\](?: +[A-Z_0-9]+)*\s*$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Numbered();
}
