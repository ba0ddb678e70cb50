namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// <c>Kernel panic - not syncing: …</c> (kernel/panic.c) as the first thing that is seen. Where it only follows from a report above
/// (panic_on_oops, panic_on_warn …), the report is the crash; a panic of that sort without one is what is left of a torn log.
/// </summary>
internal static class PanicRecipes
{
    private const string Panic = "Kernel panic - not syncing: ";

    public static readonly Recipe[] All =
    [
        new("stack-corruption", Panic + "stack-protector: Kernel stack is corrupted in: ", "kernel panic: stack is corrupted in {f}")
        {
            Walk = s => s.Named("corrupted in: ", exact: true), Accept = line => line.Contains('+'), NoTrace = true,
        },
        new("stack-corruption", Panic + "stack-protector:", "kernel panic: stack is corrupted in {f}") { Walk = Walks.Trace,
            Skip = new(["stack_chk"]) },
        new("stack-overflow", Panic + "corrupted stack end", "kernel panic: corrupted stack end in {f}")
        {
            Walk = Walks.Trace, Skip = new(["schedule", "retint_kernel"]), Pick = Pick.BelowDispatcher, Merge = "stack-overflow",
        },
        new("stack-overflow", Panic + "kernel stack overflow", "kernel stack overflow in {f}")
        {
            Walk = Walks.Trace, Skip = new(["bad_stack"]), Pick = Pick.BelowDispatcher, Merge = "stack-overflow",
        },
        new("init-died", Panic + "Attempted to kill init!", "kernel panic: Attempted to kill init!"),
        new("panic", Panic + "Couldn't open N_TTY ldisc for * --- error -", "kernel panic: Couldn't open N_TTY ldisc"),
        new("oops", Panic + "Fatal exception", "kernel panic: Fatal exception") { Torn = true },
        new("warning", Panic + "panic_on_warn set", "kernel panic: panic_on_warn set") { Torn = true },
        new("hung-task", Panic + "hung_task: blocked tasks", "kernel panic: hung_task: blocked tasks") { Torn = true },
        .. Kinds.Select(k => new Recipe(k.Kind, $"{Panic}{k.Reason}*{{t}}",
            "kernel panic: {reason}") { NoTrace = k.Kind is "machine-check" or "hardware-error" or "nmi" or "serror" }),
        new("panic", Panic + "{t}", "kernel panic: {1}"),
    ];

    /// <summary>Reasons of a panic that tell its class; their full text is the title.</summary>
    private static (string Reason, string Kind)[] Kinds =>
    [
        ("sysrq triggered crash", "requested"),
        ("VFS: Unable to mount root fs", "no-root"),
        ("No working init found", "no-init"),
        ("Requested init ", "no-init"),
        ("No init found", "no-init"),
        ("Out of memory", "out-of-memory"),
        ("System is deadlocked on memory", "out-of-memory"),
        ("out of memory", "out-of-memory"),
        ("softlockup: hung tasks", "soft-lockup"),
        ("Hard LOCKUP", "hard-lockup"),
        ("hard LOCKUP", "hard-lockup"),
        ("RCU Stall", "rcu-stall"),
        ("Fatal machine check", "machine-check"),
        ("Fatal local machine check", "machine-check"),
        ("Machine check", "machine-check"),
        ("Timeout: Not all CPUs entered broadcast exception handler", "machine-check"),
        ("Unrecoverable machine check", "machine-check"),
        ("Uncorrected memory error", "machine-check"),
        ("Fatal hardware error", "hardware-error"),
        ("Asynchronous SError Interrupt", "serror"),
        ("NMI", "nmi"),
        ("An NMI occurred", "nmi"),
        ("EXT4-fs", "filesystem"), ("XFS", "filesystem"), ("JFS", "filesystem"), ("BTRFS", "filesystem"), ("OCFS2", "filesystem"),
        ("Aiee, killing interrupt handler", "oops"),
    ];
}
