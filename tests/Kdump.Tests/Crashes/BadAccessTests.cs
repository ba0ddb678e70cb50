using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Crashes;

public sealed class BadAccessTests
{
    private const string Rsp = "RSP: 0018:ffffc90000a3fe28 EFLAGS: 00010246";

    /// <summary>A report in today's words of x86.</summary>
    private static string Fault(string heading, string? pf = null,
        string registers = "RAX: ffff888012345678 RBX: 0000000000000000 RCX: 0000000000000001", string rip = "pan_fry+0x12/0x40") =>
        string.Concat(new[]
        {
            heading, pf, "CPU: 0 PID: 1 Comm: cook Not tainted 6.1.0 #1", $"RIP: 0010:{rip}", Rsp, registers, "Call Trace:", " <TASK>",
                " dinner_cook+0x10/0x20",
            " do_syscall_64+0x5b/0xc0", " </TASK>", "Modules linked in: pan [last unloaded: wok(OE)]",
                "---[ end trace 0000000000000000 ]---",
        }.Where(l => l is not null).Select((l, i) => $"[    9.0000{i:00}] {l}\n"));

    private static BadAccess? Of(string log) => Assert.Single(LogCorpus.Read(log).Crashes).Access;

    [Theory]
    [InlineData("0000000000000000", "null")]
    [InlineData("0000000000000028", "null-member")]
    [InlineData("fffffffffffffff4", "error-number")]
    [InlineData("6b6b6b6b6b6b6b83", "freed-memory")]
    [InlineData("5a5a5a5a5a5a5a5a", "uninitialised-memory")]
    [InlineData("dead000000000108", "list-poison")]
    [InlineData("dead000000000122", "list-poison")]
    [InlineData("dead000000100100", "list-poison")] // until 4.3
    [InlineData("dead000000200200", "list-poison")]
    [InlineData("dead000000100108", "list-poison")]
    [InlineData("5deadbeef0000100", "list-poison")] // powerpc
    [InlineData("2f7273752f6e6962", "text")]
    [InlineData("ffdf888012345678", "flipped-bit")]
    public void An_address_tells_what_the_pointer_was(string address, string meaning)
    {
        BadAccess? access = Of(Fault($"BUG: unable to handle page fault for address: {address}",
            "#PF: supervisor read access in kernel mode"));
        Assert.Equal((meaning, "read"), (access?.Meaning, access?.Kind));
    }

    [Theory]
    [InlineData("ffffb3e2c0a40000")] // where vmalloc puts things: anything can be wrong with it
    [InlineData("ffff888012345678")]
    [InlineData("dffffc0000000005")] // KASAN's shadow, one bit from a kernel address
    [InlineData("7f3a9f3a9f3a9f3a")]
    [InlineData("fffffffffffff050")] // between the error numbers there are gaps
    public void An_address_that_tells_nothing_is_at_most_one_where_nothing_is_mapped(string address)
    {
        BadAccess? access = Of(Fault($"BUG: unable to handle page fault for address: {address}",
            "#PF: supervisor read access in kernel mode"));
        Assert.NotNull(access);
        Assert.True(access.Meaning is null or "not-mapped", access.Meaning);
    }

    [Theory]
    [InlineData("000000000ee02800", "low-address")]
    [InlineData("0000000000300300", "low-address")] // looks like the old list poison, and is none
    [InlineData("000055d0c8e01028", "low-address")]
    [InlineData("ffffc04000004000", "not-mapped")]
    public void A_number_of_no_known_kind_says_at_least_that_no_memory_is_there(string address, string meaning) =>
        Assert.Equal(meaning, Of(Fault($"BUG: unable to handle page fault for address: {address}",
            "#PF: supervisor read access in kernel mode"))?.Meaning);

    [Theory]
    [InlineData("74736958", "text", "\"Xist\"")]
    [InlineData("6e6f6c63", "text", "\"clon\"")]
    [InlineData("bf7e1028", "not-mapped", "nothing is mapped")]
    public void A_32_bit_pointer_may_be_letters(string address, string meaning, string says)
    {
        BadAccess? access = Of($"[ 1401.162539] Unable to handle kernel paging request at virtual address {address}\n" +
            "[ 1401.175193] pgd = a19fc000\n[ 1401.191742] Internal error: Oops: 5 [#1] SMP ARM\n" +
            "[ 1401.247309] CPU: 3 PID: 4840 Comm: uptime Not tainted 4.9.33-v7+ #35\n");
        Assert.Equal(meaning, access?.Meaning);
        Assert.Contains(says, access?.Says, StringComparison.Ordinal);
    }

    /// <summary>There the kernel's own addresses are as low as a program's.</summary>
    [Fact]
    public void Machines_whose_kernel_lives_low_are_told_nothing() =>
        Assert.Null(Of("[  100.000000] Unable to handle kernel pointer dereference in virtual kernel address space\n" +
            "[  100.000001] Failing address: 0000000071f2c000 TEID: 0000000071f2c803\n" +
            "[  100.000002] Oops: 0004 ilc:2 [#1] SMP\n" +
            "[  100.000003] Krnl PSW : 0704d00180000000 00000000001a2f3a (pan_fry+0x12/0x40)\n")?.Says);

    [Fact]
    public void A_bit_is_called_flipped_only_where_all_addresses_have_48_bits()
    {
        string log = Fault("general protection fault, probably for non-canonical address 0xffdf888012345678: 0000 [#1] SMP");
        Assert.Equal("flipped-bit", Of(log)?.Meaning);
        Assert.Equal("no-address", Of(log.Replace("RSP: 0018:ffffc900", "RSP: 0018:ff63b100", StringComparison.Ordinal))?.Meaning);
    }

    [Theory]
    [InlineData("BUG: kernel NULL pointer dereference, address: 0000000000000000", "#PF: supervisor instruction fetch in kernel mode",
        "0x0", "null-call")]
    [InlineData("BUG: unable to handle page fault for address: ffffffffc0562220", "#PF: supervisor instruction fetch in kernel mode",
        "0xffffffffc0562220", "unloaded-code")]
    public void A_jump_into_nothing_is_told_apart_from_a_read(string heading, string pf, string rip, string meaning) =>
        Assert.Equal(meaning, Of(Fault(heading, pf, rip: rip))?.Meaning);

    [Fact]
    public void Code_that_is_gone_names_the_module_that_was_unloaded_last() =>
        Assert.Contains("wok was the last module",
            Of(Fault("BUG: unable to handle page fault for address: ffffffffc0562220", "#PF: supervisor instruction fetch in kernel mode",
            rip: "0xffffffffc0562220"))?.Says, StringComparison.Ordinal);

    [Fact]
    public void Data_that_was_called_is_told_by_the_protection_of_its_page() =>
        Assert.Equal(("execute", "executed-data"),
            Of(Fault(
            "kernel tried to execute NX-protected page - exploit attempt? (uid: 0)\n[    9.000000] BUG: unable to handle page fault for " +
            "address: ffffffffc0562220",
            "#PF: supervisor instruction fetch in kernel mode\n[    9.000002] #PF: error_code(0x0011) - permissions violation")) is { } a
                ? (a.Kind, a.Meaning) : default);

    [Theory]
    [InlineData("BUG: unable to handle page fault for address: ffffffff8215ac80",
        "#PF: supervisor write access in kernel mode\n[    9.000002] #PF: error_code(0x0003) - permissions violation")]
    [InlineData("BUG: unable to handle kernel paging request at ffffffff8215ac80", "Oops: 0003 [#1] SMP")]
    public void A_write_to_constants_is_known_by_its_error_code_in_old_kernels_too(string heading, string code) =>
        Assert.Equal(("write", "read-only"), Of(Fault(heading, code)) is { } a ? (a.Kind, a.Meaning) : default);

    [Fact]
    public void Of_a_general_protection_fault_without_an_address_the_register_tells()
    {
        BadAccess? access = Of(Fault("general protection fault: 0000 [#1] SMP",
            registers: "RAX: ffff888012345678 RBX: 6b6b6b6b6b6b6b6b RCX: 0000000000000001"));
        Assert.Equal("freed-memory", access?.Meaning);
        Assert.StartsWith("RBX holds 6b6b6b6b6b6b6b6b", access?.Says, StringComparison.Ordinal);
        Assert.Contains("RBX: 6b6b6b6b6b6b6b6b", access?.Source.Text, StringComparison.Ordinal);
        Assert.Null(Of(Fault("general protection fault: 0000 [#1] SMP")));
    }

    [Fact]
    public void KASAN_names_the_address_behind_its_own() =>
        Assert.Equal((0x28ul, "null-member"),
            Of(Fault("general protection fault, probably for non-canonical address 0xdffffc0000000005: 0000 [#1] PREEMPT SMP KASAN",
            "KASAN: null-ptr-deref in range [0x0000000000000028-0x000000000000002f]")) is { } a ? (a.Address, a.Meaning) : default);

    [Fact]
    public void Arm64_says_by_its_syndrome_whether_it_was_a_write()
    {
        string log = "[   31.000001] Unable to handle kernel NULL pointer dereference at virtual address 0000000000000010\n[   " +
            "31.000002] Mem abort info:\n[   31.000003]   ESR = 0x0000000096000044\n" +
            "[   31.000003]   CM = 0, WnR = 1, TnD = 0, TagAccess = 0\n[   31.000004] Internal error: Oops: 0000000096000044 [#1] SMP\n[ " +
                "  31.000007] pc : grill_turn+0x20/0x50 [grill]\n" +
            "[   31.000010] x29: ffff80008243bc30 x28: 0000000000000000\n[   31.000011] Call trace:\n[   31.000012]  " +
                "grill_turn+0x20/0x50 [grill]\n[   31.000014]  worker_thread+0x1/0x2\n" +
                "[   31.000016] ---[ end trace 0000000000000000 ]---\n";
        Assert.Equal((0x10ul, "write", "null-member"), Of(log) is { } a ? (a.Address, a.Kind, a.Meaning) : default);
    }

    [Fact]
    public void The_verdict_says_what_the_address_tells_and_which_module_is_near()
    {
        string log = Fault("general protection fault, probably for non-canonical address 0xdead000000000108: 0000 [#1] SMP")
            .Replace(" dinner_cook+0x10/0x20", " dinner_cook+0x10/0x20 [dinner]", StringComparison.Ordinal);
        IReadOnlyList<Finding> findings = LogCorpus.Findings(LogCorpus.Read(log));
        Finding oops = Assert.Single(findings, f => f.Id == "kernel-oops");
        Assert.Contains("LIST_POISON1", oops.Why, StringComparison.Ordinal);
        Assert.Contains("dinner_cook() of dinner", oops.Why, StringComparison.Ordinal);
        Assert.Contains(oops.Fixes, f => f.Text.Contains("slub_debug", StringComparison.Ordinal));
    }

    [Fact]
    public void Where_nobody_is_to_blame_the_verdict_says_where_the_CPU_was()
    {
        string log = Fault("BUG: unable to handle page fault for address: ffffffff810f2d60",
            "#PF: supervisor write access in kernel mode\n[    9.000002] #PF: error_code(0x0003) - permissions violation",
            rip: "queued_spin_lock_slowpath+0x12/0x40")
                .Replace(" dinner_cook+0x10/0x20", " _raw_spin_lock+0x10/0x20", StringComparison.Ordinal)
                .Replace(" do_syscall_64+0x5b/0xc0", " _raw_read_lock+0x5b/0xc0", StringComparison.Ordinal);
        Assert.EndsWith("at queued_spin_lock_slowpath",
            Assert.Single(LogCorpus.Findings(LogCorpus.Read(log)), f => f.Id == "kernel-oops").Title, StringComparison.Ordinal);
    }
}
