using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Crashes;

/// <summary>
/// Reports of which the first lines were not posted, or that somebody typed: what the functions of a trap, bare names and the line above
/// tell all the same.
/// </summary>
public sealed class LostHeadTests
{
    private static string Stamped(params string[] lines) => string.Concat(lines.Select((l, i) => $"[  100.{i:000000}] {l}\n"));

    private static IReadOnlyList<Crash> Crashes(string log) => LogCorpus.Read(log).Crashes;

    [Theory]
    [InlineData("oops_end+0x3e/0x90", "exc_general_protection+0x1c8/0x350", "general-protection")]
    [InlineData("die_addr+0x36/0x90", "exc_general_protection+0x1c8/0x350", "general-protection")]
    [InlineData("die+0x33/0x50", "do_general_protection+0x125/0x150", "general-protection")]
    [InlineData("oops_end+0x3e/0x90", "page_fault_oops+0x70/0x170", "page-fault")]
    [InlineData("oops_end+0x3e/0x90", "no_context+0x1b6/0x2c0", "oops")]
    [InlineData("die+0x124/0x240", "arm64_notify_die+0x60/0x64", "oops")]
    [InlineData("die+0x124/0x240", "do_undefinstr+0x1e8/0x220", "oops")]
    public void A_stack_without_its_report_is_told_by_the_trap_on_it(string upper, string lower, string kind)
    {
        Crash crash = Assert.Single(Crashes(Stamped(" schedule+0x40/0xe0", " schedule_timeout+0xbb/0xf0", " pstore_dump+0x122/0x350",
            " kmsg_dump+0x8f/0xb0", $" {upper}", $" {lower}", "RIP: 0010:pan_stir+0xb0/0xe0 [kitchen]",
            "RSP: 0018:ffffa48084ce7bd8 EFLAGS: 00010202")));
        Assert.Equal(kind, crash.Kind);
        Assert.Equal("pan_stir", crash.Function);
        Assert.NotNull(crash.Torn);
    }

    [Fact]
    public void Without_registers_the_first_function_below_the_trap_is_told() => Assert.Equal("pan_stir", Assert.Single(Crashes(Stamped(
        " kmsg_dump+0x8f/0xb0", " oops_end+0x3e/0x90", " exc_general_protection+0x1c8/0x350",
        " asm_exc_general_protection+0x1e/0x30", " pan_stir+0xb0/0xe0 [kitchen]", " cook+0x10/0x20 [kitchen]"))).Function);

    [Theory]
    [InlineData(" notify_die+0x4d/0x80", " exc_nmi+0x10a/0x130")]
    [InlineData(" exc_page_fault+0x67/0x150", " handle_mm_fault+0xd7/0x290")]
    [InlineData(" asm_exc_invalid_op+0x1a/0x20", " pan_stir+0x1/0x2 [kitchen]")]
    public void Functions_that_run_without_a_crash_prove_none(string first, string second) => Assert.DoesNotContain(
        Crashes(Stamped(" schedule+0x40/0xe0", first, second, " do_syscall_64+0x3b/0x90")), c => c.Kind is "oops" or "general-protection");

    [Fact]
    public void A_program_s_own_registers_are_no_place_in_the_kernel() => Assert.DoesNotContain(Crashes(Stamped(
        " oops_end+0x3e/0x90", "RIP: 0033:0x7fd43f794d4b", "RSP: 002b:00007ffd7e0fac28 EFLAGS: 00000206")), c => c.Function is not null);

    [Theory]
    [InlineData("Code: e59d3010 e5933014 e3530000 0affff9b (e7f001f2)")]
    [InlineData("Instruction dump:")]
    public void A_fatal_exception_is_told_with_the_stack_above_it(string code)
    {
        Finding panic = Assert.Single(Explained.Findings("kernel-panic", Stamped(
            "[<c03c9678>] (pan_stir+0x60c/0x644) from [<c03bc2a4>] (cook+0x1b8/0xcf0)",
            "[<c03bc2a4>] (cook+0x1b8/0xcf0) from [<c0107640>] (ret_fast_syscall+0x0/0x38)", code,
            "---[ end trace 66638eb161f79c30 ]---", "Kernel panic - not syncing: Fatal exception")));
        Assert.Contains("pan_stir", panic.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fatal_exception_below_another_stack_is_told_without_one() => Assert.DoesNotContain("pan_stir",
        Assert.Single(Explained.Findings("kernel-panic", Stamped(" pan_stir+0x60c/0x644", " cook+0x1b8/0xcf0",
            "usb 1-1: new high-speed USB device number 5", "Kernel panic - not syncing: Fatal exception"))).Why, StringComparison.Ordinal);

    private static readonly string[] Typed = ["dump_backtrace", "show_stack", "dump_stack", "panic", "watchdog_timer_fn",
        "__hrtimer_run_queues", "hrtimer_interrupt", "arch_timer_handler_virt", "handle_percpu_devid_irq", "gic_handle_irq", "el1_irq",
        "pan_stir", "cook", "el0_svc"];

    [Theory]
    [InlineData("Call trace:")]
    [InlineData("Call Trace:")]
    public void Names_alone_below_the_heading_of_a_stack_are_its_frames(string heading)
    {
        string log = "Kernel panic - not syncing: softlockup: hung tasks\nCPU: 3 PID: 25 Comm: sshd Kdump: loaded Tainted: G\n" +
            $"{heading}\n{string.Join('\n', Typed)}\n";
        Crash crash = Assert.Single(Crashes(log));
        Assert.Equal("pan_stir", crash.Function);
        Assert.Equal(Typed.Length, crash.Frames.Count);
    }

    [Fact]
    public void Words_of_a_person_below_a_stack_are_no_frames() => Assert.Equal(2, Assert.Single(Crashes(
        "Kernel panic - not syncing: softlockup: hung tasks\nCall trace:\npan_stir\ncook\nThen I pressed the button.\nreset_it\n"))
        .Frames.Count);

    [Theory]
    [InlineData("c00000002ffb0000", "a kernel address with nothing mapped")]
    [InlineData("c008000012340000", "a kernel address with nothing mapped")]
    [InlineData("c00c000000000040", "a kernel address with nothing mapped")]
    public void An_address_of_a_PowerPC_kernel_is_told(string address, string says)
    {
        Finding oops = Assert.Single(Explained.Findings("kernel-oops", Stamped(
            $"Unable to handle kernel paging request for data at address 0x{address}", "Faulting instruction address: 0xc0000000080aad20",
            "Oops: Kernel access of bad area, sig: 11 [#1]", "LE SMP NR_CPUS=2048 NUMA pSeries",
            "CPU: 0 PID: 1 Comm: swapper/0 Not tainted 4.18.0 #1", "NIP:  c0000000080aad20 LR: c00000000843e8a0 CTR: 0000000000000800",
            "REGS: c0000000154b3190 TRAP: 0300   Not tainted  (4.18.0)")));
        Assert.Contains($"0x{address}", oops.Why, StringComparison.Ordinal);
        Assert.Contains(says, oops.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[drm:nv_drm_probe_devices [nvidia_drm]] *ERROR* [nvidia-drm] [GPU ID 0x00000100] Failed to register device", true)]
    [InlineData("NVRM: GPU 0000:01:00.0: rm_init_adapter failed, device minor number 0", true)]
    [InlineData("wlan0: deauthenticating from 00:11:22:33:44:55 by local choice (Reason: 3=DEAUTH_LEAVING)", false)]
    public void A_crash_without_stack_follows_the_device_whose_driver_spoke_last(string above, bool joined)
    {
        Finding oops = Assert.Single(Explained.Findings("kernel-oops", Stamped(
            "NVRM: GPU 0000:01:00.0: RmInitAdapter failed! (0x63:0x56:1689)", above,
            "BUG: kernel NULL pointer dereference, address: 0000000000000040", "#PF: supervisor read access in kernel mode",
            "#PF: error_code(0x0000) - not-present page", "PGD 0 P4D 0", "Oops: 0000 [#1] PREEMPT SMP NOPTI")));
        Assert.Equal(joined, oops.CausedBy.Any(c => c.Id == "gpu-driver-failed"));
    }

    [Theory]
    [InlineData("rcu:     41-...0: (1 GPs behind) idle=7b24/1/0x4000000000000000 softirq=3305695/3305728 fqs=1979", "41")]
    [InlineData("rcu: \t7-....: (20999 ticks this GP) idle=2f4/1/0x4000000000000000 softirq=1/2 fqs=5249", "7")]
    public void The_CPU_that_RCU_waits_for_is_the_one_that_a_stopper_waits_for(string line, string cpu)
    {
        string log = Stamped("rcu: INFO: rcu_sched detected stalls on CPUs/tasks:", line,
            "watchdog: BUG: soft lockup - CPU#49 stuck for 22s! [migration/49:314]");
        Assert.Contains($"CPU {cpu}", Assert.Single(Explained.Findings("rcu-stall", log)).Title, StringComparison.Ordinal);
        string why = Assert.Single(Explained.Findings("soft-lockup", log)).Why;
        Assert.Contains($"CPU {cpu} (RCU", why, StringComparison.Ordinal);
        Assert.DoesNotContain("not in these lines.", why.Split("Caution")[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_warning_names_its_task_in_the_first_line_since_6_17()
    {
        Crash crash = Assert.Single(Crashes(Stamped("------------[ cut here ]------------",
            "WARNING: arch/x86/mm/ioremap.c:460 at iounmap+0x34/0x110, CPU#13: task UPID:magi:/1420", "Modules linked in: kitchen(OE)")));
        Assert.Equal((13, "task UPID:magi:", 1420), (crash.Context.Cpu, crash.Context.Comm, crash.Context.Pid));
    }
}
