using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Crashes;

/// <summary>
/// Traps of s390 (arch/s390/kernel/traps.c) and riscv (arch/riscv/kernel/traps.c) by their names, in all forms of the line.
/// </summary>
public sealed class ArchitectureTrapsTests
{
    public static TheoryData<string, string> OfS390 => new()
    {
        { "illegal operation: 0001", "does not know" },
        { "privileged operation: 0002", "a privileged operation" },
        { "execute exception: 0003", "EXECUTE" },
        { "addressing exception: 0005", "no such memory" },
        { "specification exception: 0006", "odd, or not aligned" },
        { "data exception: 0007", "a data exception" },
        { "fixpoint divide exception: 0009", "division" },
        { "special operation exception: 0013", "address-space mode" },
        { "operand exception: 0015", "an operand exception" },
        { "transaction constraint exception: 0218", "transaction" },
        { "space switch event: 001c", "space-switch" },
        { "Unknown program exception: 0028", "access-register" },
    };

    [Theory]
    [MemberData(nameof(OfS390))]
    public void A_program_exception_of_s390_is_told_with_and_without_the_length_of_its_instruction(string heading, string says)
    {
        foreach (string length in new[] { " ilc:2", "" })
        {
            Finding f = Assert.Single(Explained.Findings("kernel-oops", $"""
                [2113471.872311] {heading}{length} [#1] SMP
                [2113471.872373] CPU: 1 PID: 3323 Comm: Thread-44 Not tainted 3.10.0-1062.4.1.el7.s390x #1
                [2113471.872381] Krnl PSW : 0704f00180000000 00000000001067ae (my_func+0x1e/0x20)
                [2113471.872490] Call Trace:
                [2113471.872492] ([<00000000001067ae>] my_func+0x1e/0x20)
                [2113471.872494]  [<0000000000162a4c>] kthread+0xdc/0xe8

                """));
            Assert.Contains($"({heading.Replace(":", "")}) in my_func", f.Title, StringComparison.Ordinal);
            Assert.Contains(says, f.Why, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Unhandled exception: 0028 in program")]
    [InlineData("Machine check exception: 0005 of a test")]
    [InlineData("the operation: 0001 is done [ok]")]
    public void Other_texts_with_such_numbers_are_no_trap(string line) =>
        Assert.Empty(Explained.Findings("kernel-oops", $"[    1.000000] {line}\n"));

    [Theory]
    [InlineData("load access fault", "may read")]
    [InlineData("store (or AMO) access fault", "may write")]
    [InlineData("instruction access fault", "execute from")]
    [InlineData("load address misaligned", "multiple")]
    [InlineData("store (or AMO) address misaligned", "multiple")]
    [InlineData("illegal instruction", "does not know the instruction")]
    [InlineData("environment call from U-mode", "SBI")]
    public void A_trap_of_riscv_is_called_by_its_name(string name, string says)
    {
        Finding f = Assert.Single(Explained.Findings("kernel-oops", $"""
            [   11.662352] Oops - {name} [#1]
            [   11.662595] CPU: 0 PID: 29 Comm: cat Not tainted 5.18.0 #7
            [   11.663180] epc : foo_read+0x10/0x40
            [   11.663341]  ra : vfs_read+0x4e/0x1ac
            [   11.666825] status: 0000000200000120 badaddr: ffffffd801234568 cause: 0000000000000005
            [   11.667207] ---[ end trace 0000000000000000 ]---

            """));
        Assert.Equal($"the kernel crashed: Oops ({name}) in foo_read", f.Title);
        Assert.Contains(says, f.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_small_address_that_the_bus_refused_is_a_NULL_pointer()
    {
        Finding f = Assert.Single(Explained.Findings("kernel-oops", """
            [   11.662352] Oops - load access fault [#1]
            [   11.662595] CPU: 0 PID: 29 Comm: vi Not tainted 5.18.0 #7
            [   11.663180] epc : 0x800d9088
            [   11.666825] status: 00001880 badaddr: 00000001 cause: 00000005
            [   11.667207] ---[ end trace 0000000000000000 ]---

            """));
        Assert.Contains("0x1: a pointer that was NULL", f.Why, StringComparison.Ordinal);
        Assert.DoesNotContain("no clock", f.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void The_head_of_a_crash_session_names_task_and_CPU()
    {
        Finding f = Assert.Single(Explained.Findings("kernel-oops", """
                  KERNEL: /usr/lib/debug/lib/modules/3.10.0-327.el7.ppc64le/vmlinux
                DUMPFILE: vmcore  [PARTIAL DUMP]
                  MEMORY: 37 GB
                   PANIC: "Unable to handle kernel paging request for data at address 0xffffffffffffff70"
                     PID: 11978
                 COMMAND: "vtltape"
                    TASK: c0000001662e7200  [THREAD_INFO: c000000166378000]
                     CPU: 501
                   STATE: TASK_RUNNING (PANIC)

            """));
        Assert.Contains("vtltape (11978) on CPU 501", f.Why, StringComparison.Ordinal);
        Assert.DoesNotContain("37 GB", f.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("isolate_freepages_block", true)]
    [InlineData("foo_read", false)]
    public void A_walk_over_page_descriptors_met_a_hole(string function, bool walks)
    {
        Finding f = Assert.Single(Explained.Findings("kernel-oops", $"""
            [179107.579340] BUG: unable to handle kernel paging request at ffffd0ea82030000
            [179107.587207] #PF error: [normal kernel read fault]
            [179107.598965] Oops: 0000 [#1] SMP NOPTI
            [179107.603147] CPU: 9 PID: 13075 Comm: qemu-system-x86 Not tainted 5.1.3 #1
            [179107.624604] RIP: 0010:{function}+0x97/0x390
            [179107.665673] RDX: 0000000000000000 RSI: 0000000000000000 RDI: ffff90d3bfffcbc0

            """));
        Assert.Equal(walks, f.Why.Contains("struct page", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ffffea0004000008", "0002", "The memory map has none")]
    [InlineData("ffffd0ea82030000", "0000", "probably in the memory map")]
    [InlineData("ffffea0004000008", "0003", null)]
    [InlineData("ffff8880deadbee8", "0002", null)]
    [InlineData("fffffa0004000008", "0002", null)]
    public void Only_a_page_that_is_missing_in_the_memory_map_is_a_hole(string address, string code, string? says)
    {
        Finding f = Assert.Single(Explained.Findings("kernel-oops", $"""
            [  300.000000] BUG: unable to handle page fault for address: {address}
            [  300.000010] #PF: supervisor write access in kernel mode
            [  300.000040] Oops: {code} [#1] PREEMPT SMP NOPTI
            [  300.000050] CPU: 0 PID: 3120 Comm: cat Not tainted 6.1.0-18-amd64 #1
            [  300.000070] RIP: 0010:move_freepages_block+0x10/0x40
            [  300.000110] CR2: {address} CR3: 0000000100000000 CR4: 00000000003506f0

            """));
        Assert.Equal(says is not null, f.Why.Contains("struct page", StringComparison.Ordinal));
        Assert.Contains(says ?? "", f.Why, StringComparison.Ordinal);
    }
}
