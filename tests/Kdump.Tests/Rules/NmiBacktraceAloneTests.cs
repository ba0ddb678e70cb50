using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>Backtraces of CPUs whose reason stands in lines that nobody pasted (lib/nmi_backtrace.c).</summary>
public sealed class NmiBacktraceAloneTests
{
    private const string Busy =
        "NMI backtrace for cpu 4\n" +
        "CPU: 4 UID: 0 PID: 14896 Comm: frobd/0 Tainted: G           OE      6.17.0 #1\n" +
        "RIP: 0010:frob_wait_entry+0xb9/0x370 [frob_modeset]\n" +
        "Code: d0 39 f2 7c 04 89 d6 89 c7 83 c1 01 44 39 c9 75 d0\n" +
        "RSP: 0018:ffffcdc8c4f97d28 EFLAGS: 00000246\n";

    private const string Idle = "NMI backtrace for cpu 3 skipped: idling at intel_idle+0x6f/0xb0\n";

    [Theory]
    [InlineData("", "CPU 4 (frobd/0) was in frob_wait_entry() of the module frob_modeset")]
    [InlineData("[  101.000001] ", "CPU 4 (frobd/0) was in frob_wait_entry() of the module frob_modeset")]
    public void Backtraces_without_their_reason_are_asked_about(string stamp, string where)
    {
        string text = string.Concat((Idle + Busy).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => stamp + l + "\n"));
        Verdict verdict = Explained.Verdict(text);
        Unknown unknown = Assert.Single(verdict.Unknowns, u => u.Question.Contains("asked its CPUs", StringComparison.Ordinal));
        Assert.Contains(where, unknown.Question, StringComparison.Ordinal);
        Assert.Contains("frob_wait_entry+0xb9", Assert.Single(unknown.Evidence).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("othing wrong", verdict.Headline, StringComparison.Ordinal);
    }

    [Fact]
    public void An_arm64_CPU_and_one_in_a_program_are_told_as_they_are()
    {
        Verdict verdict = Explained.Verdict(
            "[   90.1] NMI backtrace for cpu 1\n" +
            "[   90.1] CPU: 1 PID: 77 Comm: CPU 0/KVM Not tainted 6.1 #1\n" +
            "[   90.1] pc : frob_poll+0x10/0x40\n" +
            "[   90.2] NMI backtrace for cpu 2\n" +
            "[   90.2] CPU: 2 PID: 9 Comm: cook Not tainted 6.1 #1\n" +
            "[   90.2] RIP: 0033:0x7f12\n");
        string question = Assert.Single(verdict.Unknowns, u => u.Question.Contains("asked its CPUs", StringComparison.Ordinal)).Question;
        Assert.Contains("CPU 1 (CPU 0/KVM) was in frob_poll(); CPU 2 (cook) ran a program", question, StringComparison.Ordinal);
    }

    /// <summary>The place is read as in crash reports, of whatever architecture.</summary>
    [Theory]
    [InlineData("NIP [c000000000391600] frob_spin+0x2e0/0x340")]
    [InlineData("epc : frob_spin+0x2e/0x34")]
    [InlineData("RIP: 0010:[<ffffffff8105a4d5>]  [<ffffffff8105a4d5>] frob_spin+0x5/0x10")]
    public void The_place_is_read_in_every_form_that_a_crash_report_has(string place)
    {
        Verdict verdict = Explained.Verdict("[   90.1] NMI backtrace for cpu 1\n[   90.1] CPU: 1 PID: 77 Comm: cook Kdump: loaded " +
            $"Not tainted 6.1 #1\n[   90.1] {place}\n");
        Assert.Contains("CPU 1 (cook) was in frob_spin()", Assert.Single(verdict.Unknowns).Question, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_that_asked_for_them_tells_the_reason()
    {
        string stall = "[  100.000000] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n" +
            "[  100.000001] rcu: \t4-...!: (1 GPs behind) idle=b4c/1/0x4000 softirq=1/1 fqs=0\n" +
            "[  100.000002] rcu: \t(detected by 0, t=21002 jiffies, g=1, q=2)\n[  100.000003] Sending NMI from CPU 0 to CPUs 4:\n";
        string text = Explained.FirstBoot + stall +
            string.Concat(Busy.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => $"[  100.000004] {l}\n"));
        Assert.DoesNotContain(Explained.Verdict(text).Unknowns, u => u.Question.Contains("asked its CPUs", StringComparison.Ordinal));
    }

    [Fact]
    public void Idle_CPUs_alone_say_nothing() =>
        Assert.DoesNotContain(Explained.Verdict(Explained.FirstBoot + "[  100.000004] " + Idle).Unknowns,
            u => u.Question.Contains("asked its CPUs", StringComparison.Ordinal));
}
