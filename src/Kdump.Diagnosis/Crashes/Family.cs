using System.Buffers;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes;

/// <summary>Reports that share how their first line begins.</summary>
/// <param name="Heading">Found anywhere in a line; cheap to look for.</param>
internal sealed record Family(string Heading, Recipe[] Recipes)
{
    /// <summary>Lines that hold the heading and report nothing.</summary>
    public string[] Except { get; init; } = [];

    /// <summary>
    /// It usually stands inside of another report: then it is part of that, and opens one of its own only when none is open.
    /// </summary>
    public bool Continues { get; init; }

    /// <summary>Behind a panic it is no part of it, but what happened to the kernel next.</summary>
    public bool FallsAfterPanic { get; init; }

    /// <summary>A line of no known form is a report all the same.</summary>
    public bool AnyForm { get; init; }

    /// <summary>A line of no known form is a report if a stack follows it.</summary>
    public bool AnyFormWithTrace { get; init; }

    /// <summary>The heading is a name that texts use, too: behind it stands a reason, one of these characters first, or nothing.</summary>
    public string? Reason { get; init; }

    /// <summary>The heading must begin the message, apart from a subsystem's name and a colon.</summary>
    public bool AtStart { get; init; }

    /// <summary>What may be left of a report whose beginning is lost: a heading of any other report takes its place.</summary>
    public bool Tentative { get; init; }

    /// <summary>Kernel messages only: on a console, other programs print such words, too.</summary>
    public bool StampedOnly { get; init; }

    /// <summary>Without a stamp only where no report is open: there it would be one of its lines.</summary>
    public bool Lone { get; init; }
}

/// <summary>Every heading. Where a line holds several, the first of the table decides.</summary>
internal static class Families
{
    public static readonly Family[] All =
    [
        new("BUG:", [.. SanitizerRecipes.Bug, .. BugRecipes.All])
        {
            AnyForm = true, Except = ["DEBUG:", "Oops - BUG:", "xlog_status:", "BUG: no syscalls can create resource"],
        },
        new("WARNING:", WarningRecipes.All)
        {
            AnyFormWithTrace = true,
            Except =
            [
                "WARNING: /etc/ssh/moduli", "WARNING: workqueue cpumask: online intersect", "WARNING: The mand mount option",
                    "WARNING: the mand mount option",
                "WARNING: Unsupported flag value", "WARNING: Unprivileged eBPF is enabled", "WARNING: fbcon: Driver ", "WARNING: See http",
                    "WARNING: kernel not compiled with",
                "EXT4-fs", "XFS (*: WARNING", "kernel/watchdog.c:* watchdog_overflow_callback",
                    "uses deprecated v2 capabilities", "uses wireless extensions", "WARNING: Spectre v2",
            ],
        },
        new("INFO:", InfoRecipes.All)
        {
            Except = ["INFO: lockdep is turned off", "INFO: Stall ended before state dump start", "INFO: NMI handler", "took too long",
                "_INFO:", "rmt_storage:INFO:", " is blocked on a "],
        },
        new("Unable to handle kernel", FaultRecipes.Arm) { AnyForm = true },
        new("general protection fault",
            FaultRecipes.GeneralProtection) { Except =
            ["general protection fault * error:* in ", "general protection fault ip:", "general protection ip:"] },
        new("stack segment: ", FaultRecipes.StackSegment),
        new("SError Interrupt on CPU", FaultRecipes.SError),
        new("Bad mode in Error handler detected", FaultRecipes.BadMode),
        new("Kernel panic", PanicRecipes.All) { Continues = true, AnyForm = true, Reason = ":-\u2013\u2014[" },
        new("PANIC: double fault", FaultRecipes.DoubleFault) { Continues = true },
        new("rust_kernel: panicked", OtherRecipes.Rust),
        new("kernel BUG at", FaultRecipes.Bug),
        new("Kernel BUG", FaultRecipes.OldBug),
        new("Kernel bug detected[#", FaultRecipes.MipsBug),
        new("BUG ", OtherRecipes.Slab) { AtStart = true },
        new("divide error:", FaultRecipes.Divide),
        new("divide_error:", FaultRecipes.Divide),
        new("invalid opcode:", FaultRecipes.InvalidOpcode) { Continues = true },
        new("int3:", FaultRecipes.Int3),
        new("UBSAN:", SanitizerRecipes.Ubsan),
        new("bounds: 0", FaultRecipes.RareTrap) { Continues = true, AtStart = true },
        new("overflow: 0", FaultRecipes.RareTrap) { Continues = true, AtStart = true },
        new("coprocessor segment overrun:", FaultRecipes.RareTrap) { Continues = true },
        new("alignment check:", FaultRecipes.RareTrap) { Continues = true },
        new("segment not present:", FaultRecipes.RareTrap) { Continues = true },
        new("invalid TSS:", FaultRecipes.RareTrap) { Continues = true },
        new("simd exception:", FaultRecipes.RareTrap) { Continues = true },
        new("control protection fault:", FaultRecipes.RareTrap) { Continues = true },
        new("unregister_netdevice: waiting for", OtherRecipes.Netdevice) { Continues = true },
        new("VFS: Close: file count is 0", OtherRecipes.FileCount),
        new("VFS: Busy inodes after unmount", OtherRecipes.BusyInodes),
        new("Internal error:", FaultRecipes.InternalError) { Continues = true, FallsAfterPanic = true },
        // arch/arm/mm/alignment.c: of the kernel's own, "Internal error" follows; of a program's, a signal. With a status it is an
        // IOMMU that speaks (drivers/iommu/ipmmu-vmsa.c).
        new("Unhandled fault:", FaultRecipes.Unhandled) { Except = ["Unhandled fault: alignment exception", "Unhandled fault: status "] },
        new("Synchronous External Abort: ", FaultRecipes.Unhandled),
        new("Unhandled prefetch abort:", FaultRecipes.Unhandled),
        new("Data bus error, epc ", FaultRecipes.BusError),
        new("Instruction bus error, epc ", FaultRecipes.BusError),
        new("Unhandled kernel unaligned access", FaultRecipes.Mips) { Continues = true },
        new("Kernel unaligned instruction access", FaultRecipes.Mips) { Continues = true },
        new("Reserved instruction in kernel code", FaultRecipes.Mips) { Continues = true },
        new("Kernel Fault: Code=", FaultRecipes.Parisc) { Continues = true },
        new(" ilc:", FaultRecipes.S390) { Continues = true, Lone = true },
        new("exception: 0", FaultRecipes.S390) { Continues = true, Lone = true },
        new("operation: 00", FaultRecipes.S390) { Continues = true, Lone = true },
        new("switch event: 00", FaultRecipes.S390) { Continues = true, Lone = true },
        new("Split lock detected", FaultRecipes.SplitLock),
        new(": Vector: ", FaultRecipes.Xmon) { Continues = true },
        new("#PF: supervisor ", FaultRecipes.Headless) { Continues = true, AtStart = true, Lone = true },
        new("hard LOCKUP", OtherRecipes.HardLockup),
        new("Hard LOCKUP", OtherRecipes.HardLockup) { Continues = true },
        new("non-responsive CSD lock", OtherRecipes.CsdLockup),
        new("Oops: ", FaultRecipes.Oops) { Continues = true, AtStart = true, Lone = true },
        new("Oops - ", FaultRecipes.Oops) { Continues = true, AtStart = true, Lone = true },
        new(" Comm: ", WarningRecipes.Headless) { Continues = true, Tentative = true, Lone = true },
        new(", comm: ", OtherRecipes.BareStack) { Continues = true, Tentative = true, StampedOnly = true },
        new("Call Trace:", OtherRecipes.Tail) { Continues = true, Tentative = true, AtStart = true, Lone = true },
        new("Call trace:", OtherRecipes.ArmTail) { Continues = true, Tentative = true, AtStart = true, Lone = true },
        new("Code: ", OtherRecipes.LastWords) { Continues = true, Tentative = true, StampedOnly = true, AtStart = true },
        new(OtherRecipes.EndMark, OtherRecipes.Summary) { Continues = true, Tentative = true, AtStart = true, Lone = true },
        new(" watchdog_overflow_callback+0x", OtherRecipes.HeadlessHardLockup) { Continues = true, Tentative = true, Lone = true },
        new(" watchdog_hardlockup_check+0x", OtherRecipes.HeadlessHardLockup) { Continues = true, Tentative = true, Lone = true },
        new(" watchdog_timer_fn+0x", OtherRecipes.HeadlessSoftLockup) { Continues = true, Tentative = true, Lone = true },
        new("Task dump for CPU ", OtherRecipes.HeadlessRcuStall) { Continues = true, Tentative = true, AtStart = true, Lone = true },
        // Until 4.19 it has c= as well, and "Task dump" follows.
        new(" jiffies g=", OtherRecipes.HeadlessRcuStall) { Continues = true, Tentative = true, Except = [" c={w} q="], Lone = true },
        new("CR2: ", OtherRecipes.RegistersAndStack) { Continues = true, Tentative = true, AtStart = true, Lone = true },
        new("RIP: 0010:", FaultRecipes.HeadlessPlace) { Continues = true, Tentative = true, AtStart = true },
        .. FaultRecipes.HeadlessStacks.Select(s =>
            new Family(s + "+0x", FaultRecipes.HeadlessStack) { Continues = true, Tentative = true, Lone = true }),
        .. FaultRecipes.HeadlessTraps.Select(s =>
            new Family(s + "+0x", FaultRecipes.HeadlessTrap) { Continues = true, Tentative = true, Lone = true }),
        new("list_del corruption", OtherRecipes.List) { Continues = true, Tentative = true, AtStart = true },
        new("list_add corruption", OtherRecipes.List) { Continues = true, Tentative = true, AtStart = true },
        new("EIP is at ", FaultRecipes.HeadlessProcess) { Continues = true, Tentative = true, AtStart = true },
        new("PC is at ", FaultRecipes.HeadlessProcess) { Continues = true, Tentative = true, AtStart = true },
        new("trusty: panic", OtherRecipes.Trusty),
        new("SYZFAIL:", OtherRecipes.Fuzzer),
        new("SYZFATAL:", OtherRecipes.Fuzzer),
    ];

    private static readonly SearchValues<string> Headings =
        SearchValues.Create(All.Select(f => f.Heading).ToArray(), StringComparison.Ordinal);

    /// <summary>The family whose report begins in this message, or null.</summary>
    public static Family? Of(ReadOnlySpan<char> message, bool stamped)
    {
        if (message.IndexOfAny(Headings) < 0)
            return null;
        foreach (Family family in All)
        {
            if (IsBegin(family, message, stamped, within: false))
                return family;
        }
        return null;
    }

    /// <summary>The same, of a line whose headings are known.</summary>
    /// <param name="concerned">Indexes in the table of the families whose heading stands in the line, in order; others are skipped.</param>
    /// <param name="within">A report is open.</param>
    public static Family? Of(ReadOnlySpan<char> message, bool stamped, List<int> concerned, bool within)
    {
        foreach (int i in concerned)
        {
            if (i < All.Length && IsBegin(All[i], message, stamped, within))
                return All[i];
        }
        return null;
    }

    private static bool IsBegin(Family family, ReadOnlySpan<char> message, bool stamped, bool within)
    {
        int at = message.IndexOf(family.Heading, StringComparison.Ordinal);
        return at >= 0 && (!family.AtStart || IsStart(message, at)) && (stamped || !(family.StampedOnly || (within && family.Lone))) &&
            (family.Reason is not { } reason || HasReason(message, family.Heading, reason)) &&
            !IsOfProgram(message) && !family.Except.Any(message, static (m, e) => Shape.Find(m, e) >= 0);
    }

    /// <summary>At the beginning, or behind names with colons: <c>watchdog: </c>, <c>rcu: </c>.</summary>
    private static bool IsStart(ReadOnlySpan<char> message, int at) =>
        at == 0 || (at >= 2 && at < 40 && message[..at].EndsWith(": ", StringComparison.Ordinal));

    /// <summary>Not "Kernel panics are …" nor "Kernel panic - not syncing is …".</summary>
    private static bool HasReason(ReadOnlySpan<char> message, string heading, string reason)
    {
        ReadOnlySpan<char> behind = message[(message.IndexOf(heading, StringComparison.Ordinal) + heading.Length)..];
        if (behind.TrimStart(' ') is [var first, ..] && !reason.Contains(first, StringComparison.Ordinal))
            return false;
        // The mark behind a report, cut off before its reason.
        if (behind.IsWhiteSpace() && message.Contains($" end {heading}", StringComparison.Ordinal))
            return false;
        const string NotSyncing = " - not syncing";
        return !behind.StartsWith(NotSyncing, StringComparison.Ordinal) || !(behind[NotSyncing.Length..] is [' ', ..] told &&
            Sentence.BeginsWithin(told));
    }

    /// <summary>
    /// <c>name[pid]: </c> is what programs that write into the kernel's log begin with; the kernel's own <c>traps: </c> puts the pid
    /// behind.
    /// </summary>
    private static bool IsOfProgram(ReadOnlySpan<char> message)
    {
        int open = message.IndexOf('[');
        if (open is < 1 or > 40 || message[..open].IndexOfAny(" :") >= 0)
            return false;
        int close = message.IndexOf("]: ", StringComparison.Ordinal);
        return close > open + 1 && message[(open + 1)..close].IndexOfAnyExceptInRange('0', '9') < 0;
    }

    private delegate bool FitsMessage(ReadOnlySpan<char> message, string shape);

    private static bool Any(this string[] shapes, ReadOnlySpan<char> message, FitsMessage fits)
    {
        foreach (string shape in shapes)
        {
            if (fits(message, shape))
                return true;
        }
        return false;
    }
}
