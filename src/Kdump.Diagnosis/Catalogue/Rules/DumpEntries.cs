namespace Kdump.Diagnosis.Catalogue.Rules;

/// <summary>What the catalogue says of rules written by hand: what only a dump's memory tells.</summary>
internal static class DumpEntries
{
    public static readonly Entry[] All =
    [
        new("crash-without-report", "the kernel stopped and its log does not say why")
        {
            Area = Area.Crashing,
            Signature = ["a vmcore whose log holds no report of a crash"],
            Cause = "The log was overwritten, lies in pages that are missing, or the dump was taken from outside (a hypervisor, an NMI); registers and stack of the CPU still say where it stood.",
            Fixes = [new("See the whole stack", "kdt vmcore bt vmcore")],
            Origin = "kernel/crash_core.c, kernel/panic.c",
        },
        new("lock-not-released", "tasks waited too long for a lock that another task holds")
        {
            Area = Area.Crashing,
            Signature = ["a vmcore with tasks in uninterruptible sleep below mutex_lock, down_read or down_write"],
            Cause = "The lock's owner field names who has it: that task sleeps itself, waits for another lock (a deadlock when the chain closes), or never came back.",
            Fixes = [new("See what the holder was doing", "kdt vmcore bt --pid PID vmcore")],
            Kernels = "with BTF in the dump",
            Origin = "kernel/locking/mutex.c, kernel/locking/rwsem.c, kernel/hung_task.c",
        },
        new("dump-lacks-pages", "the kernel's own pages were left out of the dump")
        {
            Area = Area.Writing,
            Signature = ["excluded pages where the kernel's own structures must be"],
            Cause = "A makedumpfile that is older than the kernel mistakes one kind of page for another, and ends with success.",
            Fixes = [new("Put a makedumpfile that knows this kernel into the kdump image"), new("Until then leave out zero pages only: core_collector makedumpfile -l -d 1", Risk: "the dump is larger")],
            Kernels = "6.2, 6.3, 6.6, 6.9, 6.10, 6.12 and 7.1 each needed a newer makedumpfile",
            Origin = "makedumpfile commits f50c015, bad2a7c, 985e575, 9661c1d, 72c3414, 446c4f6",
        },
    ];
}
