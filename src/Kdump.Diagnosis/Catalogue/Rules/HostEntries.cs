namespace Kdump.Diagnosis.Catalogue.Rules;

/// <summary>What the catalogue says of rules written by hand: the machine before it crashes, as <c>kdt host check</c> sees it.</summary>
internal static class HostEntries
{
    public static readonly Entry[] All =
    [
        new("crash-kernel-not-loaded", "no crash kernel is loaded")
        {
            Area = Area.Preparing,
            Signature = ["0 in /sys/kernel/kexec_crash_loaded"],
            Cause = "Nothing loaded one at boot, or the kernel refused it: no reservation, no image, a service that is off, a locked-down kernel.",
            Fixes = [new("Load it, and read why it was not", "kdumpctl start; journalctl -b -u kdump   # Debian: kdump-config load")],
            Origin = "kernel/ksysfs.c kexec_crash_loaded_show()",
        },
        new("dump-target-encrypted", "the dump target lies on an encrypted device")
        {
            Area = Area.Preparing,
            Signature = ["CRYPT-LUKS… in /sys/class/block/dm-N/dm/uuid below the target"],
            Cause = "In the crash kernel nobody types the passphrase, and deriving the key takes more memory than it has.",
            Fixes = [new("Dump to a target that is not encrypted, or hand the volume key over (CONFIG_CRASH_DM_CRYPT)", "kdumpctl setup-crypttab && kdumpctl restart", "an unencrypted dump holds the machine's secrets")],
            Kernels = "without CONFIG_CRASH_DM_CRYPT",
            Origin = "kdump-utils commit d70f205; kernel/crash_dump_dm_crypt.c",
        },
        new("dump-header-goes-stale", "memory or CPUs can be plugged in and nothing loads the crash kernel again")
        {
            Area = Area.Preparing,
            Signature = ["PNP0C80, virtio_mem or hv_balloon, without crash_hotplug in sysfs and without a udev rule"],
            Cause = "The dump's ELF header was written when the crash kernel was loaded, so what came later is not in it.",
            Fixes = [new("Load it again on each change by a udev rule (98-kexec.rules)", "systemctl restart kdump")],
            Origin = "kdump-utils 98-kexec.rules; kernel/crash_core.c crash_handle_hotplug_event()",
        },
        new("oops-makes-no-dump", "an oops would leave no dump")
        {
            Area = Area.Preparing,
            Signature = ["0 in /proc/sys/kernel/panic_on_oops"],
            Cause = "The kernel kills the task and goes on; what follows from the damage is dumped, the cause is not.",
            Fixes = [new("Let an oops panic", "sysctl kernel.panic_on_oops=1", "the machine goes down where it might have limped on")],
            Origin = "kernel/panic.c, arch/x86/kernel/dumpstack.c oops_end()",
        },
        new("events-without-dump", "lockups, hung tasks, stalls and NMIs would make no dump")
        {
            Area = Area.Preparing,
            Signature = ["0 in /proc/sys/kernel/softlockup_panic, hardlockup_panic, hung_task_panic, panic_on_rcu_stall, unknown_nmi_panic …"],
            Cause = "These are the kernel's defaults; each is a policy, not a fault.",
            Fixes = [new("Switch on what should be dumped", "sysctl kernel.unknown_nmi_panic=1", "a stray event then ends the machine")],
            Origin = "Documentation/admin-guide/sysctl/kernel.rst",
        },
        new("notifiers-run-before-dump", "panic notifiers run before the crash kernel starts")
        {
            Area = Area.Preparing,
            Signature = ["Y in /sys/module/kernel/parameters/crash_kexec_post_notifiers"],
            Cause = "Code of the broken kernel runs first and may hang.",
            Fixes = [new("Leave crash_kexec_post_notifiers out unless a notifier is needed")],
            Origin = "kernel/panic.c panic()",
        },
    ];
}
