using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Crashes.Clues;

namespace Kdump.Tests.Crashes;

/// <summary>Values that are no pointers and were used as one, told by what registers hold.</summary>
public sealed class WrongPointerTests
{
    private static string Arm64(string address, string x0, string release = "5.19.0", string place = "pan_fry+0x20/0xc0") =>
        string.Concat(new[]
        {
            $"Unable to handle kernel paging request at virtual address {address}", "Mem abort info:", "  ESR = 0x0000000096000004",
            "Data abort info:", "  CM = 0, WnR = 0", "Internal error: Oops: 96000004 [#1] PREEMPT SMP", "Modules linked in:",
            $"CPU: 4 PID: 77 Comm: cook Not tainted {release} #1", "Hardware name: Kitchen (DT)", $"pc : {place}",
            "lr : dinner_cook+0x1a8/0x54c", "sp : ffff80000804bb30",
            $"x2 : 0000000000000000 x1 : ffff800009e1e0e8 x0 : {x0}", "Call trace:", " " + place, " dinner_cook+0x1a8/0x54c",
            " ret_from_fork+0x10/0x20", "---[ end trace 0000000000000000 ]---",
        }.Select((l, i) => $"[    2.3773{i:00}] {l}\n"));

    private static BadAccess? Of(string log) => Assert.Single(LogCorpus.Read(log).Crashes).Access;

    [Theory]
    [InlineData("0000000000000005", "ffffffffffffffed", "ENODEV")] // -19 + 0x18
    [InlineData("0000000000000006", "fffffffffffffffe", "ENOENT")] // -2 + 8
    [InlineData("0000000000000003", "fffffffffffffdfb", "EPROBE_DEFER")] // -517 + 0x208
    public void An_error_in_a_register_with_the_place_of_a_member_is_told(string address, string x0, string name)
    {
        BadAccess? access = Of(Arm64(address, x0));
        Assert.Equal("error-number", access?.Meaning);
        Assert.Contains(name, access?.Says, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0000000000000008", "fffffffffffffff8")] // aligned: a member of NULL is as likely
    [InlineData("0000000000000005", "ffff000012345678")]
    public void Without_need_or_proof_it_stays_a_member_of_NULL(string address, string x0) =>
        Assert.Equal("null-member", Of(Arm64(address, x0))?.Meaning);

    [Fact]
    public void A_negative_number_of_32_bits_is_no_address_of_arm64()
    {
        Assert.Equal("negative-number", Of(Arm64("ffffffffb5cb0071", "ffff000012345678"))?.Meaning);
        Assert.NotEqual("negative-number", Of(Arm64("ffffffc0b5cb0071", "ffff000012345678"))?.Meaning);
    }

    [Fact]
    public void A_place_without_its_offset_is_a_place() =>
        Assert.Equal("pan_fry", Assert.Single(LogCorpus.Read(Arm64("00000000000000d8", "0000000000000000", place: "pan_fry")).Crashes)
            .Function);

    [Fact]
    public void What_kfree_was_handed_is_told_and_not_blamed_on_the_allocator()
    {
        string log = string.Concat(new[]
        {
            "Oops: kernel access of bad area, sig: 11 [#1]",
            "NIP: 80047C94 LR: C20487EC SP: 819E5E60 REGS: 819e5db0 TRAP: 0300    Not tainted", "MSR: 00001032 EE: 0 PR: 0",
            "DAR: 00200200, DSISR: 40000000", "TASK = bff80cc0[3] 'events/0' THREAD: 819e4000", "NIP [80047c94] kfree+0x40/0xa4",
            "LR [c20487ec] pan_wash+0x9c/0xb0 [pan]", "Call trace:", " [c20487ec] pan_wash+0x9c/0xb0 [pan]",
            " [80033510] worker_thread+0x17c/0x21c", " [8003754c] kthread+0xb8/0xc0",
        }.Select(l => $"Jul 14 15:29:55 host kernel: {l}\n"));
        Crash crash = Assert.Single(LogCorpus.Read(log).Crashes);
        Assert.Equal(("pan_wash", "list-poison"), (crash.Function, crash.Access?.Meaning));
        Assert.Contains(crash.Clues, c => c.Meaning == "freed-wrongly");
        Assert.DoesNotContain(crash.Clues, c => c.Meaning == "free-list");
    }

    [Fact]
    public void The_same_of_x86_is_read_from_its_first_argument()
    {
        string log = string.Concat(new[]
        {
            "BUG: unable to handle page fault for address: ffffebe000000008", "#PF: supervisor read access in kernel mode",
            "CPU: 0 PID: 1 Comm: cook Not tainted 6.1.0 #1", "RIP: 0010:kfree+0x52/0x1b0", "RSP: 0018:ffffc90000a3fe28 EFLAGS: 00010246",
            "RAX: ffffebe000000000 RBX: 0000000000000000 RCX: 0000000000000001",
            "RDX: 0000000000000000 RSI: ffff888012345678 RDI: dead000000000100", "Call Trace:", " <TASK>", " pan_wash+0x10/0x20 [pan]",
            " do_syscall_64+0x5b/0xc0", " </TASK>", "---[ end trace 0000000000000000 ]---",
        }.Select((l, i) => $"[    9.0000{i:00}] {l}\n"));
        Clue clue = Assert.Single(Assert.Single(LogCorpus.Read(log).Crashes).Clues, c => c.Meaning == "freed-wrongly");
        Assert.Contains("0xdead000000000100", clue.Says, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("private", "private")]
    [InlineData("locked|private|node=0|zone=1|lastcpupid=0x1fffff", "locked")]
    [InlineData("reserved|node=0|zone=0|lastcpupid=0xffff", "reserved")]
    public void A_page_freed_with_flags_of_an_owner_says_whose(string flags, string told)
    {
        Clue clue = Assert.Single(Page(flags).Clues, c => c.Meaning == "page-freed-in-use");
        Assert.Contains(told + " (", clue.Says, StringComparison.Ordinal);
        Assert.DoesNotContain(clue.Fixes, f => f.Text.Contains("memtest", StringComparison.Ordinal));
    }

    [Fact]
    public void Flags_that_no_page_has_together_are_damage() =>
        Assert.Contains(Page("locked|writeback|slab|mlocked|reserved|node=0|zone=1").Clues, c => c.Meaning == "page-record-wrong");

    private static Crash Page(string flags) => Assert.Single(LogCorpus.Read(string.Concat(new[]
    {
        "BUG: Bad page state in process cook  pfn:687de",
        "page:0000000057b8bcb4 refcount:0 mapcount:0 mapping:0000000000000000 index:0x0 pfn:0x687de", $"flags: 0x4000000000002000({flags})",
        "page dumped because: PAGE_FLAGS_CHECK_AT_FREE flag(s) set", "CPU: 1 PID: 602 Comm: cook Not tainted 5.9.1 #2", "Call Trace:",
        " dump_stack+0x84/0xba", " bad_page.cold+0xac/0xb1", " check_free_page_bad+0xb0/0xc0", " pan_wash+0x10/0x20",
    }.Select((l, i) => $"[    9.0000{i:00}] {l}\n"))).Crashes);
}
