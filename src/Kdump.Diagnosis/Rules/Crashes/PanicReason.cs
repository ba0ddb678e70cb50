using Kdump.Diagnosis.Crashes;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>
/// What stands behind <c>Kernel panic - not syncing: </c>. A panic that names its reason has that one and no other: a hung task of hours
/// ago is no cause of a machine check.
/// </summary>
/// <param name="Text">A part of the reason.</param>
/// <param name="Means">What it means, as sentences.</param>
/// <param name="Causes">Ids of findings that explain it.</param>
internal sealed record PanicReason(string Text, string Means, string[] Causes)
{
    /// <summary>Beginnings of the ids of what a machine tells of its hardware.</summary>
    private static readonly string[] Hardware =
        ["mce-", "memory-", "hardware-", "aer-", "pcie-", "iommu-", "edac-", "ghes-", "cper-", "bert-", "dimm-", "nmi-", "serror", "sea-",
            "processor-", "cpu-", "dpc-", "ras-", "arm-", "cxl-", "smmu-", "pci-", "reset-by-hardware", "uncorrect"];

    private static readonly PanicReason[] All =
    [
        new("VFS: Unable to mount root fs",
            "The root file system is not there.",
            ["root-not-found"]) { Reports = [] },
        new("No working init found", "The initramfs or root file system holds no program to start.",
            ["init-not-started", "initramfs-unpack-failed", "initramfs-lost"]) { Reports = [] },
        new("Requested init ", "The program that init= names could not be started.",
            ["initramfs-unpack-failed", "cmdline-parameter-harmful"]) { Reports = [] },
        new("Attempted to kill init", "The first program ended, which it never may: see its exit code and what it printed.",
            ["init-not-started", "root-not-found", "library-missing-in-image", "capture-kernel-oom", "out-of-memory",
                "initramfs-unpack-failed"]) { Reports = ["kernel-oops"] },
        Hard("Fatal machine check", "The hardware reported an error that cannot be survived."),
        Hard("Fatal local machine check", "The hardware reported an error that cannot be survived."),
        Hard("Machine check", "The hardware reported an error that cannot be survived."),
        Hard("Unrecoverable machine check", "The hardware reported an error that cannot be survived."),
        Hard("Timeout: Not all CPUs entered broadcast exception handler", "A machine check happened and a CPU did not answer."),
        Hard("Timeout synchronizing machine check over CPUs", "A machine check happened and a CPU did not answer."),
        Hard("Memory error not recovered", "Memory in use was bad, and it could not be replaced."),
        Hard("CPU context corrupt", "The hardware reported an error that cannot be survived."),
        Hard("Unable to continue", "The hardware reported an error that cannot be survived."),
        Hard("Uncorrected machine check", "The hardware reported an error that cannot be survived."),
        Hard(" page:0x", "EDAC's panic_on_ue makes an uncorrected memory error the end."),
        Hard("Fatal hardware error", "Firmware reported an error that cannot be survived (APEI GHES)."),
        Hard("Asynchronous SError Interrupt",
            "An access to memory or a device failed, and the CPU told so later: the trace may show innocent code."),
        Hard("NMI: Not continuing", "A non-maskable interrupt came, and kernel settings make it the end."),
        Hard("NMI: IOCK error", "A device reported an I/O check by a non-maskable interrupt."),
        Hard("NMI IOCK error", "A device reported an I/O check by a non-maskable interrupt."),
        Hard("NMI: PCI system error", "A bus reported a system error (SERR) by a non-maskable interrupt."),
        Hard("An NMI occurred", "The management controller sent a non-maskable interrupt: its event log tells why."),
        new("Out of memory", "The kernel ran out of memory.", ["out-of-memory", "capture-kernel-oom"]) { Reports = [] },
        new("System is deadlocked on memory", "The kernel ran out of memory, with nothing left to kill.",
            ["out-of-memory", "capture-kernel-oom"]) { Reports = [] },
        Watch("softlockup: hung tasks", "kernel.softlockup_panic makes a soft lockup the end.", "soft-lockup"),
        Watch("Hard LOCKUP", "kernel.hardlockup_panic makes a hard lockup the end.", "hard-lockup"),
        Watch("hung_task: blocked tasks", "kernel.hung_task_panic makes a hung task the end.", "hung-task"),
        Watch("RCU Stall", "kernel.panic_on_rcu_stall makes an RCU stall the end.", "rcu-stall"),
        new("Fatal exception", "kernel.panic_on_oops, or an oops in an interrupt, makes an oops the end.", [])
        {
            Reports = ["kernel-oops"],
        },
        new("stack-protector: ", "Before the function returned, it found that the guard value (canary) between its local variables and " +
            "its return address was changed: it, or a function that it gave a pointer to them, wrote beyond a buffer on the stack.", []),
        new("panic_on_warn", "kernel.panic_on_warn makes a warning the end.", []),
    ];

    /// <summary>Ids of reports of the same life that it may follow from; null: any.</summary>
    public string[]? Reports { get; init; }

    /// <summary>As <see cref="Finding.TakesOnly"/>.</summary>
    public IReadOnlyList<string>? TakesOnly { get; init; }

    public static PanicReason? Of(string reason) => Array.Find(All, r => reason.Contains(r.Text, StringComparison.Ordinal));

    /// <summary>Names of the findings that explain a panic: what its reason says, else what was reported before it.</summary>
    public static FindingRef[] CausesOf(Source panic, string reason, Boot? boot, Facts facts)
    {
        PanicReason? known = Of(reason);
        IEnumerable<FindingRef> before = CrashFindings.Before(panic, boot, facts)
            .Where(cause => known?.Reports is null || known.Reports.Contains(cause.Id));
        if (known?.Text == "panic_on_warn")
            before = before.Concat(facts.Of<Crash>()
                .Where(c => c.Boot == boot && c.Source.Order <= panic.Order && CrashFindings.IdOf(c) == "kernel-warning").Take(1)
                .Select(CrashFindings.KeyOf));
        return [.. before, .. known?.Causes ?? []];
    }

    private static PanicReason Hard(string text, string means) =>
        new(text, means, ["mce-fatal", "hardware-error-by-firmware", "aer-uncorrectable", "dimm-failing"]) { Reports = [],
            TakesOnly = Hardware };

    private static PanicReason Watch(string text, string means, string id) => new(text, means, [id])
    {
        Reports = [id],
        TakesOnly = id == "hard-lockup" ? [id, .. Hardware] : id == "rcu-stall" ? [id, "grace-"] : [id],
    };
}
