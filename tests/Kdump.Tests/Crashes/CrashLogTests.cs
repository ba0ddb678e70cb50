using Kdump.Diagnosis.Crashes;

namespace Kdump.Tests.Crashes;

public sealed class CrashLogTests
{
    [Theory]
    [InlineData(Samples.Oops, "null-dereference", "BUG: unable to handle kernel NULL pointer dereference in brew_pour")]
    [InlineData(Samples.Warning, "warning", "WARNING in teapot_lift")]
    [InlineData(Samples.SoftLockup, "soft-lockup", "BUG: soft lockup in spoon_ioctl")]
    [InlineData(Samples.HardLockup, "hard-lockup", "hard lockup in ice_cube_take")]
    [InlineData(Samples.HungTask, "hung-task", "INFO: task hung in kitchen_enter")]
    [InlineData(Samples.RcuStall, "rcu-stall", "INFO: rcu detected stall in mixer_write")]
    public void Each_kind_is_told_with_its_title(string log, string kind, string title)
    {
        Crash crash = Assert.Single(LogCorpus.Read(log).Crashes);
        Assert.Equal(kind, crash.Kind);
        Assert.Equal(title, crash.Title);
        Assert.False(crash.Corrupted, crash.Torn);
        Assert.False(crash.Panicked);
    }

    [Theory]
    [InlineData("general protection fault, probably for non-canonical address 0xdead000000000100: 0000 [#1] SMP",
        "general protection fault in pan_fry")]
    [InlineData("Oops: general protection fault, probably for non-canonical address 0xdead000000000100: 0000 [#1] SMP",
        "general protection fault in pan_fry")]
    [InlineData("BUG: unable to handle page fault for address: ffffb3e2c0a40000", "BUG: unable to handle kernel paging request in pan_fry")]
    [InlineData("BUG: unable to handle kernel paging request at ffffb3e2c0a40000",
        "BUG: unable to handle kernel paging request in pan_fry")]
    [InlineData("divide error: 0000 [#1] PREEMPT SMP", "divide error in pan_fry")]
    [InlineData("stack segment: 0000 [#1] SMP", "stack segment fault in pan_fry")]
    [InlineData("int3: 0000 [#1] SMP", "int3 in pan_fry")]
    [InlineData("traps: PANIC: double fault, error_code: 0x0", "PANIC: double fault in pan_fry")]
    [InlineData("kernel BUG at fs/pan.c:66!", "kernel BUG in pan_fry")]
    [InlineData("invalid opcode: 0000 [#1] SMP", "invalid opcode in pan_fry")]
    [InlineData("Internal error: synchronous external abort: 0000000096000010 [#1] SMP", "Internal error in pan_fry")]
    public void Faults_of_every_era_are_named_for_the_function_that_the_CPU_was_in(string heading, string title)
    {
        string log = $"[    9.000001] {heading}\n[    9.000002] CPU: 0 PID: 1 Comm: cook Not tainted 6.1.0 #1\n[    9.000003] RIP: " +
            $"0010:pan_fry+0x12/0x40\n" +
            "[    9.000004] Call Trace:\n[    9.000005]  dinner_cook+0x10/0x20\n[    9.000006]  do_syscall_64+0x5b/0xc0\n[    9.000007] " +
                "---[ end trace 0 ]---\n";
        Assert.Equal(title, Assert.Single(LogCorpus.Read(log).Crashes).Title);
    }

    [Fact]
    public void What_a_warning_said_is_kept_and_what_stands_above_other_reports_is_not()
    {
        Crash crash = Assert.Single(LogCorpus.Read(Samples.Warning).Crashes);
        Assert.Equal(("teapot is hot", 2), (crash.Message?.Text, crash.Message?.Line));
        Assert.Null(Assert.Single(LogCorpus.Read("[   49.000001] teapot: found\n" + Samples.Oops).Crashes).Message);
        Assert.Null(Assert.Single(LogCorpus.Read(Samples.Warning.Replace("[   50.000002] teapot is hot\n", "", StringComparison.Ordinal))
            .Crashes).Message);
    }

    [Fact]
    public void What_a_check_of_a_list_found_stands_above_the_line_to_cut_at()
    {
        string log = "[    2.685071] list_add double add: new=ffffffffc019c4c0, prev=ffffffffc019c040, next=ffffffffc019c4c0.\n[    " +
            "2.685409] ------------[ cut here ]------------\n" +
            "[    2.685499] kernel BUG at lib/list_debug.c:33!\n[    2.685863] invalid opcode: 0000 [#1] SMP NOPTI\n[    2.686536] RIP: " +
                "0010:__list_add_valid.cold+0x23/0x5b\n" +
            "[    2.686540] Call Trace:\n[    2.686541]  pan_store+0x10/0x20 [pan]\n[    2.686542]  do_syscall_64+0x5b/0xc0\n[    " +
                "2.686543] ---[ end trace 0 ]---\n";
        Crash crash = Assert.Single(LogCorpus.Read(log).Crashes);
        Assert.StartsWith("list_add double add", crash.Message?.Text, StringComparison.Ordinal);
        Assert.Null(Assert.Single(LogCorpus.Read(log.Replace("list_add double add", "pan: all is well", StringComparison.Ordinal)).Crashes)
            .Message);
    }

    [Fact]
    public void An_oops_in_an_interrupt_keeps_the_frames_of_the_interrupt()
    {
        string log = "[    3.190186] BUG: kernel NULL pointer dereference, address: 0000000000000000\n[    3.191913] RIP: " +
            "0010:pan_read+0xc/0x20 [pan]\n[    3.193652] Call Trace:\n[    3.194078]  <IRQ>\n" +
            "[    3.194209]  pan_heat+0x1b/0x20 [pan]\n[    3.194405]  pan_timer+0x13/0x20 [pan]\n[    3.194480]  " +
                "__hrtimer_run_queues+0x12d/0x240\n[    3.194797]  hrtimer_interrupt+0xfa/0x210\n[    3.195105]  </IRQ>\n" +
            "[    3.195148]  <TASK>\n[    3.195183]  asm_sysvec_apic_timer_interrupt+0x1a/0x20\n[    3.195334] RIP: " +
                "0010:pv_native_safe_halt+0xf/0x20\n[    3.196281]  default_idle+0x9/0x20\n[    3.196922]  </TASK>\n" +
            "[    3.197448] ---[ end trace 0000000000000000 ]---\n";
        Assert.Equal(["pan_read", "pan_heat", "pan_timer"],
            Assert.Single(LogCorpus.Read(log).Crashes).Frames.Take(3).Select(f => f.Function));
    }

    [Fact]
    public void A_stall_that_a_CPU_noticed_itself_is_where_it_was_but_not_where_another_stack_is()
    {
        const string Head = "[   28.100890] rcu: INFO: rcu_preempt self-detected stall on CPU\n[   28.100890] CPU: 0 PID: 17 Comm: " +
            "kworker/0:1 Not tainted 6.1.0 #1\n";
        const string Trace = "[   28.100890] Call Trace:\n[   28.100890]  <TASK>\n[   28.100890]  process_one_work+0x1c7/0x380\n[   " +
            "28.100890]  worker_thread+0x4d/0x380\n[   28.100890]  ret_from_fork+0x22/0x30\n[   28.100890]  </TASK>\n";
        Assert.Equal("pan_scrub", Assert.Single(
            LogCorpus.Read(Head + "[   28.100890] RIP: 0010:pan_scrub+0x2f/0x50 [pan]\n" + Trace).Crashes).Function);
        Assert.Null(Assert.Single(LogCorpus.Read(Head + Trace).Crashes).Function);
    }

    [Fact]
    public void A_first_line_copied_without_its_stamp_belongs_to_the_lines_below()
    {
        Crash crash = Assert.Single(LogCorpus.Read(Samples.Oops[Samples.Oops.IndexOf("BUG:", StringComparison.Ordinal)..]).Crashes);
        Assert.Equal(("null-dereference", "brew_pour"), (crash.Kind, crash.Function));
    }

    [Fact]
    public void A_log_that_has_every_line_twice_has_every_crash_once()
    {
        string log = string.Concat(Samples.Oops.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => $"{l}\n{l}\n"));
        Crash crash = Assert.Single(LogCorpus.Read(log).Crashes);
        Assert.Equal(("brew_pour", false), (crash.Function, crash.Corrupted));
        Assert.Equal(crash.Frames.Distinct().Count(), crash.Frames.Count);
    }

    [Fact]
    public void A_panic_below_a_heading_of_no_known_form_is_not_lost()
    {
        string stack = string.Concat(Enumerable.Range(0, 30).Select(i => $"[  720.4{i:00}307]  [<810a457b>] frame_{i}+0x186/0x23e\n"));
        Crash crash = Assert.Single(
            LogCorpus.Read("[  720.459157] INFO: task bash:2287 is in some trouble\n[  720.459282] Call Trace:\n" + stack +
            "[  720.459530] Kernel panic - not syncing: hung_task: blocked tasks\n[  720.459768] Pid: 31, comm: khungtaskd Tainted: G    " +
                "     C  3.0.8 #1\n").Crashes);
        Assert.Equal("kernel panic: hung_task: blocked tasks", crash.Title);
        Assert.True(crash.Panicked);
    }

    [Fact]
    public void A_copy_that_was_handed_a_bad_pointer_is_not_to_blame()
    {
        string log = "[    9.000001] BUG: unable to handle page fault for address: ffffb3e2c0a40000\n[    9.000003] RIP: " +
            "0010:__memcpy+0x12/0x20\n[    9.000004] Call Trace:\n" +
            "[    9.000005]  ? kfree+0x1/0x2\n[    9.000006]  soup_serve.isra.0+0x10/0x20 [soup]\n[    9.000007]  soup_thread+0x10/0x20 " +
                "[soup]\n[    9.000008]  kthread+0x1/0x2\n";
        Crash crash = Assert.Single(LogCorpus.Read(log).Crashes);
        Assert.Equal("soup_serve", crash.Function);
        Assert.Equal("soup", crash.Module);
    }

    [Fact]
    public void An_oops_on_arm64_is_one_crash_from_its_first_line_to_its_end()
    {
        string log = "[   31.000001] Unable to handle kernel NULL pointer dereference at virtual address 0000000000000010\n[   " +
            "31.000002] Mem abort info:\n[   31.000003]   ESR = 0x0000000096000004\n" +
            "[   31.000004] Internal error: Oops: 0000000096000004 [#1] SMP\n[   31.000005] CPU: 2 PID: 55 Comm: cook Not tainted 6.6.0 " +
                "#1\n[   31.000006] pstate: 60400005 (nZCv daif +PAN -UAO)\n" +
            "[   31.000007] pc : grill_turn+0x20/0x50 [grill]\n[   31.000008] lr : grill_work+0x18/0x30 [grill]\n[   31.000009] sp : " +
                "ffff80008243bc30\n[   31.000010] x29: ffff80008243bc30 x28: 0000000000000000\n" +
            "[   31.000011] Call trace:\n[   31.000012]  grill_turn+0x20/0x50 [grill] (P)\n[   31.000013]  grill_work+0x18/0x30 " +
                "[grill]\n[   31.000014]  worker_thread+0x1/0x2\n[   31.000015] Code: d503 (f9400800)\n" +
            "[   31.000016] ---[ end trace 0000000000000000 ]---\n[   31.000017] Kernel panic - not syncing: Oops: Fatal exception\n";
        Crash crash = Assert.Single(LogCorpus.Read(log).Crashes);
        Assert.Equal("BUG: unable to handle kernel NULL pointer dereference in grill_turn", crash.Title);
        Assert.True(crash.Panicked);
        Assert.Contains(crash.Registers, r => r is { Key: "x29", Value: "ffff80008243bc30" });
        Assert.Equal("grill", crash.Frames[0].Module);
    }

    [Fact]
    public void Who_ran_where_is_read_whatever_the_tasks_name_holds()
    {
        Crash crash = Assert.Single(LogCorpus.Read(Samples.Oops).Crashes);
        Assert.Equal(new CrashContext(3, 4711, "my daemon: a", "6.1.0-9-amd64", "GOE", "Maker Board/Model, BIOS 1.2 01/02/2023", null,
            KdumpLoaded: true), crash.Context);
        Assert.Equal(["a module from outside the kernel tree was loaded", "an unsigned module was loaded"],
            Taints.InWords(crash.Context.Tainted));
        Assert.Equal("teapot_work [teapot]", "teapot_work [teapot]");
        Assert.Equal("events teapot_work [teapot]", Assert.Single(LogCorpus.Read(Samples.Warning).Crashes).Context.Workqueue);
    }

    [Fact]
    public void Frames_keep_offset_size_module_and_whether_they_are_sure()
    {
        Crash crash = Assert.Single(LogCorpus.Read(Samples.Oops).Crashes);
        Assert.Equal(new StackFrame("brew_pour", 0x1f, 0x40, "kettle", Reliable: true), crash.Frames[0]);
        Assert.Equal(new StackFrame("__die_body.cold", 0x1a, 0x1f, null, Reliable: false), crash.Frames[1]);
        Assert.Equal(new StackFrame("brew_ioctl", 0x90, 0x120, "kettle", Reliable: true), crash.Frames[2]);
        Assert.Contains(crash.Registers, r => r is { Key: "RCX", Value: "0000000000000001" });
    }

    [Fact]
    public void Reports_of_two_tasks_are_told_apart_by_who_printed_them()
    {
        string[] a = Samples.Oops.Split('\n'), b = Samples.Warning.Split('\n');
        var mixed = new List<string>();
        for (int i = 0; i < Math.Max(a.Length, b.Length); i++)
        {
            if (i < a.Length && a[i].Length > 0)
                mixed.Add(a[i].Replace("] ", "][ T4711] ", StringComparison.Ordinal));
            if (i < b.Length && b[i].Length > 0)
                mixed.Add(b[i].Replace("] ", "][   T77] ", StringComparison.Ordinal));
        }
        LogReading log = LogCorpus.Read(string.Join('\n', mixed));
        Assert.Equal(["BUG: unable to handle kernel NULL pointer dereference in brew_pour", "WARNING in teapot_lift"],
            log.Crashes.Select(c => c.Title).Order());
        Assert.DoesNotContain(log.Crashes.Single(c => c.Kind == "warning").Frames, f => f.Module == "kettle");
    }

    [Fact]
    public void A_report_that_was_cut_by_a_replay_is_told_once()
    {
        Crash crash = Assert.Single(
            LogCorpus.Read("[  100.000001] BUG: kernel NULL pointer dereference, addr\n** replaying previous printk message **\n" +
            Samples.Oops).Crashes);
        Assert.Equal(3, crash.FirstLine);
    }

    [Fact]
    public void Dropped_messages_before_the_first_line_do_not_hide_it()
    {
        Assert.Single(LogCorpus.Read("** 12 printk messages dropped ** " + Samples.Oops).Crashes);
    }

    [Fact]
    public void What_follows_an_oops_is_its_consequence()
    {
        LogReading log = LogCorpus.Read(Samples.Oops + Samples.SoftLockup);
        Assert.Null(log.Crashes[0].ConsequenceOf);
        Assert.Same(log.Crashes[0], log.Crashes[1].ConsequenceOf);
    }

    [Fact]
    public void A_torn_report_says_what_is_missing_and_is_less_sure()
    {
        Crash crash = Assert.Single(
            LogCorpus.Read(
            "[  100.000001] BUG: kernel NULL pointer dereference, address: 0000000000000008\n[  100.000002] #PF: supervisor read access\n")
            .Crashes);
        Assert.True(crash.Corrupted);
        Assert.Equal("BUG: unable to handle kernel NULL pointer dereference in corrupted", crash.Title);
        Assert.Null(crash.Function);
        Assert.True(crash.Confidence < 0.7);
        Assert.NotEmpty(crash.Doubts);
    }

    [Fact]
    public void A_request_is_seen_before_the_panic_and_in_the_oops_of_old_kernels()
    {
        Assert.True(
            LogCorpus.Read("[    1.000000] sysrq: Trigger a crash\n[    1.100000] Kernel panic - not syncing: sysrq triggered crash\n")
            .Crashes[0].Requested);
        Assert.True(
            LogCorpus.Read(
            "[    1.000000] SysRq : Trigger a crash\n[    1.100000] BUG: unable to handle kernel NULL pointer dereference at (null)\n[   " +
            " 1.2000000] IP: [<ffffffff81>] sysrq_handle_crash+0x16/0x20\n").Crashes[0].Requested);
        Assert.False(LogCorpus.Read(Samples.Oops).Crashes[0].Requested);
    }

    [Theory]
    [InlineData("[    5.000000] Memory cgroup out of memory: Killed process 900 (hungry)")]
    [InlineData("[    5.000000] traps: x[12] general protection fault ip:7feb96eb56a1 sp:20000fd0 error:0 in libx.so[7feb96e75000+84000]")]
    [InlineData("[    5.000000] ODEBUG: Out of memory. ODEBUG disabled")]
    [InlineData("[    5.000000] WARNING: Spectre v2 mitigation leaves CPU vulnerable to RETBleed attacks, data leaks possible!")]
    [InlineData("[    5.000000] systemd[1]: BUG: this is a program's line")]
    [InlineData("Nov 21 02:11:35 host cook[99]: BUG: unable to handle kernel NULL pointer dereference")]
    [InlineData("user  :err   : [    5.000000] kernel BUG at imagination.c:1!")]
    [InlineData("[    5.000000] [Firmware Bug]: TSC_DEADLINE disabled due to Errata")]
    [InlineData("[    5.000000] irq 16: nobody cared (try booting with the \"irqpoll\" option)")]
    public void Lines_that_only_sound_like_a_crash_are_none(string line)
    {
        Assert.Empty(LogCorpus.Read("[    1.000000] first\n" + line + "\n[    6.000000] last\n").Crashes);
    }

    [Fact]
    public void A_machine_that_boots_again_without_a_word_was_reset()
    {
        Assert.Equal("unexpected kernel reboot",
            Assert.Single(LogCorpus.Read("[ 4242.000000] all is well\nBooting the kernel.\n" + Samples.Boot).Crashes).Title);
        Assert.Empty(LogCorpus.Read("[ 4242.000000] reboot: Restarting system\nBooting the kernel.\n" + Samples.Boot).Crashes);
    }

    [Fact]
    public void A_log_that_warns_for_ever_is_counted_and_not_kept()
    {
        LogReading log = LogCorpus.Read(string.Concat(Enumerable.Repeat(Samples.Warning, 1000)));
        Assert.Equal(8, log.Crashes.Count);
        Assert.Equal(992, log.Dropped);
        Assert.Equal(992, log.Crashes[0].Repeats);
    }

    [Fact]
    public void What_warns_for_ever_about_other_addresses_of_other_tasks_is_counted_as_one()
    {
        LogReading log = LogCorpus.Read(string.Concat(Enumerable.Range(0, 200).Select(i =>
            Samples.Warning.Replace("PID: 77", $"PID: {i}").Replace("CPU: 1", $"CPU: {i % 8}")
                .Replace("Call Trace", $"RBX: ffff8880{i:x8}\n[   50.000007] Call Trace"))));
        Assert.Equal(192, log.Crashes[0].Repeats);
        // Another caller is another crash, however alike the rest is.
        Assert.Equal(2, LogCorpus.Read(string.Concat(Enumerable.Repeat(Samples.Warning, 50)) +
            Samples.Warning.Replace("teapot_work+", "kettle_work+")).Crashes.Select(c => c.Signature.Exact).Distinct().Count());
    }

    [Fact]
    public void Signatures_do_not_change_with_addresses_builds_and_tasks()
    {
        string other = Samples.Oops.Replace("+0x1f/0x40", "+0x2a/0x58").Replace("0000000000000008", "0000000000000040").Replace("4711", "9")
            .Replace("CPU: 3", "CPU: 0").Replace("6.1.0-9", "6.1.0-12").Replace("+0x90/0x120", "+0x99/0x130");
        Signature a = LogCorpus.Read(Samples.Oops).Crashes[0].Signature, b = LogCorpus.Read(other).Crashes[0].Signature;
        Assert.Equal(a.Exact, b.Exact);
        Assert.Equal("bad-access in brew_pour", b.Class);
        Assert.NotEqual(a.Exact, LogCorpus.Read(Samples.Oops.Replace("brew_ioctl", "brew_read")).Crashes[0].Signature.Exact);
    }

    [Fact]
    public void Records_of_pstore_are_read_from_the_oldest_part_on()
    {
        string[] lines = Samples.Oops.TrimEnd('\n').Split('\n');
        string log = $"Panic#1 Part1\n{string.Join('\n', lines[8..])}\nPanic#1 Part2\n{string.Join('\n', lines[..8])}\n";
        Crash crash = Assert.Single(LogCorpus.Read(log).Crashes);
        Assert.Equal("brew_pour", crash.Function);
        Assert.False(crash.Corrupted, crash.Torn);
    }
}
