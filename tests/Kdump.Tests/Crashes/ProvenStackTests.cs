using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Dumps;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Crashes;

/// <summary>An oops after a call through a freed object: the printed stack has only guesses, the dump's own is proven.</summary>
public sealed class ProvenStackTests
{
    private const string WildJump = """
        [    0.000000] Linux version 6.12.0 (x@y) #1 SMP
        [   41.310000] Oops: general protection fault, probably for non-canonical address 0x6b6b6b6b6b6b6b6b: 0000 [#1] PREEMPT SMP NOPTI
        [   41.310001] CPU: 1 UID: 0 PID: 250 Comm: odd_freed Not tainted 6.12.0 #1
        [   41.310002] RIP: 0010:0x6b6b6b6b6b6b6b6b
        [   41.310003] Code: Unable to access opcode bytes at 0x6b6b6b6b6b6b6b41.
        [   41.310004] RSP: 0018:ffffa1 EFLAGS: 00010246
        [   41.310005] Call Trace:
        [   41.310006]  <TASK>
        [   41.310007]  ? odd_poison+0x1f/0x30 [odd]
        [   41.310008]  ? kthread+0xd2/0x100
        [   41.310009]  ? ret_from_fork+0x34/0x50
        [   41.310010]  </TASK>
        [   41.310011] Modules linked in: odd(OE)
        [   41.310012] ---[ end trace 0000000000000000 ]---

        """;

    [Fact]
    public void The_function_that_jumped_is_named_by_the_dump()
    {
        Facts facts = With(Stack(1, 250, panic: false, ("odd_poison.constprop.0", "odd"), ("kthread", null)));
        Crash crash = Assert.Single(facts.Of<Crash>());
        Assert.Equal(("odd_poison", "odd", "general protection fault in odd_poison", true),
            (crash.Function, crash.Module, crash.Title, crash.FromDump));
        Assert.True(crash.Confidence >= 0.9);
        Assert.DoesNotContain(crash.Doubts, d => d.Contains("unwinder", StringComparison.Ordinal));
    }

    [Fact]
    public void Functions_that_are_never_to_blame_are_passed_over() =>
        Assert.Equal("odd_poison", Assert.Single(With(Stack(1, 250, false, ("memcpy", null), ("odd_poison", "odd"))).Of<Crash>()).Function);

    [Theory]
    [InlineData(2, 250)]
    [InlineData(1, 7)]
    public void Another_CPU_s_or_process_s_stack_names_nobody(int cpu, int pid) =>
        Assert.False(Assert.Single(With(Stack(cpu, pid, false, ("odd_poison", "odd"))).Of<Crash>()).FromDump);

    [Fact]
    public void A_stack_that_called_panic_is_not_the_oops_s() =>
        Assert.False(Assert.Single(With(Stack(1, 250, true, ("watchdog", null))).Of<Crash>()).FromDump);

    [Fact]
    public void A_report_that_names_its_function_keeps_it()
    {
        Facts facts = Explained.Facts(WildJump.Replace("? odd_poison", "odd_user", StringComparison.Ordinal));
        Crash told = Assert.Single(facts.Of<Crash>());
        facts.Boot = told.Boot;
        facts.Add(Stack(1, 250, false, ("odd_poison", "odd")));
        ProvenStack.Join(facts);
        Assert.Equal(told.Function, Assert.Single(facts.Of<Crash>()).Function);
        Assert.NotNull(told.Function);
    }

    private static Facts With(DumpCrash dump)
    {
        Facts facts = Explained.Facts(WildJump);
        facts.Boot = facts.Of<Crash>()[0].Boot;
        facts.Add(dump);
        ProvenStack.Join(facts);
        return facts;
    }

    private static DumpCrash Stack(int cpu, int pid, bool panic, params (string Name, string? Module)[] frames) =>
        new(new Source("vmcore", $"CPU {cpu}: x, {frames[0].Name}+0x1f/0x30"), cpu, pid, "x", frames[0].Name, frames[0].Module)
        {
            Frames = [.. frames.Select(f => new DumpFrame(f.Name, f.Module, 0x1f, 0x30))], CalledPanic = panic,
        };
}
