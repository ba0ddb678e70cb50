using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Crashes.Clues;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Crashes;

/// <summary>What surrounds a crash: what the machine was doing, what failed just above it, which locks are meant.</summary>
public sealed class ContextClueTests
{
    private static string Stamped(params string[] lines) => string.Concat(lines.Select((l, i) => $"[  100.{i:000000}] {l}\n"));

    private static IReadOnlyList<Crash> Crashes(string log) => LogCorpus.Read(log).Crashes;

    private static string[] Meanings(string log) => [.. Crashes(log).SelectMany(c => c.Clues).Select(c => c.Meaning)];

    private static Clue Only(string log, string meaning) =>
        Assert.Single(Crashes(log).SelectMany(c => c.Clues), c => c.Meaning == meaning);

    private static string[] Oops(string rip, params string[] callers) =>
        ["BUG: kernel NULL pointer dereference, address: 0000000000000018", "#PF: supervisor read access in kernel mode",
            "Oops: 0000 [#1] PREEMPT SMP", "CPU: 3 PID: 7 Comm: cook Not tainted 6.1.0 #1", $"RIP: 0010:{rip}+0x10/0x20",
            "RSP: 0018:ffffc90000a3fe28 EFLAGS: 00000246", "Call Trace:", " <TASK>", .. callers.Select(c => $" {c}+0x10/0x20"), " </TASK>"];

    [Theory]
    [InlineData("resuming", "pan_resume", "dpm_run_callback", "device_resume", "dpm_resume")]
    [InlineData("suspending", "pan_suspend", "device_suspend", "dpm_suspend")]
    [InlineData("sleep", "pan_rest", "suspend_devices_and_enter", "pm_suspend")]
    [InlineData("shutting-down", "pan_off", "device_shutdown", "kernel_restart")]
    [InlineData("runtime-power", "pan_nap", "rpm_suspend", "pm_runtime_work")]
    [InlineData("unloading", "pan_exit", "__do_sys_delete_module")]
    [InlineData("unplugged", "pan_gone", "usb_disconnect", "hub_event")]
    [InlineData("unplugged", "pan_gone", "pciehp_unconfigure_device")]
    [InlineData("unbinding", "pan_remove", "device_driver_detach", "unbind_store")]
    [InlineData("cpu-hotplug", "pan_cpu", "cpuhp_invoke_callback", "_cpu_down")]
    [InlineData("namespace-gone", "pan_net_exit", "ops_exit_list", "cleanup_net")]
    [InlineData("unmounting", "pan_put_super", "generic_shutdown_super", "deactivate_locked_super")]
    [InlineData("probing", "pan_probe", "local_pci_probe", "really_probe")]
    [InlineData("mounting", "pan_fill_super", "mount_bdev", "vfs_get_tree")]
    public void The_stack_tells_what_the_machine_was_doing(string meaning, string rip, params string[] callers) =>
        Assert.Contains("It happened while", Only(Stamped(Oops(rip, callers)), meaning).Says, StringComparison.Ordinal);

    [Theory]
    [InlineData("shutting-down", "reboot: Power down")]
    [InlineData("shutting-down", "reboot: Restarting system")]
    [InlineData("suspending", "PM: suspend entry (deep)")]
    [InlineData("suspending", "Freezing user space processes")]
    [InlineData("resuming", "ACPI: PM: Waking up from system sleep state S3")]
    [InlineData("resuming", "PM: suspend exit")]
    public void The_lines_above_tell_it_too(string meaning, string line)
    {
        Assert.Contains(line, Only(Stamped([line, .. Oops("pan_fry", "pan_serve")]), meaning).Says, StringComparison.Ordinal);
        string[] far = [line, .. Enumerable.Range(0, 20).Select(i => $"pan: dish {i} is served"), .. Oops("pan_fry", "pan_serve")];
        Assert.DoesNotContain(meaning, Meanings(Stamped(far)));
    }

    [Theory]
    [InlineData("pan_chan: Write failed for channel 2 with code -19", true)]
    [InlineData("pan 0000:03:00.0: firmware did not respond", true)]
    [InlineData("pan 0000:03:00.0: enabling device (0000 -> 0002)", false)]
    [InlineData("cookd[345]: error: no dish", false)]
    [InlineData("pan: module verification failed: signature and/or required key missing - tainting kernel", false)]
    [InlineData("usb 1-1: new high-speed USB device number 5 using xhci_hcd", false)]
    public void A_failure_just_above_is_told_beside_a_crash(string line, bool told)
    {
        string log = Stamped([line, .. Oops("pan_fry", "pan_serve")]);
        Assert.Equal(told, Meanings(log).Contains("trouble-before"));
        string[] far = [line, .. Enumerable.Range(0, 20).Select(i => $"pan: dish {i} is served"), .. Oops("pan_fry", "pan_serve")];
        Assert.DoesNotContain("trouble-before", Meanings(Stamped(far)));
    }

    [Fact]
    public void Lines_of_another_report_are_no_failure_of_a_driver() => Assert.DoesNotContain("trouble-before",
        Meanings(Stamped([.. Oops("pan_fry", "pan_serve"), "---[ end trace 0000000000000000 ]---", .. Oops("pan_bake", "pan_serve")])));

    [Theory]
    [InlineData("WARNING: possible circular locking dependency detected", "cook/345 is trying to acquire lock:",
        "but task is already holding lock:", "other order")]
    [InlineData("[ INFO: possible circular locking dependency detected ]", "cook/345 is trying to acquire lock:",
        "but task is already holding lock:", "other order")]
    [InlineData("WARNING: possible recursive locking detected", "cook/345 is trying to acquire lock:",
        "but task is already holding lock:", "of the same kind")]
    [InlineData("WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected", "cook/345 [HC0[0]:SC0[0]:HE0:SE1] is trying to acquire:",
        "and this task is already holding:", "taken in interrupts")]
    public void Both_locks_of_a_lockdep_report_are_named(string heading, string first, string second, string says)
    {
        string log = Stamped(heading, "6.1.0 #1 Not tainted", "------------------------------------------------------", first,
            "ffff888106a71958 (&pan->lid){+.+.}-{3:3}, at: pan_open+0x49/0x1a0 [kitchen]", second,
            "ffff888106a71428 (&stove->fire){+.+.}-{3:3}, at: stove_light+0x16/0xac [kitchen]");
        Clue clue = Only(log, "lock-order");
        Assert.Contains("&pan->lid in pan_open()", clue.Says, StringComparison.Ordinal);
        if (!heading.Contains("recursive", StringComparison.Ordinal))
            Assert.Contains("&stove->fire", clue.Says, StringComparison.Ordinal);
        Assert.Contains(says, clue.Says, StringComparison.Ordinal);
        Assert.Contains("does not say that anything hangs", clue.Says, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lock_that_an_interrupt_takes_is_named()
    {
        Clue clue = Only(Stamped("WARNING: inconsistent lock state", "6.1.0 #1 Not tainted", "--------------------------------",
            "inconsistent {HARDIRQ-ON-W} -> {IN-HARDIRQ-W} usage.", "cook/345 [HC1[1]:SC0[0]:HE0:SE1] takes:",
            "ffff888106a71958 (&pan->lid){?.+.}-{2:2}, at: pan_irq+0x49/0x1a0 [kitchen]"), "lock-order");
        Assert.Contains("&pan->lid is taken in pan_irq() in an interrupt", clue.Says, StringComparison.Ordinal);
    }

    [Fact]
    public void The_chain_of_a_lockdep_report_counts_as_a_stack()
    {
        string log = Stamped("WARNING: possible circular locking dependency detected", "6.1.0 #1 Not tainted", "-----",
            "cook/345 is trying to acquire lock:", "c426b840 (&pan->lid){+.+.}-{3:3}, at: pan_open+0x1cc/0xe1c [kitchen]",
            "but task is already holding lock:", "c426be40 (&stove->fire){+.+.}-{3:3}, at: pan_open+0x1b0/0xe1c [kitchen]",
            "-> #1 (&stove->fire){+.+.}-{3:3}:", "       mutex_lock_nested+0x1c/0x24", "       pan_open+0x1b0/0xe1c [kitchen]",
            " Possible unsafe locking scenario:", "       CPU0                    CPU1", "       ----                    ----");
        Assert.DoesNotContain(Assert.Single(Crashes(log)).Doubts, d => d.Contains("no stack", StringComparison.Ordinal));
        Assert.DoesNotContain("interrupts", LogCorpus.Read(log).Other ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0x8", "_raw_spin_lock")]
    [InlineData("0x8", "mutex_lock")]
    [InlineData("0x8", "_raw_write_lock_irq")]
    public void A_lock_that_is_NULL_asks_for_its_caller(string address, string function)
    {
        Finding f = Assert.Single(Explained.Findings("kernel-oops", Stamped(
            $"BUG: kernel NULL pointer dereference, address: 000000000000000{address[^1]}", "#PF: supervisor write access in kernel mode",
            "Oops: 0002 [#1] PREEMPT SMP NOPTI", "CPU: 0 PID: 2559 Comm: cook Not tainted 6.5.0", $"RIP: 0010:{function}+0x13/0x60",
            "RSP: 0018:ffffadf986603c90 EFLAGS: 00010046")));
        Assert.Contains("caller is not in these lines", f.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("slab-use-after-free", "Read")]
    [InlineData("slab-out-of-bounds", "Write")]
    [InlineData("invalid-access", "Read")]
    public void The_checkers_of_memory_name_the_place_in_their_first_line(string what, string access)
    {
        Finding f = Assert.Single(Explained.Findings("kernel-oops", Stamped($"BUG: KASAN: {what} in kmem_cache_alloc+0x48/0x3b8",
            $"{access} at addr fcff19f30000d91c by task swapper/0/0", "Pointer tag: [fc], memory tag: [fe]")));
        Assert.Contains("kmem_cache_alloc", f.Title, StringComparison.Ordinal);
        Assert.Contains("kmem_cache_alloc", f.Why, StringComparison.Ordinal);
        Assert.Contains("tag (fc) is not the memory's (fe)", f.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2807", "a write to an address where nothing is mapped")]
    [InlineData("817", "a write to an address where nothing is mapped")]
    [InlineData("17", "a read from an address where nothing is mapped")]
    [InlineData("5", "a read from an address where nothing is mapped")]
    [InlineData("80000007", "an instruction fetch from an address where nothing is mapped")]
    [InlineData("8000000d", "an instruction fetch from memory that does not allow it")]
    [InlineData("80f", "a write to memory that does not allow it")]
    [InlineData("1", "a read from an address that is not a multiple")]
    [InlineData("1008", "a read from something that answered with an error")]
    public void Arm_tells_the_access_by_a_code(string code, string says) => Assert.Contains(says, Only(
        $"    Internal error: Oops: {code} [#1] SMP ARM\n    Process VCHIQ-0 (pid: 70, stack limit = 0xa9006210)\n" +
        "    Stack: (0xa9007e78 to 0xa9008000)\n", "oops-code").Says, StringComparison.Ordinal);

    [Theory]
    [InlineData(" ")]
    [InlineData("    ")]
    [InlineData("\t")]
    [InlineData(" \t \t")]
    public void A_report_may_be_indented_without_a_stamp(string blanks)
    {
        foreach (string heading in new[] { "Internal error: Oops: 17 [#1] ARM",
            "BUG: unable to handle kernel NULL pointer dereference at 10", "kernel BUG at mm/slub.c:305!",
            "Kernel panic - not syncing: Fatal exception", "general protection fault: 0000 [#1] SMP",
            "INFO: task cook:7 blocked for more than 120 seconds." })
            Assert.Single(Crashes($"{blanks}{heading}\n"));
    }

    [Fact]
    public void The_lines_of_an_oops_show_that_a_kernel_wrote_it() => Assert.DoesNotContain(
        Assert.Single(Crashes("    Internal error: Oops: 17 [#1] ARM\n    Process cook (pid: 70, stack limit = 0xa9006210)\n")).Doubts,
        d => d.Contains("speaks of such a report", StringComparison.Ordinal));

    [Fact]
    public void A_place_that_is_only_a_number_is_told_and_what_names_it()
    {
        Clue clue = Only("kern.alert kernel: [ 1912.963040] CPU 2 Unable to handle kernel paging request at virtual address 00000001, " +
            "epc == 86529270, ra == 865359d4\n", "raw-place");
        Assert.Contains("86529270, called from 865359d4", clue.Says, StringComparison.Ordinal);
    }

    [Fact]
    public void The_kernels_own_test_of_its_checks_is_no_fault()
    {
        Finding f = Assert.Single(Explained.Findings("kernel-oops", Stamped("lkdtm: Performing direct entry EXEC_USERSPACE",
            "lkdtm: attempting bad execution at b7bb9000", "BUG: Unable to handle kernel instruction fetch",
            "Faulting instruction address: 0xb7bb9000", "Oops: Kernel access of bad area, sig: 11 [#1]")));
        Assert.Equal(Severity.Info, f.Severity);
        Assert.Contains("EXEC_USERSPACE", f.Why, StringComparison.Ordinal);
        Assert.DoesNotContain("sysrq", f.Why, StringComparison.Ordinal);
        Assert.EndsWith("instruction fetch", f.Title, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Watchdog detected hard LOCKUP on cpu 4")]
    [InlineData("NMI Watchdog detected LOCKUP on CPU 4, ip ffffffff814a2759, registers:")]
    [InlineData("Hard LOCKUP")]
    [InlineData("softlockup: hung tasks")]
    public void A_watchdogs_panic_names_who_ran(string reason)
    {
        Finding f = Assert.Single(Explained.Findings("kernel-panic", Stamped($"Kernel panic - not syncing: {reason}",
            "CPU: 4 PID: 14678 Comm: cook Tainted: PF          O 3.10.108 #42214", "Call Trace:",
            " <NMI>  [<ffffffff814a2759>] ? dump_stack+0xc/0x15", " [<ffffffff814a16b1>] ? panic+0xbb/0x1df",
            " [<ffffffff810a9eb8>] ? watchdog_overflow_callback+0xa8/0xb0")));
        Assert.Contains("cook (14678) ran on CPU 4", f.Why, StringComparison.Ordinal);
        Assert.DoesNotContain("called panic() with this message", f.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Failing address: 0000000000000000 TEID: 0000000000000483")]
    [InlineData("failing address: 0000000000000000 TEID: 0000000000000483")]
    public void A_write_to_NULL_is_a_protection_exception_on_s390(string failing)
    {
        string log = Stamped("Unable to handle kernel pointer dereference in virtual kernel address space", failing,
            "Fault in home space mode while using kernel ASCE.", "Oops: 0004 ilc:3 [#1] PREEMPT SMP",
            "Krnl PSW : 0704d00180000000 000000000045d3b8 (pan_fry+0x280/0x308)");
        Finding f = Assert.Single(Explained.Findings("kernel-oops", log));
        Assert.Contains("NULL", f.Why, StringComparison.Ordinal);
        Assert.DoesNotContain("read-only", f.Why, StringComparison.Ordinal);
        Assert.Contains("read-only", Assert.Single(Explained.Findings("kernel-oops", log.Replace("0000000000000000 TEID",
            "000003ff80145000 TEID", StringComparison.Ordinal))).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_lost_pages_to_the_kernel_is_a_victim()
    {
        const string Fault = "[   31.219972] cook[365]: segfault (11) at 117 nip 77974f8c lr 779a6834 code 1 in " +
            "ld-2.23.so[77966000+21000]\n";
        Finding victim = Assert.Single(Explained.Findings("program-crashed", Fault +
            "[   31.221911] BUG: Bad rss-counter state mm:(ptrval) type:MM_FILEPAGES val:33\n"));
        Assert.DoesNotContain("bug in it", victim.Why, StringComparison.Ordinal);
        Assert.NotEmpty(victim.CausedBy);
        foreach (string other in new[] { "BUG: non-zero pgtables_bytes on freeing mm: 8192",
            "BUG: Bad page map in process cook  pte:00000000 pmd:00000000" })
            Assert.Contains("victim", Assert.Single(Explained.Findings("program-crashed", Fault + $"[   31.221911] {other}\n")).Why,
                StringComparison.Ordinal);
        Finding own = Assert.Single(Explained.Findings("program-crashed", Fault +
            "[  931.221911] BUG: Bad rss-counter state mm:(ptrval) type:MM_FILEPAGES val:33\n"));
        Assert.Contains("bug in it", own.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("type:MM_FILEPAGES val:33", "33 pages of files were never given back")]
    [InlineData("type:MM_ANONPAGES val:1", "1 page of its own memory was never given back")]
    [InlineData("idx:1 val:512", "512 pages of its own memory were never given back")]
    [InlineData("type:MM_SHMEMPAGES val:-1", "1 page was given back too often")]
    [InlineData("type:MM_SWAPENTS val:2", "2 pages in swap were never given back")]
    public void The_count_that_is_left_is_told(string count, string says) => Assert.Contains(says,
        Only(Stamped($"BUG: Bad rss-counter state mm:00000000d5d20a39 {count}"), "page-count-wrong").Says, StringComparison.Ordinal);
}
