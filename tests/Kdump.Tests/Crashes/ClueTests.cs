using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Crashes.Clues;

namespace Kdump.Tests.Crashes;

/// <summary>What reports tell beyond their titles: who waits for whom, what a bad value was, what came before.</summary>
public sealed class ClueTests
{
    private static string Stamped(params string?[] lines) => string.Concat(
        lines.Where(l => l is not null).Select((l, i) => $"[  100.{i:000000}] {l}\n"));

    private static IReadOnlyList<Crash> Crashes(string log) => LogCorpus.Read(log).Crashes;

    private static string[] Meanings(string log) => [.. Crashes(log).SelectMany(c => c.Clues).Select(c => c.Meaning)];

    private static Clue Only(string log, string meaning) =>
        Assert.Single(Crashes(log).SelectMany(c => c.Clues), c => c.Meaning == meaning);

    /// <summary>A lockup as x86 prints it: registers, then the stack below.</summary>
    private static string Lockup(string heading, string rip, params string[] callers) => Stamped(
        [heading, "CPU: 3 PID: 7 Comm: cook Not tainted 6.1.0 #1", "Hardware name: Maker Board/X, BIOS 1 01/01/2020",
            $"RIP: 0010:{rip}+0x10/0x20",
            "RSP: 0018:ffffc90000a3fe28 EFLAGS: 00000246", "Call Trace:", " <TASK>", .. callers.Select(c => $" {c}+0x10/0x20"),
            " do_syscall_64+0x5b/0xc0", " entry_SYSCALL_64_after_hwframe+0x6e/0xd8", " </TASK>"]);

    private const string Hard = "NMI watchdog: Watchdog detected hard LOCKUP on cpu 3",
        Soft = "watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [cook:7]";

    [Theory]
    [InlineData("queued_write_lock_slowpath", "_raw_write_lock_irq", "copy_process", "waits-for-lock", "tasklist_lock")]
    [InlineData("native_queued_spin_lock_slowpath", "_raw_spin_lock", "pan_fry", "waits-for-lock", "pan_fry")]
    [InlineData("__pv_queued_spin_lock_slowpath", "_raw_spin_lock_irqsave", "pan_fry", "waits-for-lock", "pan_fry")]
    [InlineData("queued_read_lock_slowpath", "_raw_read_lock", "pan_fry", "waits-for-lock", "pan_fry")]
    [InlineData("osq_lock", "__mutex_lock", "pan_fry", "waits-for-lock", "pan_fry")]
    [InlineData("rwsem_spin_on_owner", "rwsem_down_write_slowpath", "pan_fry", "waits-for-lock", "pan_fry")]
    [InlineData("smp_call_function_many_cond", "on_each_cpu_cond_mask", "pan_fry", "waits-for-cpu", "another CPU")]
    [InlineData("smp_call_function_single", "generic_exec_single", "pan_fry", "waits-for-cpu", "another CPU")]
    [InlineData("native_flush_tlb_others", "flush_tlb_mm_range", "pan_fry", "waits-for-cpu", "another CPU")]
    [InlineData("multi_cpu_stop", "cpu_stopper_thread", "smpboot_thread_fn", "waits-for-cpu", "stop_machine")]
    [InlineData("qi_submit_sync", "qi_flush_dev_iotlb", "pan_fry", "waits-for-device", "IOMMU")]
    [InlineData("delay_tsc", "__const_udelay", "pan_fry", "waits-for-device", "pan_fry")]
    public void A_waiter_is_told_as_the_victim(string rip, string caller, string next, string meaning, string says)
    {
        foreach (string heading in new[] { Hard, Soft })
        {
            Clue clue = Only(Lockup(heading, rip, caller, next), meaning);
            Assert.Contains(says, clue.Says, StringComparison.Ordinal);
            Assert.True(clue.Elsewhere);
        }
    }

    private static string BadPage(string first, params string[] rest) => Stamped([first, .. rest,
        "CPU: 3 PID: 521 Comm: cook Not tainted 4.9.45-v7+ #1031", "Call Trace:", " bad_page+0x108/0x16c"]);

    [Fact]
    public void A_page_record_of_one_byte_again_and_again_was_overwritten()
    {
        Clue clue = Only(BadPage("BUG: Bad page state in process cook  pfn:02e44",
            "page:ba409190 count:-117901064 mapcount:0 mapping:f8f8f8f8 index:0x1", "flags: 0x78787878(uptodate|dirty|lru)",
            "page dumped because: page still charged to cgroup"), "page-record-overwritten");
        Assert.Contains("f8f8f8f8, 78787878", clue.Says, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonzero mapcount", "still had it mapped")]
    [InlineData("nonzero _refcount", "still used it")]
    [InlineData("PAGE_FLAGS_CHECK_AT_PREP flag(s) set", "changed meanwhile")]
    [InlineData("page_pool leak", "page pool")]
    public void The_reason_of_a_bad_page_is_put_into_words(string reason, string words) =>
        Assert.Contains(words, Only(BadPage("BUG: Bad page state in process cook  pfn:12e44",
            "page:ffffea0000b91100 refcount:0 mapcount:1 mapping:0000000000000000 index:0x0 pfn:0x12e44", "flags: 0x2ffff0000000000()",
            $"page dumped because: {reason}"), "page-record-wrong").Says, StringComparison.Ordinal);

    [Fact]
    public void A_page_table_that_holds_nonsense_points_to_memory_and_not_to_the_process()
    {
        Clue clue = Only(BadPage("BUG: Bad page map in process cook  pte:4a44e100 pmd:4dfc8831"), "page-table-damaged");
        Assert.True(clue.Elsewhere);
        Assert.Contains("RAM", clue.Says, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wok(O-)", "rmmod", "module-unloading")]
    [InlineData("wok(+)", "insmod", "module-loading")]
    [InlineData("wok(+)", "cat", null)]
    [InlineData("wok(O)", "rmmod", null)]
    public void A_module_that_comes_or_goes_is_named_where_its_loader_ran(string module, string comm, string? meaning)
    {
        string[] meanings = Meanings(Stamped("BUG: kernel NULL pointer dereference, address: 0000000000000010",
            $"CPU: 0 PID: 9 Comm: {comm} Not tainted 6.1.0 #1", "RIP: 0010:pan_fry+0x12/0x40", "Call Trace:", " dinner_cook+0x10/0x20",
            $"Modules linked in: pan {module} oven"));
        Assert.Equal(meaning is null ? [] : [meaning], meanings.Where(m => m.StartsWith("module-", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_CPU_that_loops_in_code_of_its_own_is_no_waiter() =>
        Assert.Empty(Meanings(Lockup(Soft, "pan_fry", "_raw_spin_lock", "dinner_cook")));

    [Theory]
    [InlineData("console_unlock", "vprintk_emit", "dump_task", "out of memory")]
    [InlineData("io_serial_in", "wait_for_xmitr", "nf_log_packet", "packet filter")]
    [InlineData("serial8250_console_putchar", "uart_console_write", "pan_fry", "does not loop")]
    public void A_CPU_that_prints_is_told_from_one_that_loops(string rip, string caller, string next, string says) =>
        Assert.Contains(says, Only(Lockup(Soft, rip, caller, next), "prints-too-much").Says, StringComparison.Ordinal);

    [Theory]
    [InlineData("QEMU Standard PC (Q35 + ICH9, 2009), BIOS 0.0.0 02/06/2015", "virtual machine (QEMU)")]
    [InlineData("VMware, Inc. VMware7,1/440BX Desktop Reference Platform", "virtual machine (VMware)")]
    [InlineData("Microsoft Corporation Virtual Machine/Virtual Machine", "virtual machine (Virtual Machine)")]
    [InlineData("Maker Board/X, BIOS 1 01/01/2020", "suspended")]
    public void A_first_stall_far_above_the_limit_means_that_nothing_ran(string hardware, string says)
    {
        string before = string.Concat(Enumerable.Range(0, 25).Select(i => $"[   {10 + i}.000000] usb 1-1: new device\n"));
        string log = Lockup(Soft.Replace("22s", "2471s", StringComparison.Ordinal), "pan_fry", "dinner_cook")
            .Replace("Maker Board/X, BIOS 1 01/01/2020", hardware, StringComparison.Ordinal);
        string told = Only(before + log, "not-run").Says;
        Assert.Contains("2471 s", told, StringComparison.Ordinal);
        Assert.Contains(says, told, StringComparison.Ordinal);
        // A piece of a log that begins with the report may lack the earlier ones.
        Assert.Contains("unless earlier reports", Only(log, "not-run-or-cut").Says, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stall_that_grew_from_report_to_report_is_a_loop()
    {
        string log = Lockup(Soft, "pan_fry", "dinner_cook") +
            Lockup(Soft.Replace("22s", "71s", StringComparison.Ordinal), "pan_fry", "dinner_cook")
                .Replace("100.", "150.", StringComparison.Ordinal);
        Assert.DoesNotContain("not-run", Meanings(log));
    }

    [Theory]
    [InlineData("134s")] // kernel.watchdog_thresh=60: the limit is 120 s
    [InlineData("48s")]
    public void A_limit_that_may_have_been_raised_proves_nothing(string seconds) => Assert.DoesNotContain("not-run", Meanings(
        Lockup(Soft.Replace("22s", seconds, StringComparison.Ordinal), "pan_fry", "dinner_cook")));

    [Fact]
    public void A_host_that_loops_in_KVM_is_no_guest_that_was_not_run() => Assert.DoesNotContain("not-run", Meanings(
        Lockup(Soft.Replace("22s", "900s", StringComparison.Ordinal), "pan_fry", "dinner_cook")
            .Replace("pan_fry+0x10/0x20", "apic_timer_fn+0x10/0x20 [kvm]", StringComparison.Ordinal)));

    [Fact]
    public void Stalled_CPUs_without_ticks_did_not_loop()
    {
        string[] report =
        [
            "rcu: INFO: rcu_sched detected stalls on CPUs/tasks:", "rcu: \t9-...!: (0 ticks this GP) idle=850/0/0x0 softirq=3/3 fqs=1",
            "\t(detected by 2, t=663225 jiffies, g=890229, q=72)", "Sending NMI from CPU 2 to CPUs 9:",
            "NMI backtrace for cpu 9 skipped: idling at native_safe_halt+0xe/0x10",
            "rcu: rcu_sched kthread timer wakeup didn't happen for 21001 jiffies! g1749 f0x0 RCU_GP_WAIT_FQS(5) ->state=0x402",
        ];
        Assert.Contains("0 timer ticks", Only(Stamped(report), "no-ticks").Says, StringComparison.Ordinal);
        Assert.Contains("21001", Only(Stamped(report), "timer-lost").Says, StringComparison.Ordinal);
        report[1] = report[1].Replace("(0 ticks", "(5250 ticks", StringComparison.Ordinal);
        Assert.DoesNotContain("no-ticks", Meanings(Stamped(report)));
    }

    [Theory]
    [InlineData("SError Interrupt on CPU3, code 0xbe000011 -- SError", "SError")]
    [InlineData("SError Interrupt on CPU0, code 0x00000000bf000002 -- SError", "SError")]
    [InlineData("Bad mode in Error handler detected on CPU1, code 0xbf000002 -- SError", "SError")]
    [InlineData("Internal error: synchronous external abort: 0000000096000210 [#1] PREEMPT SMP", "synchronous external abort")]
    [InlineData("Internal error: synchronous external abort: 96000010 [#1] SMP", "synchronous external abort")]
    [InlineData("Internal error: synchronous parity or ECC error: 96000018 [#1] SMP", "ECC")]
    [InlineData("Unhandled fault: external abort on non-linefetch (0x1008) at 0xfe000000", "external abort")]
    [InlineData("Unhandled fault: imprecise external abort (0x1406) at 0xb6f2e000", "imprecise external abort")]
    [InlineData("Data bus error, epc == 80012345, ra == 80012345", "data bus error")]
    [InlineData("Oops - load access fault [#1]", "access fault")]
    public void A_bus_that_did_not_answer_is_no_bad_pointer(string heading, string says)
    {
        Crash crash = Assert.Single(Crashes(Stamped(heading, "CPU: 3 PID: 2930 Comm: Xorg Not tainted 5.18.0 #1",
            "pc : guilty_fn+0x20/0x30 [gpu]", "lr : outer+0x1/0x2", "Call trace:", " guilty_fn+0x20/0x30 [gpu]", " outer+0x1/0x2",
            " kthread+0x1/0x2")));
        Assert.Equal(("bus-error", "guilty_fn"), (crash.Kind, crash.Function));
        Clue clue = Assert.Single(crash.Clues, c => c.Meaning == "no-answer");
        Assert.Contains(says, clue.Says, StringComparison.Ordinal);
        Assert.Contains("no bad pointer", clue.Says, StringComparison.Ordinal);
        Assert.Null(crash.Access);
    }

    [Theory]
    [InlineData("clear_page")]
    [InlineData("memset")]
    public void Memory_that_does_not_answer_is_reserved_or_broken(string function)
    {
        string says = Only(Stamped("Internal error: synchronous external abort: 0000000096000010 [#1] PREEMPT SMP",
            "CPU: 3 PID: 472 Comm: memtester Not tainted 6.7.0 #1", $"pc : {function}+0x18/0x58", "Call trace:", $" {function}+0x18/0x58",
            " do_anonymous_page+0x1/0x2", " handle_mm_fault+0x1/0x2"), "no-answer").Says;
        Assert.Contains("reserved-memory", says, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rockchip-pm-domain fdd90000.power-management:power-controller: failed to get ack on domain 'gpu', val=0x9fe")]
    [InlineData("imx-pgc imx-pgc-domain.3: failed to command PGC")]
    [InlineData("disp_cc_mdss_core_gdsc status stuck at 'off'")]
    [InlineData("nvidia: failed to enable clock for host1x")]
    public void A_block_without_power_just_before_a_bus_error_is_told(string line)
    {
        const string Error = "SError Interrupt on CPU3, code 0xbe000011 -- SError", Pc = "pc : guilty_fn+0x20/0x30";
        Assert.Contains(line, Only(Stamped(line, "quiet", Error, Pc), "prelude").Says, StringComparison.Ordinal);
        // The same line says nothing of a bad pointer, or an hour before.
        Assert.DoesNotContain("prelude", Meanings(Stamped(line, "quiet",
            "BUG: kernel NULL pointer dereference, address: 0000000000000008", "RIP: 0010:guilty_fn+0x20/0x30")));
        Assert.DoesNotContain("prelude", Meanings(
            Stamped(line) + $"[ 9000.000000] {Error}\n[ 9000.000001] {Pc}\n"));
    }

    [Fact]
    public void A_device_that_left_explains_a_lockup_in_its_removal()
    {
        const string Left = "pcieport 0000:17:01.0: pciehp: Slot(108): Link Down\n";
        Assert.Contains("prelude", Meanings(
            "[   99.0] " + Left + Lockup(Hard, "qi_submit_sync", "qi_flush_dev_iotlb", "pciehp_unconfigure_device")));
        Assert.DoesNotContain("prelude", Meanings("[   99.0] " + Left + Lockup(Hard, "pan_fry", "dinner_cook")));
    }

    [Fact]
    public void A_fault_behind_a_requested_panic_is_one_of_the_way_to_the_crash_kernel()
    {
        IReadOnlyList<Crash> crashes = Crashes(Stamped("sysrq: Trigger a crash", "Kernel panic - not syncing: sysrq triggered crash",
            "SMP: stopping secondary CPUs", "Internal error: synchronous external abort: 96000210 [#1] PREEMPT SMP",
            "CPU: 1 PID: 944 Comm: sh Not tainted 6.7.0 #1", "pc : guilty_fn+0x50/0x80", "Call trace:", " guilty_fn+0x50/0x80",
            " machine_kexec_mask_interrupts+0x1/0x2", " machine_crash_shutdown+0x1/0x2", " __crash_kexec+0x1/0x2"));
        Assert.Equal(2, crashes.Count);
        Assert.True(crashes[0].Requested);
        Assert.False(crashes[1].Requested);
        Assert.Contains(crashes[1].Clues, c => c.Meaning == "after-panic");
    }

    [Theory]
    [InlineData("list_del corruption. prev->next should be ffff88817f1e9c88, but was 6b6b6b6b6b6b6b6b", "freed-memory", "use after free")]
    [InlineData("list_del corruption. next->prev should be ffff88817f1e9c88, but was ffff88817f1e9c80. (next=ffff88817f1e9d00)",
        "flipped-bit", "bit 3")]
    [InlineData("list_add corruption. prev->next should be next (ffff97342e094110), but was ffff97342e094118. (prev=ffff97342e094118).",
        "list-corruption", "points at itself")]
    [InlineData("list_del corruption. prev->next should be ffff88817f1e9c88, but was ffff88817f1e9d00. (prev=ffff88817f1e9d00)",
        "list-corruption", "points at itself")]
    [InlineData("list_del corruption, ffff88817f1e9c88->next is LIST_POISON1 (dead000000000100)", "list-poison", "double removal")]
    [InlineData("list_del corruption, ffff88817f1e9c88->prev is LIST_POISON2 (dead000000000122)", "list-poison", "double removal")]
    [InlineData("list_add corruption. next->prev should be prev (ffff88817f1e9c88), but was ffff888199990000. (next=ffff88817f1e9d00).",
        "list-corruption", "without its lock")]
    [InlineData("list_add double add: new=ffff88817f1e9c88, prev=ffff88817f1e9c88, next=ffff88817f1e9d00.", "none", "")]
    [InlineData("list_add corruption. next is NULL.", "list-null", "NULL")]
    public void A_broken_list_tells_what_its_neighbour_was(string message, string meaning, string says)
    {
        string log = Stamped(message, "------------[ cut here ]------------", "kernel BUG at lib/list_debug.c:53!",
            "invalid opcode: 0000 [#1] PREEMPT SMP PTI", "CPU: 2 PID: 3119 Comm: Xorg Not tainted 5.5.0 #73",
            "RIP: 0010:__list_del_entry_valid+0x8e/0x90", "Call Trace:", " guilty_fn+0x49/0xc0", " outer+0x1/0x2",
                " do_syscall_64+0x1/0x2");
        if (meaning == "none")
            Assert.DoesNotContain(Crashes(log).SelectMany(c => c.Clues), c => c.Meaning is "flipped-bit" or "freed-memory");
        else
            Assert.Contains(says, Only(log, meaning).Says, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fffffec07f348c02", "0x7e", "flipped-bit", "bit 40")]
    [InlineData("ffffffc07f348bbe", "0x3a", "socket-buffer", "eth0")]
    public void A_socket_buffer_is_checked_by_its_own_numbers(string data, string tail, string meaning, string says)
    {
        string log =
            Stamped($"skbuff: skb_under_panic: text:ffffff8008aec380 len:60 put:14 head:ffffffc07f348bc0 data:{data} tail:{tail} " +
            "end:0x680 dev:eth0", "Internal error: Oops - BUG: 0 [#1] SMP", "pc : skb_push+0x20/0x30", "Call trace:", " skb_push+0x1/0x2",
            " guilty_fn+0x1/0x2");
        Assert.Contains(says, Only(log, meaning).Says, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fe", "freed-memory")]
    [InlineData("f3", "other-tag")]
    public void A_tag_of_memory_tells_that_it_was_freed(string tag, string meaning) => Assert.Contains(meaning, Meanings(Stamped(
        "BUG: KASAN: invalid-access in guilty_fn+0x50/0x690 [mod]", "Write at addr fdff0504a2d16528 by task kworker/2:1H/29067",
        $"Pointer tag: [fd], memory tag: [{tag}]", "Call trace:", " guilty_fn+0x50/0x690 [mod]", " outer+0x1/0x2")));

    [Theory]
    [InlineData("0f> 30 eb 01", "0000000000000049", "wrmsr", "IBPB")]
    [InlineData("0f> 32 eb 01", "0000000000000610", "rdmsr", "RAPL")]
    [InlineData("0f> 01 d1 c3", "0000000000000000", "xsetbv", "xsetbv")]
    [InlineData("0f> 22 e0 c3", "0000000000000000", "CR4", "CR4")]
    [InlineData("48> 0f c7 1f", "0000000000000000", "xrstors", "xrstors")]
    public void A_privileged_instruction_is_no_bad_pointer(string code, string rcx, string says, string also)
    {
        string told = Only(Stamped("general protection fault, maybe for address 0x1: 0000 [#1] PREEMPT SMP PTI",
            "CPU: 3 PID: 0 Comm: swapper/3 Not tainted 6.6.12 #1", "RIP: 0010:guilty_fn+0x47e/0x500", $"Code: 48 c1 ea 20 <{code} 90",
            "RSP: 0000:ffff8e25c03cfe90 EFLAGS: 00000046", $"RAX: 0000000000000001 RBX: ffff8e25c00724c0 RCX: {rcx}", "Call Trace:",
            " outer+0x1/0x2", " do_idle+0x1/0x2"), "privileged-instruction").Says;
        Assert.Contains(says, told, StringComparison.Ordinal);
        Assert.Contains(also, told, StringComparison.Ordinal);
    }

    [Fact]
    public void An_ordinary_instruction_of_a_protection_fault_is_not_called_privileged() => Assert.DoesNotContain("privileged-instruction",
        Meanings(Stamped("general protection fault, probably for non-canonical address 0x7186c641bbbd9ff8: 0000 [#1] SMP PTI",
            "RIP: 0010:guilty_fn+0x28/0x80", "Code: 48 8b 50 30 48 85 d2 74 50 <80> 3a 55 b8 01", "Call Trace:", " outer+0x1/0x2")));

    [Theory]
    [InlineData("a4 : fdffffe1fed09480 t1 : ffffffe1fed7d000", true)]
    [InlineData("a4 : ffffffe1fed09480 t1 : ffffffe1fed7d000", false)]
    [InlineData("a4 : 5dfff1e1fed09480 t1 : ffffffe1fed7d000", false)]
    public void A_register_one_bit_beside_the_others_is_a_flipped_bit(string registers, bool flipped) =>
        Assert.Equal(flipped, Meanings(Stamped(
        "Unable to handle kernel paging request at virtual address 00000061fed09482", "Oops [#1]",
        "CPU: 0 PID: 1842 Comm: kworker/0:1H Not tainted 5.10.6 #26", "epc: ffffffe00022affe ra : ffffffe00022afea sp : ffffffe086d3fe30",
        $" gp : ffffffe0018416a8 {registers}")).Contains("flipped-bit"));

    [Theory]
    [InlineData("[#2]", true)]
    [InlineData("[#1]", false)]
    public void A_later_oops_says_that_the_first_counts_more(string number, bool later) => Assert.Equal(later, Meanings(Stamped(
        "BUG: kernel NULL pointer dereference, address: 0000000000000008", $"Oops: 0000 {number} SMP NOPTI",
        "RIP: 0010:guilty_fn+0x45/0x120", "Call Trace:", " guilty_fn+0x1/0x2")).Contains("later-oops"));

    [Theory]
    [InlineData("Oops: 0002 [#1] SMP NOPTI", "a write at an address that is not mapped")]
    [InlineData("Oops: 0000 [#1] SMP NOPTI", "a read at an address that is not mapped")]
    [InlineData("Oops: 0003 [#1] SMP NOPTI", "a write that the page does not allow")]
    [InlineData("Oops: 0010 [#1] SMP NOPTI", "an instruction fetch at an address that is not mapped")]
    [InlineData("Unable to handle kernel pointer dereference in virtual kernel address space\n[  100.000000] Oops: 0004 ilc:2 [#1] SMP",
        "read-only")]
    [InlineData("specification exception: 0006 ilc:2 [#1] SMP", "specification exception")]
    public void The_code_of_an_oops_is_told_where_its_head_does_not_say_it(string head, string says) => Assert.Contains(says, Only(Stamped(
        head, "CPU: 7 PID: 1145 Comm: cook Not tainted 5.15.0 #1", "RIP: 0010:guilty_fn+0x91/0xa0", "Call Trace:", " guilty_fn+0x1/0x2"),
        "oops-code").Says, StringComparison.Ordinal);

    [Fact]
    public void A_pointer_that_is_an_instruction_of_arm_is_told() => Assert.Contains("mov ip, sp", Only(Stamped(
        "Unable to handle kernel paging request at virtual address e1a0c00d", "Internal error: Oops: 5 [#1] ARM",
            "PC is at strlen+0xc/0x38",
        "r7 : e1a0c00d  r6 : 00000000  r5 : e1a0c00d  r4 : 00000000"), "code-as-pointer").Says, StringComparison.Ordinal);

    [Fact]
    public void An_error_number_that_was_called_is_told()
    {
        BadAccess? access = Assert.Single(Crashes(Stamped("Unable to handle kernel paging request at virtual address fffffffe",
            "Internal error: Oops: 80000007 [#1] PREEMPT SMP ARM", "PC is at 0xfffffffe", "r7 : e1a0c00d  r6 : 00000000"))).Access;
        Assert.Equal(("execute", "error-number"), (access?.Kind, access?.Meaning));
        Assert.Contains("-2 (ENOENT)", access?.Says, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kmem_cache_alloc")]
    [InlineData("__kmalloc_node_track_caller")]
    [InlineData("kfree")]
    public void A_bad_address_in_the_allocator_is_a_list_that_others_broke(string function) => Assert.True(Only(Stamped(
        "BUG: unable to handle page fault for address: ffffb3e2c0a40000", "#PF: supervisor read access in kernel mode",
        $"RIP: 0010:{function}+0x91/0xa0", "Call Trace:", " guilty_fn+0x1/0x2"), "free-list").Elsewhere);

    [Theory]
    [InlineData("wait_transaction_locked", "jbd2", "jbd2")]
    [InlineData("xlog_grant_head_wait", "xfs", "xfs-log")]
    [InlineData("rpc_wait_bit_killable", "sunrpc", "nfs-server")]
    [InlineData("request_wait_answer", "fuse", "fuse")]
    [InlineData("blk_mq_freeze_queue_wait", null, "queue-freeze")]
    [InlineData("rtnl_lock", null, "rtnl")]
    [InlineData("synchronize_rcu_expedited", null, "rcu")]
    [InlineData("cv_wait_common", "spl", "zfs")]
    [InlineData("io_schedule", null, "disk")]
    [InlineData("blk_queue_enter", null, "queue-frozen")]
    [InlineData("bio_queue_enter", null, "queue-frozen")]
    [InlineData("iscsit_cause_connection_reinstatement", "iscsi_target_mod", "iscsi-target")]
    [InlineData("target_wait_for_sess_cmds", "target_core_mod", "iscsi-target")]
    [InlineData("fanotify_get_response", null, "fanotify")]
    [InlineData("handle_userfault", null, "userfaultfd")]
    [InlineData("p9_client_rpc", "9pnet", "9p-server")]
    [InlineData("gfs2_glock_wait", "gfs2", "cluster-lock")]
    [InlineData("ptlrpc_set_wait", "ptlrpc", "lustre")]
    [InlineData("virtnet_send_command", "virtio_net", "hypervisor")]
    [InlineData("pan_fry", null, null)]
    public void Tasks_that_wait_for_one_thing_are_known_by_it(string function, string? module, string? name)
    {
        string tag = module is null ? "" : $" [{module}]";
        Crash crash = Assert.Single(Crashes(Hung("cook:12", $" {function}+0x1/0x2{tag}")));
        Assert.Equal(name, crash.Awaited?.Name);
    }

    [Fact]
    public void A_line_break_in_a_task_name_does_not_hide_it()
    {
        Crash crash = Assert.Single(Crashes("[  100.000000] INFO: task co\nok:12 blocked for more than 120 seconds.\n" +
            Stamped("      Not tainted 6.1.0 #1", "task:co", "Call Trace:", " __schedule+0x2eb/0x8d0", " schedule+0x5b/0xd0",
                " pan_fry+0x1/0x2")));
        Assert.Equal(("hung-task", 12), (crash.Kind, crash.Context.Pid));
    }

    [Theory]
    [InlineData("INFO: task cook:12 is blocked on a mutex likely owned by task waiter:99.")]
    [InlineData("INFO: task cook:12 is blocked on a rw-semaphore likely owned by task waiter:99.")]
    [InlineData("INFO: task cook:12 is blocked on a semaphore likely last held by task waiter:99")]
    public void The_holder_that_the_kernel_names_is_told(string line) =>
        Assert.Contains("waiter:99", Only(Hung("cook:12", " pan_fry+0x1/0x2", line), "holder").Says, StringComparison.Ordinal);

    [Fact]
    public void The_list_of_held_locks_names_those_who_may_hold_it() => Assert.Contains("kworker/0:1/23", Only(Hung("cook:12",
        " pan_fry+0x1/0x2", "Showing all locks held in the system:", "1 lock held by khungtaskd/31:", " #0: (rcu_read_lock)",
        "2 locks held by kworker/0:1/23:", "1 lock held by cook/12:"), "lock-list").Says, StringComparison.Ordinal);

    [Theory]
    [InlineData("Internal error: Oops - BTI: 0000000036000001 [#1] SMP", "bad-jump")]
    [InlineData("Internal error: Oops - FPAC: 0000000072000000 [#1] SMP", "bad-return")]
    [InlineData("Internal error: Oops - GCS: 00000000b6000000 [#1] SMP", "bad-return")]
    [InlineData("Internal error: Oops - CFI: 00000000f2008228 [#1] SMP", "bad-call")]
    [InlineData("Internal error: SP/PC alignment exception: 000000008a000000 [#1] SMP", "bad-jump")]
    [InlineData("Internal error: Oops - Undefined instruction: 0000000002000000 [#1] SMP", "bad-instruction")]
    [InlineData("Oops - illegal instruction [#1]", "bad-instruction")]
    [InlineData("Oops: Split lock detected", "split-lock")]
    [InlineData("control protection fault: 0003 [#1] SMP", "bad-jump")]
    public void An_exception_with_a_name_gets_its_meaning(string heading, string meaning) =>
        Assert.Contains(meaning, Meanings(Stamped(heading,
        "CPU: 3 PID: 7 Comm: cook Not tainted 6.12.0 #1", "pc : guilty_fn+0x10/0x20", "Call trace:", " guilty_fn+0x10/0x20",
        " outer+0x1/0x2")));

    [Fact]
    public void Arms_word_for_an_internal_error_stands_in_the_title() => Assert.Contains("Internal error (Oops - BTI) in guilty_fn",
        Assert.Single(Explained.Findings("kernel-oops", Stamped("Internal error: Oops - BTI: 0000000036000001 [#1] SMP",
            "pc : guilty_fn+0x10/0x20", "Call trace:", " guilty_fn+0x10/0x20", " outer+0x1/0x2"))).Title, StringComparison.Ordinal);

    [Fact]
    public void A_waiter_is_not_sent_to_the_line_of_its_function()
    {
        string[] fixes = [.. Assert.Single(
            Explained.Findings("hard-lockup", Lockup(Hard, "queued_spin_lock_slowpath", "_raw_spin_lock", "pan_fry")))
            .Fixes.Select(f => f.Text)];
        Assert.DoesNotContain(fixes, f => f.Contains("source line", StringComparison.Ordinal));
        Assert.Contains(fixes, f => f.Contains("holder", StringComparison.Ordinal));
    }

    [Fact]
    public void What_an_NMI_interrupted_is_not_blamed() => Assert.Contains("mwait_idle", Only(Stamped(
        "Kernel panic - not syncing: NMI: Not continuing", "CPU: 0 PID: 0 Comm: swapper/0 Not tainted 4.4.0 #1", "Call Trace:", " <NMI>",
        " dump_stack+0x63/0x90", " panic+0xc8/0x20f", " nmi_panic+0x35/0x40", " unknown_nmi_error+0x70/0x70", " default_do_nmi+0xd1/0x120",
        " do_nmi+0x130/0x170", " end_repeat_nmi+0x1a/0x1e", " mwait_idle+0x74/0x130", " cpu_startup_entry+0x2aa/0x360"), "interrupted")
            .Says,
        StringComparison.Ordinal);

    private static string Hung(string task, params string[] rest) => Stamped([$"INFO: task {task} blocked for more than 120 seconds.",
        "      Not tainted 6.1.0 #1", $"task:{task.Split(':')[0]} state:D stack:    0 pid:12 ppid: 1 flags:0x00000000", "Call Trace:",
        " __schedule+0x2eb/0x8d0", " schedule+0x5b/0xd0", .. rest]);

    [Theory]
    [InlineData("G S         OE    kernel version xxxx", "GSOE")]
    [InlineData("G        W  O      6.1.0 #1", "GWO")]
    [InlineData("P S      W  OE      6.12.4 #1", "PSWOE")]
    public void Letters_of_a_taint_are_capitals(string tail, string letters) => Assert.Equal(letters, Assert.Single(Crashes(Stamped(
        "BUG: kernel NULL pointer dereference, address: 0000000000000008", $"CPU: 1 PID: 2 Comm: x Tainted: {tail}",
        "RIP: 0010:guilty_fn+0x45/0x120", "Call Trace:", " guilty_fn+0x1/0x2"))).Context.Tainted);

    [Theory]
    [InlineData("pan(OE) wok", "pan")]
    [InlineData("pan(E) wok(O)", null)]
    [InlineData("pan wok", null)]
    public void A_module_from_outside_is_named_only_when_it_stands_on_the_stack(string modules, string? foreign) => Assert.Equal(foreign,
        Assert.Single(Crashes(Stamped("BUG: kernel NULL pointer dereference, address: 0000000000000008", $"Modules linked in: {modules}",
            "CPU: 1 PID: 2 Comm: x Tainted: G           OE      6.1.0 #1", "RIP: 0010:guilty_fn+0x45/0x120 [pan]", "Call Trace:",
            " guilty_fn+0x1/0x2 [pan]"))).ForeignModule);

    [Theory]
    [InlineData("init: error while loading shared libraries: libc.so.6: cannot open shared object file")]
    [InlineData("systemd[1]: Freezing execution.")]
    [InlineData("panic: runtime error: slice bounds out of range")]
    public void What_init_said_before_it_died_is_told(string words) => Assert.Contains(words.Split(": ")[^1], Only(
        words + "\n" + Stamped("Kernel panic - not syncing: Attempted to kill init! exitcode=0x00007f00",
            "CPU: 2 PID: 1 Comm: init Not tainted 6.6.52 #1"),
        "prelude").Says, StringComparison.Ordinal);

    [Theory]
    [InlineData("dead000000000122", "list-poison")]
    [InlineData("dead000000000100", "list-poison")]
    public void The_mark_of_an_entry_taken_off_is_no_memory_that_was_overwritten(string found, string meaning)
    {
        Clue clue = Only(Stamped($"list_del corruption. prev->next should be ffff88012345a000, but was {found}. (prev=ffff880123459f00)",
            "------------[ cut here ]------------", "kernel BUG at lib/list_debug.c:59!"), meaning);
        Assert.DoesNotContain("overwritten", clue.Says, StringComparison.Ordinal);
    }
}
