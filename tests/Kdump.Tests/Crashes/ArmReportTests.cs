using Kdump.Diagnosis.Crashes;

namespace Kdump.Tests.Crashes;

/// <summary>What arm64's reports tell by their syndromes, pointers and stacks (arch/arm64/mm/fault.c, kernel/traps.c).</summary>
public sealed class ArmReportTests
{
    private static string Stamped(IEnumerable<string> lines) => string.Concat(lines.Select((l, i) => $"[  100.{i:000000}] {l}\n"));

    private static Crash Report(params string[] lines) => Assert.Single(LogCorpus.Read(Stamped(lines)).Crashes);

    private static string[] Rest(string x2 = "ffff80008c000000") =>
    [
        "Modules linked in: nvme", "CPU: 4 PID: 77 Comm: dd Not tainted 6.8.0-1021-aws #23-Ubuntu",
            "Hardware name: Amazon EC2 m7g.large/, BIOS 1.0",
        "pstate: 60400005 (nZCv daif +PAN -UAO -TCO -DIT -SSBS BTYPE=--)", "pc : nvme_queue_rq+0x54/0x8c0 [nvme]",
        "lr : nvme_queue_rq+0x20/0x8c0 [nvme]", "sp : ffff800011c3bd40",
        "x29: ffff800011c3bd40 x28: ffff0000c0a91d80 x27: 0000000000000000",
        $"x2 : {x2} x1 : 0000000000000010 x0 : {x2}", "Call trace:", " nvme_queue_rq+0x54/0x8c0 [nvme]",
        " blk_mq_dispatch_rq_list+0x120/0x8c0", "Code: d2800000 d65f03c0 f9400021 8b010000 (b9400001)",
            "---[ end trace 0000000000000000 ]---",
    ];

    private static Crash Fault(string head, string esr, string ec, string fsc, string x2 = "ffff80008c000000") => Report(
        [$"Unable to handle kernel {head}", "Mem abort info:", $"  ESR = 0x00000000{esr}", $"  EC = {ec}, IL = 32 bits",
            "  SET = 0, FnV = 0",
            "  EA = 0, S1PTW = 0", $"  FSC = {fsc}", $"Internal error: Oops: 00000000{esr} [#1] PREEMPT SMP", .. Rest(x2)]);

    private static string Says(Crash crash) => string.Join(' ', crash.Clues.Select(c => c.Says).Prepend(crash.Access?.Says ?? ""));

    [Theory]
    [InlineData("ffff80008c000000")]
    [InlineData("fffe80008c000000")]
    public void A_pointer_of_vmalloc_beside_one_of_the_linear_map_is_no_flipped_bit(string x2)
    {
        Crash crash = Fault($"paging request at virtual address {x2[..^1]}8", "96000007", "0x25: DABT (current EL)",
            "0x07: level 3 translation fault", x2);
        Assert.DoesNotContain(crash.Clues, c => c.Meaning == "flipped-bit" && c.Says.Contains("bit 47", StringComparison.Ordinal));
    }

    [Fact]
    public void A_bit_that_no_region_has_is_still_a_flipped_one()
    {
        Crash crash = Fault("paging request at virtual address fffb8000c0a91d88", "96000004", "0x25: DABT (current EL)",
            "0x04: level 0 translation fault", "fffb8000c0a91d80");
        Assert.Contains("bit 50", Assert.Single(crash.Clues, c => c.Meaning == "flipped-bit").Says, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("access to user memory outside uaccess routines at virtual address 0000aaaad5a4f2c0", "9600000f", "0x25: DABT (current EL)",
        "0x0f: level 3 permission fault", "user-memory", "PAN")]
    [InlineData("execution of user memory at virtual address 0000aaaad5a4f2c0", "8600000f", "0x21: IABT (current EL)",
        "0x0f: level 3 permission fault", "executed-user-code", "overwritten")]
    [InlineData("read from unreadable memory at virtual address 0000000000000018", "96000005", "0x25: DABT (current EL)",
        "0x05: level 1 translation fault", "null-member", "0x18")]
    [InlineData("paging request at virtual address dfff800000000003", "96000005", "0x25: DABT (current EL)",
        "0x05: level 1 translation fault", "null-member", "0x18")]
    [InlineData("paging request at virtual address efff800000000001", "96000005", "0x25: DABT (current EL)",
        "0x05: level 1 translation fault", "null-member", "0x10")]
    [InlineData("paging request at virtual address bfff8000100ec7a8", "86000004", "0x21: IABT (current EL)",
        "0x04: level 0 translation fault", "bad-return", "0xffff8000100ec7a8")]
    [InlineData("write to read-only memory at virtual address ffff80008c000010", "9600004f", "0x25: DABT (current EL)",
        "0x0f: level 3 permission fault", "read-only", "may not be written")]
    public void The_address_is_put_into_words(string head, string esr, string ec, string fsc, string meaning, string says)
    {
        Crash crash = Fault(head, esr, ec, fsc);
        Assert.Equal(meaning, crash.Access?.Meaning);
        Assert.Contains(says, crash.Access!.Says, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("paging request at virtual address ffff0000c0a91d80", "96000030", "0x30: TLB conflict abort", "TLB conflict")]
    [InlineData("TLB conflict abort at virtual address ffff0000c0a91d80", "96000030", "0x30: TLB conflict abort", "TLB conflict")]
    [InlineData("paging request at virtual address ffff0000c0a91d80", "96000035", "0x35: implementation fault (unsupported exclusive)",
        "exclusive or atomic instruction")]
    [InlineData("paging request at virtual address ffff80008c000013", "96000021", "0x21: alignment fault", "misaligned")]
    [InlineData("level 0 address size fault at virtual address ffff0000c0a91d80", "96000000", "0x00: ttbr address size fault",
        "page table")]
    public void A_fault_that_no_missing_page_explains_says_so_and_nothing_of_pages(string head, string esr, string fsc, string says)
    {
        Crash crash = Fault(head, esr, "0x25: DABT (current EL)", fsc, "ffff0000c0a91d80");
        Assert.Contains(says, Says(crash), StringComparison.Ordinal);
        Assert.DoesNotContain("nothing mapped there", Says(crash), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("96000045", "a write, level 1 translation fault")]
    [InlineData("0000000086000006", "an instruction fetch, level 2 translation fault")]
    [InlineData("9600000f", "a read, level 3 permission fault")]
    public void Without_its_first_lines_the_oops_still_tells_its_access(string esr, string says) =>
        Assert.Contains(says, Says(Report([$"Internal error: Oops: {esr} [#1] SMP", .. Rest()])), StringComparison.Ordinal);

    [Fact]
    public void The_status_of_32_bit_arm_is_no_syndrome() =>
        Assert.DoesNotContain("syndrome", Says(Report(["Internal error: Oops: 86000007 [#1] PREEMPT SMP ARM", .. Rest()])),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("0xbe000000", "uncategorised")]
    [InlineData("0x00000000be000011", "uncontainable")]
    [InlineData("0x00000000be000411", "unrecoverable")]
    [InlineData("0xbe000c11", "recoverable (UER)")]
    [InlineData("0xbf000002", "own code 0x2")]
    [InlineData("0x00000000bf40c000", "own code 0x40c000")]
    public void An_SError_is_graded_by_its_syndrome_or_its_code_is_the_maker_s(string code, string says) =>
        Assert.Contains(says, Says(Report([$"SError Interrupt on CPU6, code {code} -- SError", .. Rest()])), StringComparison.Ordinal);

    [Theory]
    [InlineData("Internal error: synchronous external abort: 0000000096000410 [#1] SMP", "does not know the address")]
    [InlineData("Internal error: synchronous external abort: 96001010 [#1] SMP", "uncontainable")]
    [InlineData("Synchronous External Abort: synchronous external abort (0x96000610) at 0x0000fffff1a1bfc0", "does not know the address")]
    [InlineData("Unhandled fault: synchronous external abort (0x96000210) at 0xffffff80096c61b0", "a read, a synchronous external abort")]
    [InlineData("Internal error: level 1 (translation table walk): 96000015 [#1] SMP", "level 1 page table")]
    public void An_external_abort_is_no_bad_pointer(string head, string says)
    {
        Crash crash = Report([head, .. Rest()]);
        Assert.Contains(says, Says(crash), StringComparison.Ordinal);
        Assert.Null(crash.Access?.Meaning);
    }

    [Theory]
    [InlineData("Internal error: Oops - BTI: 0000000036000002 [#1] SMP", "no jump may land")]
    [InlineData("Internal error: Oops - FPAC: 0000000072000000 [#1] SMP", "changed after it was signed")]
    [InlineData("Internal error: Oops - GCS: 00000000b4000000 [#1] SMP", "guarded stack")]
    [InlineData("Internal error: Oops - MOPS: 000000009e000000 [#1] SMP", "memory copy instruction")]
    [InlineData("Internal error: Oops - KASAN: 00000000f2000932 [#1] SMP", "its report before this")]
    [InlineData("Internal error: aarch64 BRK: 00000000f20003e8 [#1] SMP", "__builtin_trap")]
    [InlineData("Internal error: UBSAN: array index out of bounds: 00000000f2005512 [#1] SMP", "UBSAN's check")]
    public void A_trap_s_name_gets_a_sentence(string head, string says) =>
        Assert.Contains(says, Says(Report([head, .. Rest()])), StringComparison.Ordinal);

    [Fact]
    public void The_stack_that_overflowed_is_named_and_who_called_himself()
    {
        Crash crash = Report(["Insufficient stack space to handle exception!", "ESR: 0x96000047 -- DABT (current EL)",
            "FAR: 0xffff800011c37f40",
            "Task stack:     [0xffff800011c38000..0xffff800011c3c000]", "IRQ stack:      [0xffff800010000000..0xffff800010004000]",
            "Overflow stack: [0xffff00017fe422e0..0xffff00017fe432e0]", "CPU: 2 PID: 77 Comm: victim Not tainted 5.10.0-9-arm64 #1",
            "pc : walk_tree+0x14/0x40", "lr : walk_tree+0x20/0x40", "Kernel panic - not syncing: kernel stack overflow",
            "CPU: 2 PID: 77 Comm: victim Not tainted 5.10.0-9-arm64 #1", "Hardware name: Maker Board (DT)", "Call trace:",
            " dump_backtrace+0x0/0x1e0", " panic+0x170/0x360", " handle_bad_stack+0x38/0x60", " __bad_stack+0x84/0x88",
            .. Enumerable.Repeat(" walk_tree+0x20/0x40", 12), " outer_work+0x20/0x60", " el0_svc+0x20/0x30"]);
        string says = Says(crash);
        Assert.Contains("192 bytes below the task's stack (16 KiB)", says, StringComparison.Ordinal);
        Assert.Contains("walk_tree() stands 12 times", says, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("G             L", false)]
    [InlineData("G              ", true)]
    public void A_lockup_behind_an_earlier_one_does_not_prove_that_the_CPU_stood(string taint, bool stood)
    {
        Crash crash = Report("watchdog: BUG: soft lockup - CPU#1 stuck for 842s! [udevadm:94]",
            $"CPU: 1 PID: 94 Comm: udevadm Tainted: {taint}    6.5.0-1007-azure #7~22.04.1-Ubuntu", "pc : d_alloc_parallel+0xb8/0x3d8",
            "lr : d_alloc_parallel+0x170/0x3d8", "sp : ffff8000806d3960", "Call trace:", " d_alloc_parallel+0xb8/0x3d8",
                " __lookup_slow+0x70/0x170");
        Assert.Equal(stood, crash.Clues.Any(c => c.Meaning.StartsWith("not-run", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("64-bit el1h sync", "0x0000000002000000 -- Unknown/Uncategorized", "class is 0x00, of an unknown reason")]
    [InlineData("64-bit el1h sync", "0x0000000062300001 -- MSR/MRS (AArch64)", "class is 0x18, an access to a system register")]
    [InlineData("64-bit el1h fiq", "0x00000000c2000000 -- Breakpoint (lower EL)", "class is 0x30, a hardware breakpoint")]
    [InlineData("64-bit el1t sync", "0x000000009a000000 -- SP Alignment", "class is 0x26, a misaligned stack pointer")]
    [InlineData("64-bit el1h sync", "0x00000000fe000000 -- UNRECOGNIZED EC", "0x3f, which the architecture does not give out")]
    public void An_exception_without_a_handler_is_told_by_its_class(string where, string esr, string says) =>
        Assert.Contains(says, Says(Report([$"Unhandled {where} exception on CPU3, ESR {esr}", .. Rest()[1..9],
            .. Enumerable.Repeat("x11: 0000000000000040 x10: ffff8001006ead20 x9 : ffffd0008477c8d4", 8),
            "Kernel panic - not syncing: Unhandled exception", "CPU: 4 PID: 77 Comm: dd Not tainted 6.8.0-1021-aws #23-Ubuntu",
            "Hardware name: Amazon EC2 m7g.large/, BIOS 1.0", "Call trace:", " dump_backtrace+0x9c/0x100", " panic+0x360/0x3c8",
            " el1h_64_sync_handler+0x90/0x98", " el1h_64_sync+0x64/0x68", " nvme_queue_rq+0x54/0x8c0 [nvme]",
            "---[ end Kernel panic - not syncing: Unhandled exception ]---"])), StringComparison.Ordinal);

    [Fact]
    public void An_SError_whose_first_line_is_lost_is_placed_by_the_registers_before_the_panic()
    {
        Crash crash = Report(["CPU: 2 PID: 1924 Comm: irq/120-aerdrv Tainted: G   M                6.18.0 #1", .. Rest()[2..9],
            .. Enumerable.Repeat("x11: 0000000000000040 x10: ffff8001006ead20 x9 : ffffd0008477c8d4", 8),
            "Kernel panic - not syncing: Asynchronous SError Interrupt"]);
        Assert.Contains("The CPU was in nvme_queue_rq()", Says(crash), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, true)]
    [InlineData(2600, false)]
    [InlineData(5200, false)]
    public void A_stalled_CPU_that_hardly_ticked_is_named(int ticks, bool stands)
    {
        Crash crash = Report("rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
            $"rcu:     0-...0: ({ticks} ticks this GP) idle=04cc/1/0x4000000000000000 softirq=38/44 fqs=2579",
            "rcu:     (detected by 3, t=5252 jiffies, g=-1139, q=146 ncpus=4)", "Sending NMI from CPU 3 to CPUs 0:");
        Assert.Equal(stands, Says(crash).Contains("waits for CPU 0, which had 5 timer ticks", StringComparison.Ordinal));
        Assert.Equal(stands, Says(crash).Contains("did not answer the request for its stack", StringComparison.Ordinal));
    }
}
