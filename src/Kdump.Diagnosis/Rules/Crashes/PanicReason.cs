using Kdump.Diagnosis.Catalogue.Devices;
using Kdump.Diagnosis.Crashes;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>
/// The text after <c>Kernel panic - not syncing: </c>. A panic that names its reason has only that cause: a hung task hours earlier
/// is not the cause of a machine check.
/// </summary>
/// <param name="Text">A part of the reason.</param>
/// <param name="Means">What it means, as sentences.</param>
/// <param name="Causes">Ids of findings that explain it.</param>
internal sealed record PanicReason(string Text, string Means, string[] Causes)
{
    /// <summary>Prefixes of the ids of hardware findings.</summary>
    private static readonly string[] Hardware =
        ["mce-", "memory-", "hardware-", "aer-", "pcie-", "iommu-", "edac-", "ghes-", "cper-", "bert-", "dimm-", "nmi-", "serror", "sea-",
            "processor-", "cpu-", "dpc-", "ras-", "arm-", "cxl-", "smmu-", "pci-", "reset-by-hardware", "uncorrect"];

    private const string HardLockup = "kernel.hardlockup_panic turns a hard lockup into a panic: " +
        "a CPU took no interrupts for some ten seconds, because its code ran, or waited for a lock, with interrupts off. " +
        "Its stack follows the frames of the NMI.";

    private static readonly PanicReason[] All =
    [
        new("VFS: Unable to mount root fs",
            "The root file system was not found.",
            ["root-not-found"]) { Reports = [] },
        new("No working init found", "The initramfs or root file system contains no init program.",
            ["init-not-started", "initramfs-unpack-failed", "initramfs-lost"]) { Reports = [] },
        new("Requested init ", "The program that init= names could not be started.",
            ["initramfs-unpack-failed", "cmdline-parameter-harmful"]) { Reports = [] },
        new("Attempted to kill init", "The first program (init) ended, which it must never do: see its exit code and what it printed.",
            ["init-not-started", "root-not-found", "library-missing-in-image", "capture-kernel-oom", "out-of-memory",
                "initramfs-unpack-failed"]) { Reports = ["kernel-oops"] },
        Hard("Fatal machine check", "The hardware reported a fatal error."),
        Hard("Fatal local machine check", "The hardware reported a fatal error."),
        Hard("Machine check", "The hardware reported a fatal error."),
        Hard("Unrecoverable machine check", "The hardware reported a fatal error."),
        Hard("Timeout: Not all CPUs entered broadcast exception handler", "A machine check happened and a CPU did not respond."),
        Hard("Timeout synchronizing machine check over CPUs", "A machine check happened and a CPU did not respond."),
        Hard("Memory error not recovered", "Memory in use had an uncorrectable error and could not be recovered."),
        Hard("CPU context corrupt", "The hardware reported a fatal error."),
        Hard("Unable to continue", "The hardware reported a fatal error."),
        Hard("Uncorrected machine check", "The hardware reported a fatal error."),
        Hard(" page:0x", "edac_mc_panic_on_ue is set: an uncorrected memory error causes a panic."),
        Hard("Fatal hardware error", "Firmware reported a fatal error (APEI GHES)."),
        Hard("Asynchronous SError Interrupt",
            "An access to memory or a device failed, and the CPU reported it later (asynchronously): the trace may show unrelated code.")
            with { Reports = ["kernel-oops"], TakesOnly = [.. Hardware, "kernel-oops"] },
        Hard("NMI: Not continuing", "A non-maskable interrupt arrived, and kernel settings turn it into a panic."),
        Hard("NMI: IOCK error", "A device reported an I/O check by a non-maskable interrupt."),
        Hard("NMI IOCK error", "A device reported an I/O check by a non-maskable interrupt."),
        Hard("NMI: PCI system error", "A bus reported a system error (SERR) by a non-maskable interrupt."),
        Hard("An NMI occurred", "The management controller sent a non-maskable interrupt: see its event log for the reason."),
        new("Out of memory", "The kernel ran out of memory.", ["out-of-memory", "capture-kernel-oom"]) { Reports = [] },
        new("System is deadlocked on memory", "The kernel ran out of memory and found no task left to kill.",
            ["out-of-memory", "capture-kernel-oom"]) { Reports = [] },
        Watch("softlockup: hung tasks", "kernel.softlockup_panic turns a soft lockup into a panic.", "soft-lockup"),
        Watch("Hard LOCKUP", HardLockup, "hard-lockup"),
        // Until 4.5, and until 2.6.36.
        Watch("Watchdog detected hard LOCKUP", HardLockup, "hard-lockup"),
        Watch("NMI Watchdog detected LOCKUP", HardLockup, "hard-lockup"),
        Watch("hung_task: blocked tasks", "kernel.hung_task_panic turns a hung task into a panic.", "hung-task"),
        Watch("RCU Stall", "kernel.panic_on_rcu_stall turns an RCU stall into a panic.", "rcu-stall"),
        new("Fatal exception", "The oops became a panic because of kernel.panic_on_oops or because it was in an interrupt.", [])
        {
            Reports = ["kernel-oops"],
        },
        new("stack-protector: ", "Before the function returned, " +
            "it found that the guard value (canary) between its local variables and its return address was changed: " +
            "that function, or one that it passed a pointer to, wrote beyond a buffer on the stack.", []),
        new("panic_on_set_idle", "A vendor's kernel (Rockchip) panics when a power domain does not acknowledge a request to idle.",
            ["power-domain-failed"]),
        new("panic_on_warn", "kernel.panic_on_warn turns a warning into a panic.", []),
    ];

    /// <summary>Ids of reports of the same boot that can be its cause; null: any.</summary>
    public string[]? Reports { get; init; }

    /// <summary>As <see cref="Finding.TakesOnly"/>.</summary>
    public IReadOnlyList<string>? TakesOnly { get; init; }

    public static PanicReason? Of(string reason) => Array.Find(All, r => reason.Contains(r.Text, StringComparison.Ordinal));

    /// <summary>The findings that can explain a panic: those that its reason names, otherwise what was reported before it.</summary>
    public static FindingRef[] CausesOf(Source panic, string reason, Boot? boot, Facts facts)
    {
        PanicReason? known = Of(reason);
        IEnumerable<FindingRef> before = CrashFindings.Before(panic, boot, facts)
            .Where(cause => known?.Reports is null || known.Reports.Contains(cause.Id));
        if (known?.Text == "panic_on_warn")
            before = before.Concat(facts.Of<Crash>()
                .Where(c => c.Boot == boot && c.Source.Order <= panic.Order && CrashFindings.IdOf(c) == "kernel-warning").Take(1)
                .Select(CrashFindings.KeyOf));
        // Since 6.6 the watchdog of network cards prints its words and no warning's heading (net/sched/sch_generic.c).
        if (known?.Text == "panic_on_warn" && !before.Any())
            before = facts.Of<DeviceSaid>().Where(s => s.Family == NetworkCards.TransmitStuck && s.Boot == boot &&
                s.Source.Order < panic.Order && !s.Word.Aftermath).Select(s => new FindingRef(s.Family.Id, s.Device)).Take(1);
        return [.. before, .. known?.Causes ?? []];
    }

    private static PanicReason Hard(string text, string means) =>
        new(text, means, ["mce-fatal", "hardware-error-by-firmware", "aer-uncorrectable", "dimm-failing"]) { Reports = [],
            TakesOnly = Hardware };

    private static PanicReason Watch(string text, string means, string id) => new(text, means, [id])
    {
        Reports = [id],
        TakesOnly = id switch { "hard-lockup" => [id, .. Hardware], "rcu-stall" => [id, "grace-"], _ => [id] },
    };
}
