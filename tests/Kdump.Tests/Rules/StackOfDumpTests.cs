using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class StackOfDumpTests
{
    private const string Head = "PID: 7694   TASK: ffffffea85f81d00  CPU: 1   COMMAND: \"sh\"\n";

    private static string Stack(params string[] functions) =>
        Head + string.Concat(functions.Select((f, i) => $" #{i} [ffffff8012aa3b{i:x2}] {f} at ffffffa601b40b18\n"));

    private static Finding Of(string text) => Explained.Verdict(text).Findings.Single(f => f.Id == "stack-of-dump");

    [Fact]
    public void A_stack_with_sysrqs_crash_was_asked_for()
    {
        Finding finding = Of(Stack("ipanic", "atomic_notifier_call_chain", "panic", "sysrq_handle_crash", "__handle_sysrq",
            "write_sysrq_trigger"));
        Assert.Contains("on purpose", finding.Title, StringComparison.Ordinal);
        Assert.Contains("sh (7694) on CPU 1", finding.Why, StringComparison.Ordinal);
        Assert.Equal(Severity.Info, finding.Severity);
    }

    [Theory]
    [InlineData("exc_general_protection", "asm_exc_general_protection", "general protection")]
    [InlineData("do_page_fault", "page_fault", "nothing is mapped")]
    [InlineData("exc_invalid_op", "asm_exc_invalid_op", "check of the kernel's own")]
    [InlineData("exc_divide_error", "asm_exc_divide_error", "division by zero")]
    public void The_place_of_a_trap_is_what_crash_names_as_interrupted(string handler, string entry, string what)
    {
        Finding finding = Of(Stack("machine_kexec", "__crash_kexec", "crash_kexec", "oops_end", "die", handler, entry) +
            "    [exception RIP: mdc_enqueue+53]\n    RIP: ffffffffc14c0105  RSP: ffff88810cef76f0  RFLAGS: 00010282\n");
        Assert.Equal("the kernel crashed in mdc_enqueue", finding.Title);
        Assert.Contains(what, finding.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mce_panic", "machine check")]
    [InlineData("watchdog_overflow_callback", "hard lockup")]
    [InlineData("watchdog_timer_fn", "soft lockup")]
    [InlineData("check_hung_uninterruptible_tasks", "hung task")]
    [InlineData("out_of_memory", "no memory")]
    public void A_way_into_panic_says_its_name(string function, string what) =>
        Assert.Contains(what, Of(Stack("machine_kexec", "__crash_kexec", "panic", function)).Title, StringComparison.Ordinal);

    [Fact]
    public void Arms_place_is_that_of_pc() =>
        Assert.Equal("the kernel crashed in dwc3_resume", Of(Stack("machine_kexec", "__crash_kexec", "die", "el1_abort", "do_mem_abort") +
            "     PC: ffff800010a3c0b4  [dwc3_resume+36]\n     LR: ffff800010a3c0a0  [dwc3_resume+16]\n").Title);

    [Fact]
    public void A_sleeping_task_says_nothing_of_the_crash()
    {
        Verdict verdict = Explained.Verdict(Stack("__schedule", "schedule", "schedule_timeout", "wait_for_completion"));
        Assert.DoesNotContain(verdict.Findings, f => f.Id == "stack-of-dump");
        Assert.Contains(verdict.Unknowns, u => u.Settle.Contains("bt -p", StringComparison.Ordinal));
    }

    [Fact]
    public void The_kernels_own_report_is_better() =>
        Assert.DoesNotContain(Explained.Verdict(Stack("machine_kexec", "panic", "sysrq_handle_crash") +
            "[    1.0] Kernel panic - not syncing: sysrq triggered crash\n").Findings, f => f.Id == "stack-of-dump");

    /// <summary>drgn and gdb show the caller of panic() or of the handler, not always the function that ends the kernel.</summary>
    [Theory]
    [InlineData("sysrq_handle_crash (drivers/tty/sysrq.c:155:2)", "__handle_sysrq (drivers/tty/sysrq.c:602:4)", "on purpose")]
    [InlineData("page_fault_oops (arch/x86/mm/fault.c:711:3)", "bio_endio (block/bio.c:1594:2)", "bio_endio")]
    public void A_stack_of_a_debugger_ends_where_the_kernel_does(string first, string second, string word)
    {
        Verdict verdict = Explained.Verdict($">>> prog.crashed_thread().stack_trace()\n#0  {first}\n#1  {second}\n" +
            "#2  vfs_write (fs/read_write.c:588:9)\n#3  ksys_write (fs/read_write.c:643:9)\n");
        Assert.DoesNotContain(verdict.Unknowns, u => u.Question.Contains("none of these stacks", StringComparison.Ordinal));
        Assert.Contains(verdict.Findings, f => (f.Title + f.Why).Contains(word, StringComparison.Ordinal));
    }

    [Fact]
    public void A_programs_own_stack_is_not_a_healthy_kernel()
    {
        Verdict verdict = Explained.Verdict("(gdb) bt\n#0  __pthread_kill_implementation (signo=6) at ./nptl/pthread_kill.c:44\n" +
            "#1  __GI_raise (sig=6) at ../sysdeps/posix/raise.c:26\n#2  __GI_abort () at ./stdlib/abort.c:79\n" +
            "#3  0x00005555555a1b2c in main (argc=1, argv=0x7ffe) at server.c:210\n");
        Assert.Empty(verdict.Findings);
        Assert.Contains("a program, not of the kernel, which called abort()", Assert.Single(verdict.Unknowns).Question,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_format_that_panic_was_given_is_no_message()
    {
        Verdict verdict = Explained.Verdict("(gdb) bt\n#0  native_halt () at ./arch/x86/include/asm/irqflags.h:66\n" +
            "#1  panic (fmt=fmt@entry=0xffffffff823a1b50 \"VFS: Unable to mount root fs on %s\") at kernel/panic.c:430\n" +
            "#2  0xffffffff82d8b5ad in mount_block_root (name=<optimized out>) at init/do_mounts.c:259\n");
        Assert.DoesNotContain(verdict.Findings, f => f.Id == "root-not-found");
    }
}
