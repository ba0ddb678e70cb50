using System.Text;
using Kdump.Kernel;
using Kdump.Kernel.Views;

namespace Kdump.Tests.Kernel.Views;

/// <summary>Which line of a log is why the machine died: as kernels print them, with what looks like it.</summary>
public sealed class CrashReasonTests
{
    private const string Gpf = "Oops: general protection fault, probably for non-canonical address 0x6b6b: 0000 [#1] PREEMPT SMP NOPTI";
    private const string Null = "BUG: kernel NULL pointer dereference, address: 0000000000000000";
    private const string Die = "Oops: 0002 [#1] PREEMPT SMP PTI";
    private const string Panic = "Kernel panic - not syncing: ";

    [Fact]
    public void The_end_marker_of_a_panic_is_no_second_panic() =>
        Assert.Equal(Panic + "NMI: Not continuing", Reason(Panic + "NMI: Not continuing", "CPU: 0 PID: 0 Comm: swapper",
            $"---[ end {Panic}NMI: Not continuing ]---"));

    [Fact]
    public void A_warning_that_begins_like_an_oops_is_none() =>
        Assert.Equal(Gpf, Reason("BUG: scheduling while atomic: odd/250/0x00000000", "CPU: 1 PID: 250 Comm: odd", Gpf,
            "CPU: 1 PID: 250 Comm: odd", "RIP: 0010:0x6b6b6b6b6b6b6b6b", "BUG: workqueue lockup - pool cpus=0"));

    [Fact]
    public void An_oops_is_named_by_its_heading() =>
        Assert.Equal(Null, Reason("systemd: started", Null, "#PF: supervisor write access in kernel mode", "PGD 0 P4D 0", Die,
            "CPU: 0 PID: 1 Comm: x"));

    /// <summary>Linux 7.2 of arm64 leaves a word out between two spaces.</summary>
    [Theory]
    [InlineData("Internal error: Oops: 0000000096000006 [#1] SMP")]
    [InlineData("Internal error: Oops: 0000000096000006 [#1]  SMP")]
    [InlineData("Internal error: synchronous external abort: 0000000096000010 [#1] PREEMPT SMP")]
    public void An_oops_of_arm64_is_named_by_its_heading(string die) =>
        Assert.Equal("Unable to handle kernel NULL pointer dereference at virtual address 0000000000000000",
            Reason("Unable to handle kernel NULL pointer dereference at virtual address 0000000000000000", "Mem abort info:", die,
                "CPU: 0 UID: 0 PID: 50 Comm: x"));

    /// <summary>
    /// arm64 of 6.12 prints a dozen lines between the heading and the line that numbers the oops; lines of
    /// fixtures/field/crash/arm64-apple-container-null. A wild pointer has one more.
    /// </summary>
    [Theory]
    [InlineData("Unable to handle kernel NULL pointer dereference at virtual address 00000000000000a0")]
    [InlineData("Unable to handle kernel paging request at virtual address dead000000000108",
        "[dead000000000108] address between user and kernel address ranges")]
    [InlineData("Unable to handle kernel access to user memory outside uaccess routines at virtual address 0000ffff8a2b0000")]
    [InlineData("Unable to handle kernel execute from non-executable memory at virtual address ffff0000c1a2b000")]
    public void The_heading_of_arm64_with_the_bad_address_is_found_above_the_registers_of_the_abort(string heading, params string[] more) =>
        Assert.Equal(heading, Reason([heading, "Mem abort info:", "  ESR = 0x0000000096000004",
            "  EC = 0x25: DABT (current EL), IL = 32 bits", "  SET = 0, FnV = 0", "  EA = 0, S1PTW = 0",
            "  FSC = 0x04: level 0 translation fault", "Data abort info:", "  ISV = 0, ISS = 0x00000004, ISS2 = 0x00000000",
            "  CM = 0, WnR = 0, TnD = 0, TagAccess = 0", "  GCS = 0, Overlay = 0, DirtyBit = 0, Xs = 0",
            "user pgtable: 4k pages, 48-bit VAs, pgdp=000000007469f000", .. more,
            "[00000000000000a0] pgd=0000000000000000, p4d=0000000000000000", "Internal error: Oops: 0000000096000004 [#1] SMP",
            "CPU: 1 UID: 42 PID: 8422 Comm: http Not tainted 6.12.28 #1"]));

    [Fact]
    public void A_panic_that_only_ends_an_oops_is_told_with_it()
    {
        Crash crash = Read([Null, Die, "CPU: 0 PID: 1 Comm: x", Panic + "Fatal exception in interrupt",
            "Kernel Offset: 0x1000000 from 0xffffffff81000000"]);
        Assert.Equal((Null, Panic + "Fatal exception in interrupt"), (crash.Panic, crash.Then));
    }

    [Fact]
    public void A_panic_of_its_own_after_an_oops_is_the_reason() =>
        Assert.Equal(Panic + "hung_task: blocked tasks", Reason(Null, Die, "CPU: 0 PID: 1 Comm: x", Panic + "hung_task: blocked tasks"));

    [Fact]
    public void The_first_panic_counts() =>
        Assert.Equal(Panic + "first", Reason(Panic + "first", Panic + "second"));

    [Fact]
    public void Of_several_oopses_the_last_one_stopped_it() =>
        Assert.Equal("kernel BUG at mm/slub.c:435!", Reason(Null, Die, "CPU: 0 PID: 1 Comm: x", "kernel BUG at mm/slub.c:435!",
            "invalid opcode: 0000 [#2] PREEMPT SMP", "CPU: 3 PID: 9 Comm: y"));

    [Fact]
    public void Of_two_CPUs_oopses_that_of_the_crashing_CPU_counts()
    {
        kernel.Memory.U32(kernel.Data("panic_cpu", 4), 1);
        Assert.Equal(Null, Reason(Null, Die, "CPU: 1 PID: 1 Comm: x", "kernel BUG at mm/slub.c:435!", "invalid opcode: 0000 [#2] SMP",
            "CPU: 3 PID: 9 Comm: y"));
    }

    [Fact]
    public void What_a_program_writes_into_the_log_is_not_the_kernel_s() =>
        Assert.Null(Reason("watchdog[7]: last boot said: Kernel panic - not syncing: VFS", "app: Oops: 0002 [#1] SMP"));

    [Fact]
    public void A_program_s_record_is_not_the_kernel_s_even_word_for_word() => Assert.Null(Read([Panic + "quoted"], user: true).Panic);

    [Theory]
    [InlineData("sysrq: Trigger a crash")]
    [InlineData("sysrq: SysRq : Trigger a crash")]
    public void A_crash_on_request_is_one_though_an_old_kernel_makes_it_by_a_fault(string request) =>
        Assert.Equal(request, Reason(request, Null, Die, "CPU: 0 PID: 1 Comm: bash"));

    [Fact]
    public void A_newer_kernel_panics_on_request() =>
        Assert.Equal(Panic + "sysrq triggered crash", Reason("sysrq: Trigger a crash", Panic + "sysrq triggered crash"));

    [Fact]
    public void A_machine_that_runs_on_after_an_oops_has_not_stopped()
    {
        kernel.Memory.U32(kernel.Data("panic_cpu", 4), uint.MaxValue);
        Crash crash = Read([Null, Die, "CPU: 0 PID: 1 Comm: x", "eth0: link up"]);
        Assert.Equal((null, Null, true, (int?)null), (crash.Panic, crash.Survived, crash.Running, crash.Cpu));
    }

    private readonly KernelBuilder kernel = new();

    private string? Reason(params string[] lines) => Read(lines).Panic;

    private Crash Read(string[] lines, bool user = false)
    {
        using Vmcore vmcore = kernel.Open();
        return Crash.Read(vmcore, [.. lines.Select((text, i) =>
            new PrintkRecord((ulong)i, 0, user ? 1 : 0, 6, null, null, Encoding.UTF8.GetBytes(text)))], null);
    }
}
