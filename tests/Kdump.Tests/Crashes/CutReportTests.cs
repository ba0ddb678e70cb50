using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Crashes.Clues;

namespace Kdump.Tests.Crashes;

/// <summary>People post pieces of a report: what is left must still name place, module, task, object and duration.</summary>
public sealed class CutReportTests
{
    private static string Stamped(params string[] lines) => string.Concat(lines.Select((l, i) => $"[  100.{i:000000}] {l}\n"));

    private static IReadOnlyList<Crash> Crashes(params string[] lines) => LogCorpus.Read(Stamped(lines)).Crashes;

    private static Clue? Clue(IReadOnlyList<Crash> crashes, string meaning) =>
        crashes.SelectMany(c => c.Clues).FirstOrDefault(c => c.Meaning == meaning);

    [Theory]
    [InlineData("BUG: KASAN: slab-out-of-bounds in pan_fry+0x16/0x30 [kitchen]",
        "Read of size 4 at addr ffff8881d4332414 by task cook/22/0")]
    [InlineData("BUG: KFENCE: use-after-free read in pan_fry+0x16/0x30 [kitchen]", "Use-after-free read at 0x00000000b2 (in kfence-#12):")]
    [InlineData("BUG: unable to handle page fault for address: ffff8881d4332414", "RIP: 0010:pan_fry+0x16/0x30 [kitchen]")]
    [InlineData("Unable to handle kernel paging request at virtual address ffff8881d4332414", "pc : pan_fry+0x16/0x30 [kitchen]")]
    [InlineData("Unable to handle kernel paging request at virtual address 81d43324", "PC is at pan_fry+0x16/0x30 [kitchen]")]
    [InlineData("WARNING: CPU: 1 PID: 7 at drivers/kitchen/pan.c:62 pan_fry+0x16/0x30 [kitchen]()", "Modules linked in: kitchen")]
    public void Without_a_stack_the_first_lines_name_the_module(string first, string second)
    {
        Crash crash = Assert.Single(Crashes(first, second));
        Assert.Equal("pan_fry", crash.Function);
        Assert.Equal("kitchen", crash.Module);
    }

    [Theory]
    [InlineData("The buggy address is located 12 bytes to the right of",
        "12 bytes behind the end of an object of 96 bytes of the cache pans")]
    [InlineData("The buggy address is located 8 bytes to the left of", "8 bytes before the beginning of an object")]
    [InlineData("The buggy address is located 16 bytes inside of", "16 bytes inside of an object")]
    [InlineData("The buggy address is located 0 bytes inside of freed 96-byte region [ffff8881, ffff8882)",
        "0 bytes inside of freed memory")]
    [InlineData("The buggy address is located 3 bytes to the right of allocated 93-byte region [ffff8881, ffff8882)",
        "3 bytes behind the end")]
    public void The_object_that_a_checker_hit_is_told(string located, string says)
    {
        Clue? clue = Clue(Crashes("BUG: KASAN: slab-out-of-bounds in pan_fry+0x16/0x30 [kitchen]",
            "Read of size 4 at addr ffff8881d4332414 by task cook/22/7", "The buggy address belongs to the object at ffff8881d4331f50",
            " which belongs to the cache pans of size 96", located), "hit-object");
        Assert.Contains(says, clue?.Says, StringComparison.Ordinal);
    }

    [Fact]
    public void Kfence_names_side_and_cache()
    {
        Clue? clue = Clue(Crashes("BUG: KFENCE: out-of-bounds read in pan_fry+0x16/0x30",
            "Out-of-bounds read at 0xffff8c3f (64B right of kfence-#72):",
            " pan_fry+0x16/0x30", "kfence-#72: 0xffff8c3f-0xffff8c5f, size=32, cache=kmalloc-32"), "hit-object");
        Assert.Contains("64 bytes behind the end of an object of 32 bytes of the cache kmalloc-32", clue?.Says, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NMI watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [runc:[1:CHILD]:358270]", "runc:[1:CHILD]")]
    [InlineData("watchdog: BUG: soft lockup - CPU#7 stuck for 26s! [qemu-ga:864]", "qemu-ga")]
    [InlineData("watchdog: BUG: soft lockup - CPU#21 stuck for 37s! [SCTP timer:2111]", "SCTP timer")]
    [InlineData("watchdog: BUG: soft lockup - CPU#21 stuck for 37s! [kworker/u8:1:99]", "kworker/u8:1")]
    public void A_tasks_name_may_hold_brackets_and_colons(string heading, string comm) =>
        Assert.Equal(comm, Assert.Single(Crashes(heading)).Context.Comm);

    [Fact]
    public void Who_stops_all_cpus_waits_for_the_one_that_does_not_come()
    {
        IReadOnlyList<Crash> crashes = Crashes("NMI watchdog: BUG: soft lockup - CPU#19 stuck for 22s! [migration/19:104]",
            "NMI watchdog: BUG: soft lockup - CPU#34 stuck for 22s! [cook:185]");
        Assert.Contains("CPU 34 (cook)", Clue(crashes, "waits-for-cpu")?.Says, StringComparison.Ordinal);
        Assert.Equal("cook", crashes.Single(c => c.Context.Cpu == 19).ConsequenceOf?.Context.Comm);
        Assert.Null(crashes.Single(c => c.Context.Cpu == 34).ConsequenceOf);
    }

    [Theory]
    [InlineData("rcu: \t0-....: (2099 ticks this GP) idle=936/1/0x40000002 softirq=8/8 fqs=923", "\t(t=2100 jiffies g=173237 q=233)",
        "ran-all-the-time")]
    [InlineData("rcu: \t0-....: (12 ticks this GP) idle=936/1/0x40000002 softirq=8/8 fqs=923", "\t(t=2100 jiffies g=173237 q=233)", null)]
    [InlineData("rcu: \t0-....: (2099 ticks this GP) idle=936/1/0x40000002 softirq=8/8 fqs=923", "\t(t=81782271 jiffies g=1 q=2)",
        "stall-lasts")]
    [InlineData("rcu: \t0-....: (59990 ticks this GP) idle=936/1/0x40000002 softirq=8/8 fqs=923", "\t(t=60000 jiffies g=1 q=2)",
        "ran-all-the-time")]
    public void A_stall_tells_whether_its_cpu_was_run_and_for_how_long(string cpu, string time, string? meaning)
    {
        IReadOnlyList<Crash> crashes = Crashes("rcu: INFO: rcu_sched self-detected stall on CPU", cpu, time);
        string[] found = [.. crashes.SelectMany(c => c.Clues).Select(c => c.Meaning).Intersect(["ran-all-the-time", "stall-lasts"])];
        Assert.Equal(meaning is null ? [] : [meaning], found);
    }

    [Theory]
    [InlineData("           (null)")]
    [InlineData("0000000000000000")]
    [InlineData("NULL.")]
    public void A_list_whose_neighbour_is_null_is_told_beside_a_warning(string was)
    {
        IReadOnlyList<Crash> crashes = Crashes("WARNING: CPU: 1 PID: 3012 at lib/list_debug.c:62 pan_empty+0x56/0x1d0()",
            $"list_del corruption. next->prev should be ffff8800723eaee8, but was {was}", "Modules linked in: kitchen");
        Assert.Equal("pan_empty", Assert.Single(crashes).Function);
        Assert.NotNull(Clue(crashes, "list-null"));
    }

    [Fact]
    public void The_stack_of_a_panic_alone_leads_to_the_code_that_faulted()
    {
        string[] stack = ["show_stack+0x18/0x30", "panic+0x240/0x3d8", "die+0x200/0x260", "die_kernel_fault+0x264/0x364",
            "do_page_fault+0x2f8/0x360", "do_mem_abort+0x44/0x94", "el1_abort+0x40/0x64", "el1h_64_sync+0x64/0x68",
            "pan_read+0x18/0x30 [kitchen]", "vfs_read+0xc0/0x2bc"];
        foreach (string tag in new[] { "", "[pid:10974,cpu1,grep] " })
        {
            Crash crash = Assert.Single(Crashes([.. stack.Select(f => tag + f)]));
            Assert.Equal("pan_read", crash.Function);
            Assert.Equal("kitchen", crash.Module);
        }
        Assert.Empty(Crashes("show_stack+0x18/0x30", "pan_read+0x18/0x30 [kitchen]", "vfs_read+0xc0/0x2bc"));
    }

    [Theory]
    [InlineData("illegal operation: 0001 ilc:3 [#1] SMP", "6 bytes long")]
    [InlineData("illegal operation: 0001 ilc:1 [#1] SMP", "built for a newer machine")]
    public void An_operation_that_s390_does_not_know_has_its_reasons(string head, string says) =>
        Assert.Contains(Crashes(head, "Krnl PSW : 0704d00180000000 000000000057ac44 (pan_fry+0x2e4/0x11d0)").SelectMany(c => c.Clues),
            c => c.Says.Contains(says, StringComparison.Ordinal));

    [Fact]
    public void Xmon_names_cpu_task_and_address()
    {
        Crash crash = Assert.Single(Crashes("cpu 0x2c: Vector: 300 (Data Access) at [c000001ff74d36d0]",
            "    pc: c00000000047d72c: pan_fry+0xd4/0x2b0", "   dar: 1ffdbc0004", "    pid   = 12, comm = cook"));
        Assert.Equal((44, 12, "cook"), (crash.Context.Cpu, crash.Context.Pid, crash.Context.Comm));
        Assert.Equal(0x1ffdbc0004UL, crash.Access?.Address);
    }

    [Theory]
    [InlineData("00a98025048b4865", "machine code")]
    [InlineData("a8001f382be00000", "RCX")]
    [InlineData("0000000000001903", null)]
    [InlineData("ffff8802728bb878", null)]
    public void A_protection_fault_without_an_address_tells_which_registers_hold_none(string rcx, string? says)
    {
        Clue? clue = Clue(Crashes("general protection fault: 0000 [#1] SMP",
            "RIP: 0010:[<ffffffff810a61d0>]  [<ffffffff810a61d0>] pan_fry+0x80/0x160",
            "RSP: 0000:ffff88027431fdc8  EFLAGS: 00010086", $"RAX: ffffffff815d0920 RBX: 0000000000000002 RCX: {rcx}",
            "RDX: ffff8802597ebea0 RSI: 0000000000000001 RDI: 000000005641fe63"), "no-address-register");
        Assert.Equal(says is not null, clue is not null);
        Assert.Contains(says ?? "", clue?.Says ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RSP: 0000:ffffa3ee00037e80 EFLAGS: 00010202", "00000000000008f8", true)]
    [InlineData("RSP: 0018:ffffa3ee00037e80 EFLAGS: 00010202", "00000000000008f8", true)]
    [InlineData("RSP: 002b:00007fffee00037e EFLAGS: 00010202", "00000000000008f8", false)]
    [InlineData("RSP: 0018:ffffa3ee00037e80 EFLAGS: 00010202", "00007f34b3c7e000", false)]
    public void A_fault_near_NULL_is_read_from_the_registers_down_without_stamps(string rsp, string cr2, bool told)
    {
        string log = $"RIP: 0010:pan_fry+0x40/0x90\nCode: 48 89 fb 77 <48> 8b b0 f8 08 00 00 48\n{rsp}\n" +
            "RAX: 0000000000000000 RBX: ffffffffabeef980 RCX: 0000000000000000\nCS: 0010 DS: 0000 ES: 0000 CR0: 0000000080050033\n" +
            $"CR2: {cr2} CR3: 0000000030e0a001 CR4: 00000000003606e0\nCall Trace:\npan_init+0x15/0x1d\n";
        Assert.Equal(told, LogCorpus.Read(log).Crashes.Any(c => c.Function == "pan_fry"));
    }

    [Theory]
    [InlineData("underflow; use-after-free.", "below zero")]
    [InlineData("addition on 0; use-after-free.", "counter was 0")]
    [InlineData("saturated; leaking memory.", "overflowed")]
    public void A_reference_counter_says_what_was_wrong_with_it(string words, string says)
    {
        IReadOnlyList<Crash> crashes = Crashes("------------[ cut here ]------------", $"refcount_t: {words}",
            "WARNING: CPU: 5 PID: 4158 at lib/refcount.c:28 refcount_warn_saturate+0xa3/0x150",
                "Modules linked in: udp_tunnel pan(OE) tun");
        Assert.Contains(says, Clue(crashes, "reference-count")?.Says, StringComparison.Ordinal);
        Assert.Contains("were pan.", Clue(crashes, "foreign-modules")?.Says, StringComparison.Ordinal);
        Assert.Null(Clue(Crashes("refcount_t: is a type", "one", "two", "three",
            "WARNING: CPU: 5 PID: 4158 at drivers/pan.c:28 pan_fry+0xa3/0x150"), "reference-count"));
    }

    [Theory]
    [InlineData("0000000000005000", "R08: 0000000000005000", "low-address")]
    [InlineData("0000000000005000", "R08: 0000000000000000", "null-member")]
    [InlineData("0000000000000100", "R08: 0000000000000100", "null-member")]
    public void A_low_pointer_that_a_register_holds_is_no_member_of_NULL(string address, string register, string meaning) =>
        Assert.Equal(meaning, Assert.Single(Crashes($"BUG: unable to handle page fault for address: {address}",
            "#PF: supervisor read access in kernel mode", "Oops: 0000 [#1] SMP NOPTI", "RIP: 0010:pan_fry+0x76/0x120 [kitchen]",
            "RSP: 0018:ffffc9005106fd00 EFLAGS: 00010206", "RAX: 0000000000000000 RBX: ffff88937a49f5d0 RCX: 0000000000000000",
            $"RBP: 0000000000b97a48 {register} R09: 9ae16a3b2f90404f")).Access?.Meaning);

    [Theory]
    [InlineData("__rb_rotate_set_parents", "red-black tree")]
    [InlineData("xas_load", "xarray")]
    [InlineData("mas_walk", "maple tree")]
    [InlineData("rhashtable_jhash2", "hash table")]
    [InlineData("__rwsem_do_wake", "wait for a lock")]
    [InlineData("pan_fry", null)]
    public void A_walker_of_a_damaged_structure_is_told_as_one(string function, string? what)
    {
        Clue? clue = Clue(Crashes("BUG: kernel NULL pointer dereference, address: 0000000000000008", "Oops: 0000 [#1] SMP",
            $"RIP: 0010:{function}+0x10/0x20", "RSP: 0018:ffffc9005106fd00 EFLAGS: 00010206"), "damaged-structure");
        Assert.Equal(what is not null, clue is not null);
        Assert.Contains(what ?? "", clue?.Says ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ffffffffff6004ad", "bpf_prog_896bb3a8c2cab17b_cook_dinner+0xbc/0xb48", "vsyscall-page", true)]
    [InlineData("ffffffffff7004ad", "bpf_prog_load+0xbc/0xb48", "not-mapped", false)]
    public void A_bpf_program_in_the_stack_and_the_page_of_old_calls_are_told(string address, string frame, string meaning, bool program)
    {
        Crash crash = Assert.Single(Crashes($"BUG: unable to handle page fault for address: {address}",
            "#PF: supervisor read access in kernel mode", "#PF: error_code(0x0000) - not-present page", "Oops: 0000 [#1] SMP NOPTI",
            "RIP: 0010:copy_from_kernel_nofault+0xa7/0x100", "Call Trace:", " <TASK>", $" {frame}", " trace_call_bpf+0x9f/0x150"));
        Assert.Equal(meaning, crash.Access?.Meaning);
        Assert.Equal(program, Clue([crash], "bpf-program")?.Says.Contains("cook_dinner", StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData("RIP: 0010:pan_fry+0x1d/0x100", "pan_fry")]
    [InlineData("RIP: 0010:_raw_spin_unlock_irqrestore+0x1d/0x100", null)]
    [InlineData("RIP: 0033:0x7f2a00001234", null)]
    public void A_stall_that_is_cut_off_below_its_interrupt_names_the_place(string place, string? function) =>
        Assert.Equal(function, Assert.Single(Crashes("rcu: INFO: rcu_sched self-detected stall on CPU",
            "rcu:     4-....: (2100 ticks this GP) idle=8a6/1/0x4000000000000002 softirq=318/318 fqs=1044",
            "CPU: 4 PID: 1232 Comm: cook Not tainted 5.7.11+ #21", "Call Trace:", " <IRQ>", " dump_stack+0x50/0x70",
            " rcu_sched_clock_irq.cold+0x1c5/0x3bd", " apic_timer_interrupt+0xf/0x20", " </IRQ>", place)).Function);

    [Theory]
    [InlineData("{ 4-.... }", 4)]
    [InlineData("{ 4-.... 7-.... }", null)]
    [InlineData("{ P1232 }", null)]
    public void An_expedited_stall_names_the_one_CPU_and_the_task_on_it(string list, int? cpu)
    {
        CrashContext context = Assert.Single(Crashes(
            $"rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: {list} 6 jiffies s: 657 root: 0x10/.",
            "Task dump for CPU 4:", "task:cook state:R  running task     stack:    0 pid: 5581 ppid:  4153 flags:0x0000400e",
            "Call Trace:", " <TASK>", " ? sched_clock+0x9/0x10", " ? pan_scan+0x388/0x410 [kitchen]")).Context;
        Assert.Equal(cpu, context.Cpu);
        Assert.Equal(cpu is null ? null : "cook", context.Comm);
    }

    [Theory]
    [InlineData("Preemption disabled at:[<ffffffff81000000>] pan_fry+0x24/0xd0 [kitchen]", "pan_fry() of kitchen disabled preemption")]
    [InlineData(" #0:  (&(&pan->lock)->rlock){+.+.}, at: [<bf000000>] pan_fry+0x24/0xd0 [kitchen]", "pan_fry() of kitchen holds a lock")]
    [InlineData("no locks held by cook/1232.", null)]
    public void Who_made_the_context_atomic_is_named(string line, string? says) =>
        Assert.Equal(says is not null, Clue(Crashes("BUG: sleeping function called from invalid context at mm/slab.h:506",
            "in_atomic(): 1, irqs_disabled(): 0, pid: 1232, name: cook", line), "atomic-since")?.Says.Contains(says ?? "",
                StringComparison.Ordinal) == true);

    [Theory]
    [InlineData(9000000, 200, "unreclaimable slab", true)]
    [InlineData(100, 9000000, "mlock", true)]
    [InlineData(100, 200, "stands above and below", true)]
    public void A_bare_state_of_memory_tells_what_no_program_shows(long slab, long locked, string says, bool told)
    {
        List<Kdump.Diagnosis.Model.Finding> findings = Explained.Findings("out-of-memory", Stamped(
            $"Node 0 Normal free:18296kB min:48948kB low:61184kB high:73420kB managed:10352916kB mlocked:{locked}kB " +
                $"slab_reclaimable:100kB " +
            $"slab_unreclaimable:{slab}kB", "lowmem_reserve[]: 0 0 0 0"));
        Assert.Equal(told, findings.Exists(f => f.Why.Contains(says, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("RIP: 0010:[<ffffffff8124e424>]  [<ffffffff8124e424>] pan_fry+0x94/0xa0",
        "Process cook (pid: 491, threadinfo ffff881057eee000, task ffff881057e29540)")]
    [InlineData("EIP is at pan_fry+0x94/0xa0", "Process cook (pid: 491, ti=f4ea0000 task=f4ea99b0 task.ti=f4ea0000)")]
    [InlineData("PC is at pan_fry+0x94/0xa0", "Process cook (pid: 491, stack limit = 0xc0008210)")]
    public void Below_a_lost_head_place_and_task_are_an_oops(string place, string task)
    {
        Crash crash = Assert.Single(LogCorpus.Read($"{place}\nRAX: 0000000000000001\n{task}\nCall Trace:\n").Crashes);
        Assert.Equal("Oops in pan_fry", crash.Title);
    }

    [Theory]
    [InlineData("RIP: 0010:[<ffffffff8124e424>]  [<ffffffff8124e424>] pan_fry+0x94/0xa0")]
    [InlineData("PC is at pan_fry+0x94/0xa0")]
    public void A_place_without_its_task_may_be_of_anything(string place) =>
        Assert.Empty(LogCorpus.Read($"{place}\nRAX: 0000000000000001\nCall Trace:\n").Crashes);

    [Fact]
    public void An_end_with_its_mark_stays_a_report_beside_the_next_one()
    {
        IReadOnlyList<Crash> crashes = Crashes("Code: 00 <0f> 22 df", "RIP: pan_fry+0x7d/0x170 RSP: ffffbe26c1707e70",
            "---[ end trace 07b30e4a812918a3 ]---", "general protection fault: 0000 [#2] SMP PTI",
            "CPU: 0 PID: 1094 Comm: cook Tainted: G      D W        4.15.16 #1");
        Assert.Equal(["pan_fry", null], crashes.Select(c => c.Function));
    }

    [Theory]
    [InlineData("list_del corruption. prev->next should be fffff7eac79a1808,", "but was fffff7eac39a1808. (prev=fffff7eac79a1848)")]
    [InlineData("list_add corruption. next->prev should be prev (ffff88012345a000),", "but was ffff88012745a000. (next=ffff880123459f00)")]
    public void A_check_of_a_list_that_was_folded_and_cut_still_tells_the_flipped_bit(string first, string second)
    {
        Crash crash = Assert.Single(LogCorpus.Read($"[  100.000001] {first}\n{second}\n").Crashes);
        Assert.Contains(crash.Clues, c => c.Meaning == "flipped-bit");
    }

    [Fact]
    public void A_garbled_first_line_is_a_crash_all_the_same() =>
        Assert.Equal("page-fault", Assert.Single(Crashes("Unable to handle kernel NULL pointer derefere#U#at virtual address 00000000",
            "pgd = 80004000", "Internal error: Oops: 817 [#1] PREEMPT SMP")).Kind);

    [Theory]
    [InlineData("RIP: 0010:pan_fry+0x241/0x2e0", "<0f> 0b 49 83 e0 fc", "kernel-bug")]
    [InlineData("RIP: 0010:pan_fry+0x93/0x260 [pan]", "<65> 48 2b 04 25", "oops")]
    [InlineData("RIP: 0033:0x7f1a2c08b9fc", "<48> 3d 00 f0 ff ff", null)]
    public void Registers_behind_the_end_mark_are_the_end_of_an_oops(string place, string code, string? kind)
    {
        IReadOnlyList<Crash> crashes = Crashes("---[ end trace 0000000000000000 ]---", place, $"Code: ff d0 0f 1f 00 {code} 28 00 00 00",
            "RSP: 0018:ffffb9b887fdbcf0 EFLAGS: 00010246", "RAX: b3cc1c041d2aa200 RBX: ffff9cc6449e4ab8 RCX: 0000000000000000");
        Assert.Equal(kind, crashes.SingleOrDefault()?.Kind);
        Assert.True(kind is null || crashes[0].Function == "pan_fry");
    }

    [Fact]
    public void Of_many_foreign_modules_the_one_that_spoke_just_before_is_named()
    {
        const string Many = "Modules linked in: pan(O) pot(O) lid(OE) cup(O) ip_tables";
        string? Says(string above) => Clue(Crashes(above, "BUG: scheduling while atomic: swapper/0/0/0x10000100", Many), "foreign-modules")
            ?.Says;
        Assert.Contains("just before, pan spoke", Says("pan0: Transition from state resetting to ready"), StringComparison.Ordinal);
        Assert.Null(Says("eth0: link up"));
    }
}
